// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/test/golden"
)

// limit is how long one spark-submit may take.
const limit = 5 * time.Minute

// jvm makes a short-lived JVM cheap.
const jvm = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xlog:disable"

// classes returns the JVM's flag for an archive of the classes that spark-submit loads, which halves its work; none before there is one. The first
// caller for a version makes it, by a run of its own: a JVM that cannot write its archive ends with 1 and says nothing, whatever spark-submit did.
func (r *recorder) classes(ctx context.Context, version string) string {
	path := filepath.Join(r.archives, version+".jsa")
	r.mu.Lock()
	first := !r.archiving[version]
	r.archiving[version] = true
	r.mu.Unlock()
	if first {
		r.archive(ctx, version, path)
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return "-XX:SharedArchiveFile=" + path
}

// archive makes the archive by a submission that nobody looks at. If that fails, spark-submit only takes longer.
func (r *recorder) archive(ctx context.Context, version, path string) {
	argv := append(golden.Cluster(), "local:///app.py")
	_, err := r.play(ctx, job{golden.Case{Name: "classes", Argv: argv}, version}, "-XX:ArchiveClassesAtExit="+path+".new")
	if err == nil {
		_ = os.Rename(path+".new", path)
	}
}

// outcome is how one spark-submit ended.
type outcome struct {
	code   int
	output string
}

// submit runs the real spark-submit of a Spark distribution for a case whose placeholders are replaced, in folder dir.
func submit(ctx context.Context, home, dir, classes string, c golden.Case) (outcome, error) {
	for name, text := range c.Files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return outcome{}, err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return outcome{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	command := exec.CommandContext(ctx, "nice", append([]string{"-n", "15", filepath.Join(home, "bin/spark-submit")}, c.Argv...)...)
	command.Dir = dir
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "JAVA_HOME=" + os.Getenv("JAVA_HOME"), "HOME=" + dir, "SPARK_HOME=" + home,
		"LANG=C.UTF-8", "TZ=UTC", "HADOOP_USER_NAME=" + golden.User, "KUBECONFIG=" + filepath.Join(dir, "no-kubeconfig"),
		"SPARK_LAUNCHER_OPTS=" + jvm, "SPARK_SUBMIT_OPTS=" + jvm + " " + classes,
	}, c.Env...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if command.ProcessState == nil || ctx.Err() != nil {
		return outcome{}, fmt.Errorf("run spark-submit: %w", err)
	}
	return outcome{code: command.ProcessState.ExitCode(), output: output.String()}, nil
}

// reason is what a failed spark-submit says: the exception's first line and its last cause, or its own error, or how it is used.
func (o outcome) reason() string {
	first, cause, usage := "", "", ""
	for line := range strings.Lines(o.output) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "Exception in thread "), strings.HasPrefix(line, "Error: "), strings.HasPrefix(line, "Unrecognized option"):
			if first == "" {
				first = line
			}
		case strings.HasPrefix(line, "Caused by: "):
			cause = line
		case strings.HasPrefix(line, "Usage: ") && usage == "":
			usage = line
		}
	}
	if _, said, _ := strings.Cut(cause, ": "); cause != "" && !strings.HasSuffix(first, said) {
		first += "\n" + cause
	}
	return cmp.Or(first, usage)
}

// sentence is how spark-submit ended, as it is recorded.
func (o outcome) sentence() string {
	if o.code == 0 {
		return "exit 0\n\n"
	}
	return fmt.Sprintf("exit %d\n%s\n", o.code, o.reason())
}
