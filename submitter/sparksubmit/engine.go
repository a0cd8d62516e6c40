// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package sparksubmit is the engine that runs the real spark-submit as a child.
//
// [Engine] starts it, passes both its streams through line by line and keeps
// their last lines; [Explain] makes an error of them. Identity is never read from what it prints:
// spark-submit prints nothing usable in Spark 3.3 and 3.4, and users' own log settings can silence it.
package sparksubmit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/internal/lines"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// Engine runs spark-submit.
type Engine struct {
	// Path of the spark-submit script.
	Path string
	// Env is the child's environment, as KEY=VALUE.
	Env []string
	// Stdout and Stderr are given each line of the child's streams, without its end; they may be called at the same time.
	Stdout, Stderr func(line string)
	// TempDir is where templates of pods are written for the child; it must be writable.
	TempDir string
	// ExecutorTemplate is that of the executors where the file that the application names for it is none; empty otherwise.
	ExecutorTemplate []byte
	Log              *slog.Logger
}

// Find returns the path of spark-submit in home, the folder that SPARK_HOME names. Every error is a [*problem.Error] with exit code 2.
func Find(home string) (string, error) {
	const hint = "run submitter in an image made from a Spark image, or name Spark's folder with --spark-home"
	if !runsHere {
		return "", problem.Usage("give --engine=native, or use a Linux or macOS machine or a container", "spark-submit is not run on %s", runtime.GOOS)
	}
	if home == "" {
		return "", problem.Usage(hint, "SPARK_HOME is not set, so there is no spark-submit to run")
	}
	path := filepath.Join(home, "bin", "spark-submit")
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", problem.Usage(hint, "SPARK_HOME %s has no bin/spark-submit", home)
	case info.IsDir() || info.Mode().Perm()&0o111 == 0:
		return "", problem.Usage(hint, "%s cannot be executed", path)
	}
	return path, nil
}

// Name is the engine's name in results.
func (e Engine) Name() string { return "spark-submit" }

// Argv is the child's argument list: ours at the end of the options, where --conf wins over the same key before it.
func Argv(plan submitter.Plan) []string {
	app := plan.Application
	app.Options = slices.Clone(app.Options)
	keys := make([]string, 0, len(plan.Conf))
	for key := range plan.Conf {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		app.Options = append(app.Options, submitter.Option{Name: "--conf", Value: key + "=" + plan.Conf[key]})
	}
	return app.Argv()
}

// stubborn is how long a child may take to end when it was asked to.
const stubborn = 3 * time.Second

// Submit runs spark-submit to its end. When ctx ends, the child is asked to end with
// SIGTERM, and waited for a moment; it is never killed between two of its calls. What it says of its work is not enough to know what it made.
func (e Engine) Submit(ctx context.Context, plan submitter.Plan) (submitter.Made, error) {
	return submitter.Made{}, e.run(ctx, plan)
}

func (e Engine) run(ctx context.Context, plan submitter.Plan) error {
	var out, errs lines.Tail
	keep := func(last *lines.Tail, pass func(string)) func(string) {
		return func(line string) {
			last.Add(line)
			pass(line)
		}
	}
	plan, remove, err := e.withTemplates(plan)
	if err != nil {
		return problem.New(xcom.ExitRefused, xcom.CategoryConfig, "NoTemporaryFile", "make the folder for temporary files writable, or name another with TMPDIR", "%w", err)
	}
	defer remove()
	cmd := exec.CommandContext(ctx, e.Path, Argv(plan)...)
	cmd.Env = e.Env
	ownGroup(cmd)
	start := time.Now()
	done := make(chan error, 1)
	go func() { done <- runLines(cmd, keep(&out, e.Stdout), keep(&errs, e.Stderr)) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(stubborn):
			return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "look for the driver by its name",
				"spark-submit does not end when it is asked to, and what it has made is not known")
		}
	}
	e.Log.Info("spark-submit ended", "exit_code", cmd.ProcessState.ExitCode(), "after", time.Since(start).Round(time.Millisecond).String())
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return Explain(exitCode(exit), append(out.Lines(), errs.Lines()...))
	case cmd.ProcessState != nil && cmd.ProcessState.Success():
		// It had done its work when the context ended.
		return nil
	case ctx.Err() != nil:
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "stopped before spark-submit was started: %w", context.Cause(ctx))
	default:
		return problem.New(xcom.ExitRefused, xcom.CategoryConfig, "StartFailed", "check that the image has bash and java", "start spark-submit: %w", err)
	}
}

// withTemplates writes templates of pods into a folder of its own and has the child read them there; remove removes it.
func (e Engine) withTemplates(plan submitter.Plan) (with submitter.Plan, remove func(), err error) {
	if len(plan.Template) == 0 && len(e.ExecutorTemplate) == 0 {
		return plan, func() {}, nil
	}
	dir, err := os.MkdirTemp(e.TempDir, "submitter-")
	if err != nil {
		return plan, nil, fmt.Errorf("make folder for templates of pods: %w", err)
	}
	// What is left of it after a failure is in nobody's way.
	remove = func() { _ = os.RemoveAll(dir) }
	conf := maps.Clone(plan.Conf)
	if conf == nil {
		conf = map[string]string{}
	}
	for _, t := range []struct {
		key, file string
		text      []byte
	}{{submitter.ConfTemplate, "driver.yaml", plan.Template}, {submitter.ConfExecutorTemplate, "executor.yaml", e.ExecutorTemplate}} {
		if len(t.text) == 0 {
			continue
		}
		path := filepath.Join(dir, t.file)
		if err := os.WriteFile(path, t.text, 0o600); err != nil {
			remove()
			return plan, nil, fmt.Errorf("write template of a pod: %w", err)
		}
		// As a URL: Spark would take a # in a plain path for a URI's.
		conf[t.key] = (&url.URL{Scheme: "file", Path: path}).String()
	}
	plan.Conf = conf
	return plan, remove, nil
}

// Describe is the user's part of the child's command line for the log, the values that look secret masked.
func Describe(plan submitter.Plan) string {
	var out strings.Builder
	for _, word := range plan.Application.Secrets().Redact(plan.Application.Argv()) {
		if word == "" || strings.ContainsAny(word, " \t\n\"'$\\`*?&;|<>(){}[]!#") {
			word = fmt.Sprintf("%q", word)
		}
		out.WriteString(" " + word)
	}
	return "spark-submit" + out.String()
}
