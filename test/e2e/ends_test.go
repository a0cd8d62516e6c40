// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/test/ends"
	"github.com/sparkctl/sparkctl/xcom"
)

// A production is how a row of the table of ends is brought about: a pod with a
// driver's labels, what is done to it, and the sensor that follows it meanwhile.
type production struct {
	end   string                                 // name of the row
	pod   func(*corev1.Pod)                      // makes the pod the row's own
	spark *launch                                // or the submission whose driver it is
	act   func(context.Context, *followed) error // what is done once the pod is there
	flags []string                               // further flags of the sensor
	late  bool                                   // the sensor starts only when act is done
	hangs bool                                   // it then gives the driver five more seconds
	full  bool                                   // not in the short run
	ready func(*corev1.Pod) bool                 // what the recording waits for, besides the sensor's end
}

// A followed is a pod under a sensor's eyes.
type followed struct {
	*cluster
	name   string
	uid    types.UID
	held   bool   // by a finalizer
	unseen bool   // it was gone before the sensor came
	file   string // the sensor's result file
	pods   *witness
	sensor sensorProcess
}

// A sensorProcess is a sensor that runs, and what is left of it.
type sensorProcess struct {
	done chan struct{}
	end  ended
	err  error
}

// endTimeout bounds how long any one end may take.
const endTimeout = 5 * time.Minute

// quick is the sensor's patience where an end is one that only that makes. A short --pending-timeout beside it could pass
// first: on a busy node the reason is not known at once.
var quick = []string{"--stuck-timeout=3s"}

// Each way a pod can end that needs no Spark, produced for real and followed by the real sensor.
func TestSensorNamesEveryEndOfAPod(t *testing.T) {
	c := connect(t)
	c.produceAll(t, 1000, c.plainProductions(t))
}

// produceAll brings all of them about, that many at once, each followed by a sensor under its published Role, and then looks
// at each: parallel subtests would wait for each other where there are few processors.
func (c *cluster) produceAll(t *testing.T, atOnce int, productions []production) {
	t.Helper()
	pods, limited := c.watchPods(t.Context()), c.underItsRole(t)
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	outcomes, slots := map[string]chan outcome{}, make(chan struct{}, atOnce)
	for _, p := range productions {
		only := os.Getenv(recordVariable)
		if p.full && !full() || only != "" && only != "all" && !slices.Contains(strings.Fields(only), p.end) {
			continue
		}
		came := make(chan outcome, 1)
		outcomes[p.end] = came
		file := filepath.Join(t.TempDir(), p.end+".json")
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(t.Context(), endTimeout)
			defer cancel()
			came <- limited.produce(ctx, p, pods, file)
		})
	}
	for _, p := range productions {
		came, ok := outcomes[p.end]
		if !ok {
			continue
		}
		t.Run(p.end, func(t *testing.T) { c.checkOutcome(t, p.end, <-came) })
	}
}

// An outcome is what came of a production.
type outcome struct {
	end      ended
	recorded ends.Recording
	err      error
}

// produce brings one end about.
func (c *cluster) produce(ctx context.Context, p production, pods *witness, file string) outcome {
	f := &followed{cluster: c, name: "driver-" + p.end, pods: pods, file: file, sensor: sensorProcess{done: make(chan struct{})}}
	defer f.release(context.WithoutCancel(ctx))
	err := f.begin(ctx, p)
	if err != nil {
		return outcome{err: err}
	}
	if p.late {
		err = p.act(ctx, f)
		if p.hangs {
			p.flags = []string{"--running-timeout=" + (f.ran() + 5*time.Second).String()}
		}
		f.startSensor(ctx, p.flags)
	} else {
		f.startSensor(ctx, p.flags)
		if p.act != nil {
			err = p.act(ctx, f)
		}
	}
	if err != nil {
		return outcome{err: err}
	}
	select {
	case <-f.sensor.done:
	case <-ctx.Done():
		return outcome{err: fmt.Errorf("the sensor did not end: %w", ctx.Err())}
	}
	if f.sensor.err != nil {
		return outcome{err: f.sensor.err}
	}
	o := outcome{end: f.sensor.end}
	if os.Getenv(recordVariable) != "" {
		o.recorded, o.err = f.record(ctx, p.ready)
	}
	if p.hangs && o.err == nil {
		o.err = f.delete(ctx, 0) // it would need a processor for as long as the test runs
	}
	return o
}

// begin makes the driver's pod, unless the row is about one that was never there.
func (f *followed) begin(ctx context.Context, p production) error {
	if p.spark != nil {
		return f.submit(ctx, p.end, *p.spark)
	}
	if p.pod == nil {
		return nil
	}
	pod, made := f.plainDriver(f.name, "exit 0"), &corev1.Pod{}
	p.pod(pod)
	if err := f.core.Post().Namespace(f.namespace).Resource("pods").Body(pod).Do(ctx).Into(made); err != nil {
		return fmt.Errorf("create pod: %w", err)
	}
	f.uid, f.held = made.UID, len(pod.Finalizers) > 0
	return nil
}

// release lets a pod go that a finalizer keeps: its namespace could not end before it.
func (f *followed) release(ctx context.Context) {
	if !f.held {
		return
	}
	_ = f.core.Patch(types.MergePatchType).Namespace(f.namespace).Resource("pods").Name(f.name).
		Body([]byte(`{"metadata":{"finalizers":null}}`)).Do(ctx).Error()
}

// ran is for how long the driver has run.
func (f *followed) ran() time.Duration {
	pod := f.pods.last(f.uid)
	if status := driver.Status(pod, driver.Container(pod, "")); status != nil && status.State.Running != nil {
		return time.Since(status.State.Running.StartedAt.Time).Round(time.Second)
	}
	return 0
}

// startSensor lets a sensor follow the pod.
func (f *followed) startSensor(ctx context.Context, flags []string) {
	args := append([]string{
		"--kubeconfig=" + f.kubeconfig, "--context=" + f.context, "--namespace=" + f.namespace,
		"--pod=" + f.name, "--result-file=" + f.file,
	}, flags...)
	if f.uid != "" {
		args = append(args, "--uid="+string(f.uid))
	}
	command := exec.CommandContext(ctx, filepath.Join(root, "dist/bin/sensor"), args...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(f.file)}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	go func() {
		defer close(f.sensor.done)
		err := command.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			f.sensor.err = fmt.Errorf("run the sensor: %w", err)
			return
		}
		f.sensor.end = ended{code: command.ProcessState.ExitCode(), line: lastLine(stdout.String()), log: stderr.String()}
	}()
}

// awaitTold waits until the sensor has told a state in its result file.
func (f *followed) awaitTold(ctx context.Context, state xcom.State) error {
	for ctx.Err() == nil {
		text, err := os.ReadFile(f.file)
		if err == nil && strings.Contains(string(text), fmt.Sprintf(`"state":%q`, state)) {
			return nil
		}
		select {
		case <-f.sensor.done:
			return fmt.Errorf("the sensor ended before it told %s: %s%s", state, f.sensor.end.log, f.sensor.end.line)
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("the sensor did not tell %s: %w", state, ctx.Err())
}

// await waits until the pod is as told.
func (f *followed) await(ctx context.Context, ready func(*corev1.Pod) bool) error {
	for ctx.Err() == nil {
		if pod := f.pods.last(f.uid); pod != nil && ready(pod) {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("pod %s did not become what was waited for: %w", f.name, ctx.Err())
}

// checkOutcome compares what the sensor said with the table, and writes the recording down if that was asked for.
func (c *cluster) checkOutcome(t *testing.T, name string, o outcome) {
	t.Helper()
	if o.err != nil {
		t.Errorf("%v", o.err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the sensor's log:\n%s%s", o.end.log, o.end.line)
		}
	})
	if os.Getenv(recordVariable) != "" && o.err == nil {
		writeRecording(t, name, c, o.recorded)
	}
	want, ok := ends.Named(name)
	if !ok {
		t.Fatalf("the table of ends has no row %q", name)
	}
	if o.end.line == "" {
		t.Fatalf("the sensor ended with %d and said nothing", o.end.code)
	}
	checkDocument(t, o.end.line+"\n", xcom.DefaultBytes)
	result := parse(t, o.end.line)
	for _, difference := range want.Compare(result, xcom.ExitCode(o.end.code)) {
		t.Error(difference)
	}
}

// plainDriver is a pod without Spark that looks like a driver: its container runs
// a line of shell.
func (c *cluster) plainDriver(name, script string) *corev1.Pod {
	container := restricted(corev1.Container{
		Name: driver.DefaultContainer, Image: c.submitter[newestSpark], Command: []string{"/bin/sh", "-c", script},
	}, "1m", "8Mi")
	pod := c.newPod(name, "spark-driver", &sparkUser, container)
	pod.Labels = map[string]string{driver.LabelRole: driver.RoleDriver, driver.LabelSelector: "spark-" + name}
	grace := int64(2)
	pod.Spec.TerminationGracePeriodSeconds = &grace
	return pod
}
