// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// manyStarts is how long a launcher may take beside many others on a small, busy machine.
const manyStarts = 20 * time.Minute

// frugal are a JVM's options that cost the least here.
const frugal = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"

// runTools are what launchers as plain processes need, made once.
type runTools struct{ submitter, sparkHome, templates string }

var makeTools = sync.OnceValues(func() (runTools, error) {
	folder, err := filepath.Abs(filepath.Join(root, "dist/e2e"))
	if err != nil {
		return runTools{}, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return runTools{}, err
	}
	made := runTools{submitter: filepath.Join(folder, "submitter")}
	if err := buildProgram(context.Background(), "./cmd/submitter", made.submitter); err != nil {
		return runTools{}, err
	}
	made.templates = folder + "/"
	if err := made.writeTemplates(); err != nil {
		return runTools{}, err
	}
	home := exec.Command("hack/cluster/cluster", "spark-home", newestSpark)
	home.Dir, home.Stderr = root, os.Stderr
	out, err := home.Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	made.sparkHome = lines[len(lines)-1]
	if err != nil {
		return runTools{}, fmt.Errorf("find Spark: %w", err)
	}
	return made, nil
})

// buildProgram builds one of our programs as `make build` does.
func buildProgram(ctx context.Context, pkg, program string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "nethttpomithttp2", "-ldflags", "-s -w", "-o", program, pkg)
	command.Dir, command.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// writeTemplates writes the pod templates of the example to where every launcher reads them: their paths are part of
// what tells one application from another.
func (m runTools) writeTemplates() error {
	text, err := os.ReadFile(filepath.Join(root, "examples/demo/templates.yaml"))
	if err != nil {
		return err
	}
	var templates corev1.ConfigMap
	if err := yaml.Unmarshal(text, &templates); err != nil {
		return fmt.Errorf("parse the pod templates: %w", err)
	}
	for name, template := range templates.Data {
		if err := os.WriteFile(m.templates+name, []byte(template), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// A process is a launcher that runs as a plain process with a spark-submit on this machine, alone in a PID
// namespace: what kills it kills all that it has started, as the end of a container does.
type process struct {
	*recorder

	command        *exec.Cmd
	stdout, stderr *lockedBuffer
	done           chan struct{}
	started        time.Time
}

// lockedBuffer can be read while it is written to.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// newProcess prepares a launcher, and a recorder before it. pod is the name of the pod that it says it runs in; without
// one it runs in none.
func (c *cluster) newProcess(t *testing.T, l launch, pod string) *process {
	t.Helper()
	tools, err := makeTools()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	temporary := filepath.Join(folder, "files #1") // a path that would be something else as a URI
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	p := &process{recorder: c.newRecorder(t), stdout: &lockedBuffer{}, stderr: &lockedBuffer{}, done: make(chan struct{})}
	kubeconfig := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "proxy",
		"clusters": [{"name": "proxy", "cluster": {"server": %q}}], "users": [{"name": "none", "user": {}}],
		"contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "none", "namespace": %q}}]}`, p.server.URL, c.namespace)
	write(t, filepath.Join(folder, "kubeconfig"), kubeconfig)
	args := c.launcherPod(l.key, l).Spec.Containers[0].Args
	p.command = exec.Command(tools.submitter)
	for _, arg := range args {
		p.command.Args = append(p.command.Args, strings.Replace(arg, "/templates/", tools.templates, 1))
	}
	p.command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + temporary, "SPARK_HOME=" + tools.sparkHome,
		"SPARKCTL_KUBECONFIG=" + filepath.Join(folder, "kubeconfig"), "SPARKCTL_NAMESPACE=" + c.namespace,
		"SPARK_LAUNCHER_OPTS=" + frugal, "SPARK_SUBMIT_OPTS=" + frugal + " -Djava.io.tmpdir=" + folder,
	}
	if home := os.Getenv("JAVA_HOME"); home != "" {
		p.command.Env = append(p.command.Env, "JAVA_HOME="+home)
	}
	if pod != "" {
		p.command.Env = append(p.command.Env, "POD_NAME="+pod, "POD_NAMESPACE="+c.namespace, "POD_UID=uid-of-"+pod)
	}
	p.command.Stdout, p.command.Stderr = p.stdout, p.stderr
	p.command.SysProcAttr = alone()
	return p
}

// alone makes a process the first one of a PID namespace.
func alone() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
	return attributes
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start starts it.
func (p *process) start(t *testing.T) {
	t.Helper()
	p.started = time.Now()
	if err := p.command.Start(); err != nil {
		t.Fatalf("start submitter: %v", err)
	}
	go func() {
		defer close(p.done)
		// How it ended is in its ProcessState.
		_ = p.command.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the submitter said\n%s%s\nand asked\n%s", p.stderr, p.stdout, p.told())
		}
	})
}

// kill ends it and all that it has started with SIGKILL, and returns when nothing of that is left.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.done
}

// end waits for its end.
func (p *process) end(t *testing.T) ended {
	t.Helper()
	timer := time.NewTimer(manyStarts)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		t.Fatalf("the submitter has not ended after %s", manyStarts)
	case <-t.Context().Done():
		t.Fatal(context.Cause(t.Context()))
	}
	line := lastLine(p.stdout.String())
	if line == "" {
		t.Fatalf("the submitter ended with %s and without a result", p.command.ProcessState)
	}
	return ended{p.command.ProcessState.ExitCode(), parse(t, line), line, p.stderr.String()}
}
