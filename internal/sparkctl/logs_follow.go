// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

const (
	// logsPatience is for how long nothing may come, once the application has ended, before what is missing is given up.
	logsPatience = 10 * time.Second
	logsTick     = time.Second
)

// follow goes on from what was printed until the application has ended.
func (r *logReading) follow(ctx context.Context) error {
	following, stop := context.WithCancel(ctx)
	watching, unwatch := context.WithCancel(following)
	executors := r.watchExecutors(watching, following)
	defer func() {
		stop()
		unwatch()
		<-executors
		r.group.Wait()
	}()
	told := ""
	end := <-r.l.end(following, r.log, r.driver, r.o.apiTimeout, func(pod *corev1.Pod, v sensor.Verdict) {
		if text := said(pod, v); text != told && v.State != xcom.Running && !v.Final {
			told = text
			r.log.Info(text)
		}
		if r.o.wantDriver {
			r.saw(following, pod, v.State == xcom.Lost && v.DriverCode == nil)
		}
	})
	if err := cmp.Or(r.stopped(ctx), end.blind()); err != nil {
		return err
	}
	// Executors that came while the watch was away.
	if pods, err := r.executors(following); err == nil {
		for _, pod := range pods {
			r.saw(following, pod, false)
		}
	}
	r.drain(ctx)
	if err := r.stopped(ctx); err != nil {
		return err
	}
	pod := cmp.Or(end.pod, r.driver)
	r.log.Info(said(pod, r.l.explained(ctx, pod, end.verdict)))
	return nil
}

// saw notes a version of a pod and follows its log once there is one.
func (r *logReading) saw(ctx context.Context, pod *corev1.Pod, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sources[pod.UID]
	if s == nil {
		if s = r.source(pod); s == nil {
			return
		}
		r.sources[pod.UID] = s
	}
	s.saw(pod, gone)
	if s.begun || !hasLog(pod, s.Container, false) {
		return
	}
	s.begun = true
	r.group.Go(func() {
		r.copy(ctx, s)
		r.finished(s)
	})
}

// finished notes that a log has been read to its end.
func (r *logReading) finished(s *logSource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.done = true
	select {
	case r.one <- struct{}{}:
	default:
	}
}

// copy follows one log to its end.
func (r *logReading) copy(ctx context.Context, s *logSource) {
	select {
	case r.slots <- struct{}{}:
	default:
		r.l.note("the log of %s has to wait: --max-log-requests allows %d at the same time", s.Short(), r.o.requests)
		select {
		case r.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
	defer func() { <-r.slots }()
	err := s.follower.Follow(ctx)
	if err == nil || apierrors.IsNotFound(err) || ctx.Err() != nil {
		return
	}
	r.l.note("the log of %s cannot be read: %v", s.Short(), err)
}

// watchExecutors follows the executors that come and go until watching ends; the channel is closed when nothing more comes of it.
func (r *logReading) watchExecutors(watching, following context.Context) <-chan struct{} {
	done := make(chan struct{})
	if !r.o.allExecutors && len(r.o.numbers) == 0 || r.application == "" {
		close(done)
		return done
	}
	return r.l.watchPods(watching, r.driver.Namespace, executorLabels(r.application), func(pod *corev1.Pod, gone bool) {
		if r.o.wants(view.ExecutorOf(pod).ID) {
			r.saw(following, pod, gone)
		}
	})
}

// drain waits for the rest of the logs once the driver has ended.
func (r *logReading) drain(ctx context.Context) {
	begun := time.Now()
	for len(r.open()) > 0 {
		select {
		case <-ctx.Done():
			return
		case <-r.one:
			continue
		case <-time.After(logsTick):
		}
		if min(r.out.silence(), time.Since(begun)) < logsPatience {
			continue
		}
		for _, name := range r.open() {
			r.l.note("the end of the log of %s has not come; it is not all here", name)
		}
		return
	}
}

// open names the logs that are being read.
func (r *logReading) open() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, s := range r.sources {
		if s.begun && !s.done {
			names = append(names, s.Short())
		}
	}
	slices.Sort(names)
	return names
}
