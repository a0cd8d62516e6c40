// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package cli is what the three programs share: the process around them ([Env]), their
// flags, their log, the way a result leaves ([outbox]), and the one place where an error becomes
// text and an exit code ([Report]). [Submitter] and [Sensor] are the programs.
package cli

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/internal/kube"
)

// Env is the process a program runs in.
type Env struct {
	// Program is what the process was called as, without its folder and Windows' .exe.
	Program string
	// Args are the arguments without the program's name.
	Args []string
	// Environ is the environment as KEY=VALUE, Getenv looks one up.
	Environ []string
	Getenv  func(string) string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	// Start is when the process began its work.
	Start time.Time
}

// Process is the Env of this process, whose standard error is ours alone from now on.
func Process() Env {
	quietClientGo()
	return Env{
		Program: strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), Args: os.Args[1:], Environ: os.Environ(), Getenv: os.Getenv,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: newScreen(os.Stderr, os.Getenv("TERM")), Start: time.Now(),
	}
}

// clusterFlags are kubectl's own flags for a cluster.
type clusterFlags struct {
	kubeconfig, context, namespace string
	// as is the user to act as; empty for the one that the kubeconfig says.
	as string
}

func (f *clusterFlags) add(flags *flagSet) {
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "kubeconfig to use; without it $KUBECONFIG, else the pod's service account, else ~/.kube/config")
	flags.StringVar(&f.context, "context", "", "context in the kubeconfig; without it the current one")
	flags.StringVarP(&f.namespace, "namespace", "n", "", "namespace of the driver; without it the pod's or the context's own")
}

func (f clusterFlags) connect(env Env, program, master string) (*kube.Cluster, error) {
	return kube.Connect(kube.Options{
		Kubeconfig: f.kubeconfig, Context: f.context, KubeconfigEnv: env.Getenv("KUBECONFIG"),
		Master: master, UserAgent: program + "/" + Version(), As: f.as,
	})
}

// without is the process with variables unset.
func (e Env) without(names ...string) Env {
	getenv := e.Getenv
	e.Getenv = func(name string) string {
		if slices.Contains(names, name) {
			return ""
		}
		return getenv(name)
	}
	e.Environ = slices.DeleteFunc(slices.Clone(e.Environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(names, name)
	})
	return e
}
