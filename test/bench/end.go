// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// trial is the state of the part "end": when each way of waiting knew of a driver's end.
type trial struct {
	*bench
	seen, written, polled, exited, submitted ends
	failed                                   chan error
}

// end measures how long after the end of a driver's container each way of waiting knows. All times
// are taken in this process, from the moment its own watch shows the container terminated; a
// value below 0 was brought by the API server to the sensor's connection first.
//
// Pods come in waves, and every sensor of a wave has started before its first pod ends: a process
// that starts, or a wave of 200, would measure the machine's two processors and not the way of waiting.
func (b *bench) end(ctx context.Context, r *report) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &trial{bench: b, failed: make(chan error, 4)}
	results := filepath.Join(b.scratch, "results")
	if err := os.MkdirAll(results, 0o755); err != nil {
		return err
	}
	if err := b.watchEnds(ctx, &t.seen, t.failed); err != nil {
		return err
	}
	if err := watchResults(results, &t.written, t.failed); err != nil {
		return err
	}
	stamp := time.Now().Unix()
	var pods, sparks []string
	for first := 0; first < b.pods; first += b.wave {
		var wave []string
		for n := first; n < min(first+b.wave, b.pods); n++ {
			wave = append(wave, fmt.Sprintf("short-%d-%d", stamp, n))
		}
		if err := t.pods(ctx, wave); err != nil {
			return err
		}
		pods = append(pods, wave...)
		log.Printf("end: %d of %d pods", len(pods), b.pods)
	}
	for n := range b.sparks {
		pod := fmt.Sprintf("spark-%d-%d", stamp, n)
		if err := t.spark(ctx, pod); err != nil {
			return err
		}
		sparks = append(sparks, pod)
		log.Printf("end: %d of %d Spark drivers", len(sparks), b.sparks)
	}
	r.Rows = []row{
		delays("short pods: sensor, return.json renamed", t.since(&t.written, pods)),
		delays("short pods: sensor, process ended", t.since(&t.exited, pods)),
		delays("short pods: 2-second poller", t.since(&t.polled, pods)),
		delays("Spark drivers: sensor, return.json renamed", t.since(&t.written, sparks)),
		delays("Spark drivers: 2-second poller", t.since(&t.polled, sparks)),
		delays("Spark drivers: waiting spark-submit, process ended", t.since(&t.submitted, sparks)),
	}
	return nil
}

func (t *trial) since(known *ends, pods []string) []time.Duration {
	var all []time.Duration
	for _, pod := range pods {
		seen, ok := t.seen.get(pod)
		at, known := known.get(pod)
		if ok && known {
			all = append(all, at.Sub(seen))
		}
	}
	return all
}

// pods runs a wave of short pods, a sensor and a poller on each.
func (t *trial) pods(ctx context.Context, wave []string) error {
	var sensors []*process
	for _, pod := range wave {
		if err := t.createPod(ctx, pod); err != nil {
			return err
		}
	}
	for _, pod := range wave {
		sensor, err := t.watched(ctx, pod)
		if err != nil {
			return err
		}
		sensors = append(sensors, sensor)
	}
	err := await(ctx, 3*time.Minute, "the ends of a wave of pods", t.failed, func() bool { return t.known(wave) })
	for i, sensor := range sensors {
		if err == nil {
			<-sensor.ended
			t.exited.note(wave[i], sensor.at)
		} else {
			sensor.stop()
		}
	}
	for _, pod := range wave {
		if wrong := t.admin.Delete().Namespace(t.namespace).Resource("pods").Name(pod).Do(ctx).Error(); err == nil {
			err = wrong
		}
	}
	return err
}

// watched starts a sensor and a poller on a pod. The poller's reads fall anywhere in its interval.
func (t *trial) watched(ctx context.Context, pod string) (*process, error) {
	sensor, err := t.startSensor("sensor", pod, pod)
	if err != nil {
		return nil, err
	}
	phase := rand.N(2 * time.Second)
	go func() {
		time.Sleep(phase)
		t.poll(ctx, pod, &t.polled)
	}()
	return sensor, nil
}

// known reports whether each way of waiting knows how these pods ended.
func (t *trial) known(pods []string) bool {
	for _, pod := range pods {
		for _, by := range []*ends{&t.seen, &t.written, &t.polled} {
			if _, ok := by.get(pod); !ok {
				return false
			}
		}
	}
	return true
}

// spark runs a Spark application by a spark-submit that waits, a sensor and a poller beside it.
func (t *trial) spark(ctx context.Context, pod string) error {
	submit, err := t.startSubmit(pod, nil, "sleep", "5")
	if err != nil {
		return err
	}
	defer submit.stop()
	if err := t.awaitPod(ctx, pod, submit, t.failed); err != nil {
		return err
	}
	sensor, err := t.watched(ctx, pod)
	if err != nil {
		return err
	}
	defer sensor.stop()
	err = await(ctx, 3*time.Minute, "the end of "+pod, t.failed, func() bool { return t.known([]string{pod}) && !submit.running() })
	if err != nil {
		return err
	}
	t.submitted.note(pod, submit.at)
	return nil
}

// awaitPod waits until a spark-submit has made its driver.
func (b *bench) awaitPod(ctx context.Context, pod string, submit *process, failed <-chan error) error {
	err := await(ctx, 2*time.Minute, "the driver "+pod, failed, func() bool {
		err := b.admin.Get().Namespace(b.namespace).Resource("pods").Name(pod).Do(ctx).Error()
		return err == nil || !submit.running()
	})
	if err == nil && !submit.running() {
		return submit.failure()
	}
	return err
}

// createPod makes a pod that looks like a driver, runs for some seconds and succeeds.
func (b *bench) createPod(ctx context.Context, name string) error {
	yes, no, user := true, false, int64(185)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: b.namespace, Labels: map[string]string{"spark-role": "driver", "spark-app-selector": name}},
		Spec: corev1.PodSpec{
			RestartPolicy:                corev1.RestartPolicyNever,
			AutomountServiceAccountToken: &no,
			SecurityContext:              &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &user, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{
				Name: driverContainer, Image: b.image, Command: []string{"/bin/sleep", "6"},
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
			}},
		},
	}
	if err := b.admin.Post().Namespace(b.namespace).Resource("pods").Body(pod).Do(ctx).Error(); err != nil {
		return fmt.Errorf("create pod %s: %w", name, err)
	}
	return nil
}
