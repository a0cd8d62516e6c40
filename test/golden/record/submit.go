// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
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

// classes returns the JVM's flag for an archive of the classes that spark-submit loads, which halves its work: the
// flag that makes one for the first caller, none while that runs, the one that uses it for those after it.
func (r *recorder) classes(version string) (flag string, done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	path := filepath.Join(r.archives, version+".jsa")
	if _, err := os.Stat(path); err == nil {
		return "-XX:SharedArchiveFile=" + path, func() {}
	}
	if r.archiving[version] {
		return "", func() {}
	}
	r.archiving[version] = true
	return "-XX:ArchiveClassesAtExit=" + path + ".new", func() {
		os.Rename(path+".new", path) //nolint:errcheck // then it is made again
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

// sentence is what a failed spark-submit says: the exception's first line and its last cause, or its own error.
func (o outcome) sentence() string {
	first, cause := "", ""
	for line := range strings.Lines(o.output) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "Exception in thread "), strings.HasPrefix(line, "Error: "), strings.HasPrefix(line, "Unrecognized option"):
			if first == "" {
				first = line
			}
		case strings.HasPrefix(line, "Caused by: "):
			cause = line
		}
	}
	if _, said, _ := strings.Cut(cause, ": "); cause != "" && !strings.HasSuffix(first, said) {
		first += "\n" + cause
	}
	return fmt.Sprintf("exit %d\n%s\n", o.code, first)
}
