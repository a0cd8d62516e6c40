// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// process is a program that was started, its output in a file.
type process struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
	at    time.Time // of the end, once ended is closed
	peak  atomic.Int64
}

// start starts a program whose output goes to a file in the scratch folder.
func (b *bench) start(name string, env []string, program string, args ...string) (*process, error) {
	path := filepath.Join(b.scratch, name+".log")
	out, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &process{cmd: exec.Command(program, args...), log: path, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = out, out, append(os.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		// How it ended is in the process's state.
		_ = p.cmd.Wait()
		p.at = time.Now()
		close(p.ended)
	}()
	return p, nil
}

// stop kills a program and waits for its end.
func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// failure says how a program ended that should not have, with the end of its output.
func (p *process) failure() error {
	text, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return fmt.Errorf("%s: %s:\n%s", filepath.Base(p.cmd.Path), p.cmd.ProcessState, strings.Join(lines[max(len(lines)-20, 0):], "\n"))
}

// startSensor starts a sensor on a pod, as a plain process with the rights of identity.
func (b *bench) startSensor(identity, name, pod string, more ...string) (*process, error) {
	// As the image sets it.
	return b.start(name, []string{"GOMAXPROCS=1"}, b.sensor, append([]string{
		"--kubeconfig", filepath.Join(b.identities, identity), "--namespace", b.namespace, "--pod", pod,
		"--result-file", filepath.Join(b.scratch, "results", name+".json"), "--termination-log", "",
	}, more...)...)
}

// startSubmit starts a spark-submit that waits for its driver, at Spark's own report interval.
func (b *bench) startSubmit(pod string, conf []string, application ...string) (*process, error) {
	args := []string{"--master", "k8s://" + b.server, "--deploy-mode", "cluster", "--name", pod, "--class", "dev.sparkctl.examples.Main"}
	for _, c := range append([]string{
		"spark.kubernetes.namespace=" + b.namespace,
		"spark.kubernetes.driver.pod.name=" + pod,
		"spark.kubernetes.container.image=" + b.image,
		"spark.kubernetes.authenticate.driver.serviceAccountName=spark-driver",
		"spark.kubernetes.driver.podTemplateFile=" + filepath.Join(b.templates, "driver.yaml"),
		"spark.kubernetes.executor.podTemplateFile=" + filepath.Join(b.templates, "executor.yaml"),
		"spark.kubernetes.submission.waitAppCompletion=true",
		"spark.driver.memory=512m", "spark.executor.memory=512m", "spark.executor.instances=1",
		"spark.kubernetes.driver.request.cores=0.2", "spark.kubernetes.executor.request.cores=0.2",
	}, conf...) {
		args = append(args, "--conf", c)
	}
	args = append(args, "local:///opt/spark/examples/jars/sparkctl-examples.jar")
	env := []string{"KUBECONFIG=" + filepath.Join(b.identities, "spark-submit"), "SPARK_HOME=" + b.sparkHome}
	p, err := b.start(pod+"-submit", env, filepath.Join(b.sparkHome, "bin", "spark-submit"), append(args, application...)...)
	if err != nil {
		return nil, err
	}
	go p.sample()
	return p, nil
}

// sample keeps the peak of what a program and all below it hold resident; pages that processes share are
// counted for each. spark-submit is a shell, then a JVM that puts a command line together, then a JVM.
func (p *process) sample() {
	for begin := time.Now(); p.running(); {
		p.peak.Store(max(p.peak.Load(), treeBytes(p.cmd.Process.Pid)))
		interval := 100 * time.Millisecond
		if time.Since(begin) > 30*time.Second {
			interval = time.Second
		}
		time.Sleep(interval)
	}
}

func treeBytes(root int) int64 {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	children, sizes := map[int][]int{}, map[int]int64{}
	for _, folder := range folders {
		stat, err := os.ReadFile(folder + "/stat")
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		pid, _ := strconv.Atoi(filepath.Base(folder))
		parent, _ := strconv.Atoi(fields[1])
		pages, _ := strconv.ParseInt(fields[21], 10, 64)
		children[parent] = append(children[parent], pid)
		sizes[pid] = pages * int64(os.Getpagesize())
	}
	total := int64(0)
	for todo := []int{root}; len(todo) > 0; todo = todo[1:] {
		total += sizes[todo[0]]
		todo = append(todo, children[todo[0]]...)
	}
	return total
}

// peakBytes is the most that a running program has ever held resident, as the kernel noted it.
func (p *process) peakBytes() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return statusBytes(string(text), "VmHWM")
}

// statusBytes takes a size out of the text of /proc/PID/status, which has it in KiB.
func statusBytes(text, field string) (int64, error) {
	for line := range strings.Lines(text) {
		if name, value, _ := strings.Cut(line, ":"); name == field {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib * 1024, err
		}
	}
	return 0, errors.New("the process has ended")
}

// await polls until done says so.
func await(ctx context.Context, limit time.Duration, what string, failed <-chan error, done func() bool) error {
	deadline := time.Now().Add(limit)
	for !done() {
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("wait for %s: not within %s", what, limit)
		}
	}
	return nil
}
