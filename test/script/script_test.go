// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package script pins what the programs print and how they end, from outside: each
// file under testdata is a script that runs the real programs against the double
// of the API server and a fake spark-submit.
package script

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

func TestMain(m *testing.M) {
	// A script waits for programs to start and for time to pass more than it works. What the command line says comes later, and counts.
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"submitter": func() { os.Exit(cli.Submitter(context.Background(), cli.Process())) },
		"sensor":    func() { os.Exit(cli.Sensor(context.Background(), cli.Process())) },
		"sparkctl":  func() { os.Exit(sparkctl.Run(context.Background(), cli.Process())) },
		// sparkctl under the names that kubectl calls its plugin by.
		"kubectl-spark":          func() { os.Exit(sparkctl.Run(context.Background(), cli.Process())) },
		"kubectl_complete-spark": func() { os.Exit(sparkctl.Run(context.Background(), cli.Process())) },

		"fake-spark-submit": func() { os.Exit(fakeSparkSubmit(os.Args[1:])) },
		"exits":             func() { os.Exit(exits(os.Args[1:])) },
		"scrape":            func() { os.Exit(scrape(os.Args[1])) },
		"terminal":          func() { os.Exit(terminal(os.Args[1:])) },
		"kubectl-stand-in":  func() { os.Exit(standIn(kubectlStandIn)) },
	})
}

// serverKey is where a script's environment keeps its API server.
type serverKey struct{}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		// UPDATE_SCRIPTS=1 writes what is compared by cmp into the scripts: to be read before it is believed.
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:         setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"pod":     podCommand,
			"server":  serverCommand,
			"object":  objectCommand,
			"make":    makeCommand,
			"stand":   standCommand,
			"deny":    denyCommand,
			"event":   eventCommand,
			"permit":  permitCommand,
			"awaits":  awaitsCommand,
			"waitfor": waitFor,
			"sigterm": sigterm,
			"jsonlog": jsonLog,

			"webui": webUICommand,
			"fetch": fetchCommand,

			"requests": requestsCommand,
		},
	})
}

// setup gives a script an API server, a kubeconfig that leads to it, and a SPARK_HOME.
func setup(e *testscript.Env) error {
	server := apiserver.New(apiserver.Options{Resources: []apiserver.Resource{
		{Group: "scheduling.volcano.sh", Version: "v1beta1", Name: "podgroups", Kind: "PodGroup"},
	}})
	web := httptest.NewServer(server)
	e.Defer(web.Close)
	e.Values[serverKey{}] = server
	e.Values[webUIsKey{}] = map[string]*httptest.Server{}
	kubeconfig := filepath.Join(e.WorkDir, "kubeconfig")
	sparkHome := filepath.Join(e.WorkDir, "spark")
	// With the race detector a program sleeps for a second before it ends unless it is told not to.
	e.Setenv("GORACE", "atexit_sleep_ms=0")
	e.Setenv("KUBECONFIG", kubeconfig)
	e.Setenv("SPARK_HOME", sparkHome)
	e.Setenv("SERVER", web.URL)
	e.Setenv("SPARKCTL_TERMINATION_LOG", filepath.Join(e.WorkDir, "termination-log"))
	if err := os.MkdirAll(filepath.Join(sparkHome, "bin"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(kubeconfig, []byte(kubeconfigOf(web.URL, "default")), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(sparkHome, "bin", "spark-submit"), []byte("#!/bin/sh\nexec fake-spark-submit \"$@\"\n"), 0o755)
}

// podCommand is "pod ACTION NAME [ARGUMENT]": what happens to a pod in the namespace default, or to its
// container if NAME is POD/CONTAINER; without one the driver's is meant. In what it logs, \e is an escape.
func podCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: pod run|terminate|finish|delete|log NAME [ARGUMENT]")
	}
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if !ok {
		ts.Fatalf("this script has no API server")
	}
	name, container, named := strings.Cut(args[1], "/")
	if !named {
		container = "spark-kubernetes-driver"
	}
	done := true
	switch args[0] {
	case "run":
		done = server.Schedule("default", name, "node-1") && server.Run("default", name)
	case "terminate":
		code, err := strconv.Atoi(args[2])
		ts.Check(err)
		done = server.Terminate("default", name, container, int32(code))
	case "finish":
		code, err := strconv.Atoi(args[2])
		ts.Check(err)
		done = server.FinishDeletion("default", name, int32(code))
	case "delete":
		done = server.Remove("pods", "default", name)
	case "log":
		server.AppendLog("default", name, container, strings.ReplaceAll(args[2], `\e`, "\x1b")+"\n")
	default:
		ts.Fatalf("pod %s is not known", args[0])
	}
	if !done {
		ts.Fatalf("pod %s %s: there is no such pod, or it cannot", args[0], name)
	}
}

// serverCommand is "server down": no connection comes about any more, and those that stand break; or "server cut": those that stand end.
func serverCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 1 || args[0] != "down" && args[0] != "cut" {
		ts.Fatalf("usage: server down|cut")
	}
	if args[0] == "cut" {
		server.CutStreams(apiserver.EOF, func(apiserver.Request) bool { return true })
		server.CutForwards()
		return
	}
	server.SetFault(func(*apiserver.Request) apiserver.Action {
		return apiserver.Action{Skip: true, Lose: apiserver.Reset}
	})
	server.CutStreams(apiserver.Reset, func(apiserver.Request) bool { return true })
}

// waitFor is "waitfor FILE TEXT": until the file holds the text.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE TEXT")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(text), args[1]) {
			return
		}
	}
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Fatalf("%s never held %q: %s %v", args[0], args[1], text, err)
}

// sigterm is "sigterm FILE": ends the process whose id the file holds.
func sigterm(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sigterm FILE")
	}
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(syscall.Kill(pid, syscall.SIGTERM))
}
