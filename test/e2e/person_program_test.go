// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// personPatience is how long one command of a person may take on a small, busy machine.
const personPatience = 6 * time.Minute

// makeSparkctl builds the program that people have, once.
var makeSparkctl = sync.OnceValues(func() (string, error) {
	program, err := filepath.Abs(filepath.Join(root, "dist/e2e/sparkctl"))
	if err != nil {
		return "", err
	}
	return program, buildProgram(context.Background(), "./cmd/sparkctl", program)
})

// A person is somebody with sparkctl, a kubeconfig, and the rights that sparkctl itself says they need.
type person struct {
	*cluster
	program string
	env     []string
	folder  string
}

// newPerson gives somebody what `sparkctl rbac --for cli` prints with these further arguments, and nothing else.
func (c *cluster) newPerson(t *testing.T, rbac ...string) *person {
	t.Helper()
	program, err := makeSparkctl()
	if err != nil {
		t.Fatal(err)
	}
	p := &person{cluster: c, program: program, folder: t.TempDir()}
	p.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.folder, "USER=person"}
	role := filepath.Join(p.folder, "role.yaml")
	rbac = append([]string{"rbac", "--for", "cli", "--service-account", "person", "-n", c.namespace}, rbac...)
	write(t, role, p.run(t, rbac...).ends(t, 0).stdout)
	c.apply(t, role)
	p.cluster = c.as(t, "person")
	p.env = append(p.env, "KUBECONFIG="+p.kubeconfig)
	return p
}

// file writes an example into the person's folder, with the words of pairs changed as [strings.NewReplacer] does.
func (p *person) file(t *testing.T, example string, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples", example))
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(pairs); n += 2 {
		if !strings.Contains(string(text), pairs[n]) {
			t.Fatalf("%s does not hold %q", example, pairs[n])
		}
	}
	path := filepath.Join(p.folder, filepath.Base(example))
	write(t, path, strings.NewReplacer(pairs...).Replace(string(text)))
	return path
}

// said is what a command has printed, and how it ended.
type said struct {
	command        string
	code           int
	stdout, stderr string
	took           time.Duration
}

// run runs sparkctl to its end.
func (p *person) run(t *testing.T, args ...string) said {
	t.Helper()
	return p.start(t, args...).wait()
}

// A terminal is one in which a command runs.
type terminal struct {
	line           string
	stdout, stderr *lockedBuffer
	// over is closed when the command has ended.
	over chan struct{}
	// wait waits for the command's end.
	wait func() said
}

// start starts sparkctl, as in another terminal.
func (p *person) start(t *testing.T, args ...string) *terminal {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), personPatience)
	command := exec.CommandContext(ctx, p.program, args...)
	command.Env, command.Dir = p.env, p.folder
	running := &terminal{line: "sparkctl " + strings.Join(args, " "), stdout: &lockedBuffer{}, stderr: &lockedBuffer{}, over: make(chan struct{})}
	command.Stdout, command.Stderr = running.stdout, running.stderr
	began := time.Now()
	if err := command.Start(); err != nil {
		cancel()
		t.Fatalf("start %s: %v", running.line, err)
	}
	done := make(chan said, 1)
	go func() {
		// How it ended is in its ProcessState, and what it waited for in ctx.
		_ = command.Wait()
		close(running.over)
		done <- said{running.line, command.ProcessState.ExitCode(), running.stdout.String(), running.stderr.String(), time.Since(began).Round(time.Millisecond)}
	}()
	running.wait = sync.OnceValue(func() said {
		defer cancel()
		end := <-done
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("%s has not ended within %s:\n%s%s", running.line, personPatience, end.stderr, end.stdout)
		}
		t.Logf("%s: exit code %d after %s", running.line, end.code, end.took)
		return end
	})
	t.Cleanup(func() {
		cancel()
		running.wait()
	})
	return running
}

// shows waits until standard output matches a pattern, in which ^ and $ are ends of lines, and returns the match.
func (r *terminal) shows(t *testing.T, pattern string) string {
	t.Helper()
	match, found := regexp.MustCompile("(?m)"+pattern), ""
	r.until(t, "say "+pattern, func() bool {
		found = match.FindString(r.stdout.String())
		return found != ""
	})
	return found
}

// until waits for something that only comes while the command runs.
func (r *terminal) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(personPatience); !done(); time.Sleep(50 * time.Millisecond) {
		select {
		case <-r.over:
			t.Fatalf("%s has ended and did not %s:\n%s%s", r.line, what, r.stderr, r.stdout)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not %s:\n%s%s", r.line, what, r.stderr, r.stdout)
		}
	}
}

// browses asks the web UI whose URL the command has printed for its applications, until the answer holds a text.
func (r *terminal) browses(t *testing.T, holds string) {
	t.Helper()
	url := r.shows(t, `^http://127\.0\.0\.1:\d+$`) + "/api/v1/applications"
	r.until(t, "answer with "+holds, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false // it has not begun
		}
		defer func() { _ = response.Body.Close() }()
		page, err := io.ReadAll(response.Body)
		return err == nil && strings.Contains(string(page), holds)
	})
}

// ends checks the exit code.
func (s said) ends(t *testing.T, code int) said {
	t.Helper()
	if s.code != code {
		t.Fatalf("%s ended with %d, want %d:\n%s%s", s.command, s.code, code, s.stderr, s.stdout)
	}
	return s
}

// shows checks that standard output matches each of the patterns, in which ^ and $ are ends of lines.
func (s said) shows(t *testing.T, patterns ...string) said {
	t.Helper()
	return s.matches(t, "standard output", s.stdout, patterns)
}

// tells checks the same of standard error.
func (s said) tells(t *testing.T, patterns ...string) said {
	t.Helper()
	return s.matches(t, "standard error", s.stderr, patterns)
}

func (s said) matches(t *testing.T, where, text string, patterns []string) said {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile("(?m)" + pattern).MatchString(text) {
			t.Errorf("%s does not say %q on %s:\n%s%s", s.command, pattern, where, s.stderr, s.stdout)
		}
	}
	return s
}

// name is what -o name has printed: one name.
func (s said) name(t *testing.T) string {
	t.Helper()
	name := strings.TrimSuffix(s.stdout, "\n")
	if name == "" || strings.ContainsAny(name, "\n ") {
		t.Fatalf("%s did not print one name but %q\n%s", s.command, s.stdout, s.stderr)
	}
	return name
}

// template writes a pod template of the demo into the person's folder.
func (p *person) template(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples/demo/templates.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var templates corev1.ConfigMap
	if err := yaml.Unmarshal(text, &templates); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(p.folder, name)
	write(t, path, templates.Data[name])
	return path
}
