// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/sensor"
	sparkprogress "github.com/sparkctl/sparkctl/sensor/progress"
)

const heartbeatUsage = "how long the log may be silent before a line says how the driver gets on; one that never is has such a line every fifth time; 0 is for ever"

const (
	// chatty is how many intervals may pass without a heartbeat in a log that is never silent.
	chatty = 5
	// barRead and barPaint are how often a bar's facts are read and it is painted.
	barRead  = 5 * time.Second
	barPaint = time.Second
	// refusalAge is for how long a refusal of an executor counts: Spark tries again every few seconds.
	refusalAge = 2 * time.Minute
)

// heartbeat says how a driver gets on while it is followed: a line when the log has
// been silent for the interval, and at least every fifth interval; on a terminal a bar in their place.
type heartbeat struct {
	interval  time.Duration
	log       *slog.Logger
	screen    *screen // nil when standard error is shared by nobody we know
	container string
	target    sensor.Target
	start     time.Time
	cancel    context.CancelFunc
	done      chan struct{}

	reading sync.Mutex // guards reader, which is for one goroutine
	reader  *sparkprogress.Reader

	mu        sync.Mutex
	pod       *corev1.Pod
	verdict   sensor.Verdict
	heard     time.Time // when the API server last answered
	failing   bool      // it has not answered since
	refused   string
	refusedAt time.Time
	report    *sparkprogress.Report
	readAt    time.Time
}

// startHeartbeat begins to tell of f's driver, until ctx ends or the heartbeat is stopped.
func startHeartbeat(ctx context.Context, f *following) *heartbeat {
	h := &heartbeat{
		interval: f.flags.heartbeat, log: f.log, container: f.container, target: f.target, start: time.Now(), done: make(chan struct{}),
	}
	h.screen, _ = f.env.Stderr.(*screen)
	h.heard = h.start
	h.reader = &sparkprogress.Reader{
		API: f.client, DirectFirst: f.env.Getenv("KUBERNETES_SERVICE_HOST") != "",
		Direct: func(ctx context.Context, url string) ([]byte, error) {
			return sparkprogress.Get(ctx, url, kube.MaxAnswer)
		},
		Tell: func(sentence string) { h.log.Info(sentence) },
	}
	ctx, h.cancel = context.WithCancel(ctx)
	if h.interval == 0 {
		close(h.done)
		return h
	}
	go func() {
		defer close(h.done)
		if _, text := h.log.Handler().(*textHandler); text && h.screen != nil && h.screen.width != nil && !f.plain {
			h.paint(ctx)
			return
		}
		h.beat(ctx)
	}()
	return h
}

// stop ends the telling; nothing is written when it has returned.
func (h *heartbeat) stop() {
	h.cancel()
	<-h.done
}

// beat writes lines until ctx ends.
func (h *heartbeat) beat(ctx context.Context) {
	told := h.start
	for {
		silent := told
		if h.screen != nil && h.screen.written().After(told) {
			silent = h.screen.written()
		}
		due := silent.Add(h.interval)
		if latest := told.Add(chatty * h.interval); latest.Before(due) {
			due = latest
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		// A line that came meanwhile puts the next one off.
		if h.screen != nil && h.screen.written().After(silent) && time.Now().Before(told.Add(chatty*h.interval)) {
			continue
		}
		h.read(ctx)
		if ctx.Err() != nil {
			return
		}
		told = time.Now()
		h.log.Info(sparkprogress.Line(h.moment(told)), h.attrs()...)
	}
}

// paint keeps a bar on the screen until ctx ends.
func (h *heartbeat) paint(ctx context.Context) {
	defer h.screen.paint("")
	ticker := time.NewTicker(barPaint)
	defer ticker.Stop()
	for {
		if time.Since(h.lastRead()) >= barRead {
			h.read(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		h.screen.paint(sparkprogress.Bar(h.moment(time.Now())))
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// read brings the report up to date while the driver runs.
func (h *heartbeat) read(ctx context.Context) {
	h.mu.Lock()
	pod, running := h.pod, h.running()
	h.mu.Unlock()
	var report *sparkprogress.Report
	if running != nil {
		h.reading.Lock()
		report = h.reader.Read(ctx, pod)
		h.reading.Unlock()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if report != nil && h.refused != "" && time.Since(h.refusedAt) < refusalAge {
		report.Refused = h.refused
	}
	h.report, h.readAt = report, time.Now()
}

func (h *heartbeat) lastRead() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.readAt
}

// noExecutors says why a driver that runs has no executors, if it has none and that can be read, which
// takes a few seconds at most.
func (h *heartbeat) noExecutors(ctx context.Context) string {
	h.read(ctx)
	return h.report.NoExecutors()
}

// moment is what is known now.
func (h *heartbeat) moment(now time.Time) sparkprogress.Moment {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := sparkprogress.Moment{Driver: h.target.Namespace + "/" + h.target.Name, Report: h.report}
	if h.failing {
		m.Silent = now.Sub(h.heard)
	}
	if h.pod == nil {
		return m
	}
	m.State, m.Age = h.verdict.State, now.Sub(h.pod.CreationTimestamp.Time)
	if cause := h.verdict.Cause; cause != nil {
		m.Why = cause.Reason + ": " + cause.Message
	}
	if running := h.running(); running != nil {
		m.Age = now.Sub(running.StartedAt.Time)
	}
	return m
}

// running is how the driver's container ran when it was last seen, nil if it did not.
func (h *heartbeat) running() *corev1.ContainerStateRunning {
	if h.pod == nil {
		return nil
	}
	return driver.Running(h.pod, driver.Container(h.pod, h.container))
}

// attrs are the numbers of a heartbeat for programs that read the log as JSON.
func (h *heartbeat) attrs() []any {
	if _, text := h.log.Handler().(*textHandler); text {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	attrs := []any{"event", "heartbeat", "state", string(h.verdict.State)}
	if r := h.report; r != nil && r.Executors != nil {
		attrs = append(attrs, "executors_running", r.Executors.Running, "executors_pending", r.Executors.Pending, "executors_failed", r.Executors.Failed)
	}
	if r := h.report; r != nil && r.Work != nil {
		w := r.Work
		attrs = append(attrs, "jobs_active", w.Jobs.Active, "jobs_ended", w.Jobs.Done, "jobs_failed", w.Jobs.Failed,
			"stages_done", w.Stages.Done, "stages_total", w.Stages.Total,
			"tasks_active", w.Tasks.Active, "tasks_done", w.Tasks.Done, "tasks_failed", w.Tasks.Failed, "tasks_total", w.Tasks.Total)
	}
	return attrs
}

// saw notes a version of the pod.
func (h *heartbeat) saw(pod *corev1.Pod, v sensor.Verdict) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pod, h.verdict = pod, v
	h.heard, h.failing = time.Now(), false
}

// line notes a line of the driver's log.
func (h *heartbeat) line(line string) {
	if !strings.Contains(line, "KubernetesClientException") {
		return
	}
	if said, ok := sparkprogress.Refusal(line); ok {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.refused, h.refusedAt = said, time.Now()
	}
}

// answer notes that the API server answered a call, or did not.
func (h *heartbeat) answer(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil || apierrors.ReasonForError(err) != metav1.StatusReasonUnknown {
		h.heard, h.failing = time.Now(), false
		return
	}
	h.failing = true
}

// pods is what a follower follows, with an ear on whether the API server answers.
func (h *heartbeat) pods(pods sensor.Pods) sensor.Pods { return heardPods{pods, h} }

type heardPods struct {
	sensor.Pods
	heart *heartbeat
}

func (p heardPods) Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	pod, err := p.Pods.Pod(ctx, namespace, name)
	if ctx.Err() == nil {
		p.heart.answer(err)
	}
	return pod, err
}

func (p heardPods) WatchPod(namespace, name string, failed func(error)) cache.ListerWatcher {
	return p.Pods.WatchPod(namespace, name, func(err error) {
		p.heart.answer(err)
		failed(err)
	})
}
