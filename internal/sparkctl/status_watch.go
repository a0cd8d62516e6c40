// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/sensor/progress"
	"github.com/sparkctl/sparkctl/xcom"
)

// How often a tree is drawn again, at least and at most, and its progress and its events are read.
const (
	drawEvery    = time.Second
	drawPause    = 100 * time.Millisecond
	progressRead = 3 * time.Second
	eventsRead   = 5 * time.Second
)

// statusWatch is what is known of an application that is watched.
type statusWatch struct {
	l *looking
	// attempts are those that stood there at the start.
	attempts    []view.Attempt
	application string
	news        chan struct{}

	mu        sync.Mutex
	pod       *corev1.Pod
	verdict   sensor.Verdict
	events    []corev1.Event
	executors map[types.UID]view.Executor
	report    *progress.Report
	note      string
	// unread is why there is no progress; it counts only while there is none.
	unread string
}

func newStatusWatch(l *looking, pod *corev1.Pod, events []corev1.Event, a view.Application) *statusWatch {
	return &statusWatch{
		l: l, attempts: a.Attempts, application: a.ApplicationID, news: make(chan struct{}, 1),
		pod: pod, events: events, verdict: l.judge(pod), executors: map[types.UID]view.Executor{},
	}
}

// Write takes what others would write on standard error, where it would break a tree: its last line is shown as the note.
func (w *statusWatch) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note = strings.TrimPrefix(strings.TrimSpace(string(text)), "sparkctl: note: ")
	w.tell()
	return len(text), nil
}

// tell says that there is something new to show; with the lock or without.
func (w *statusWatch) tell() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// run shows the application until it has ended.
func (w *statusWatch) run(ctx context.Context, apiTimeout time.Duration) error {
	show := w.lines()
	table, _ := w.l.format.Table()
	if columns, _ := cli.TerminalSize(w.l.env); columns > 0 && table {
		w.l.env.Stderr = w
		show = w.tree()
	} else if !table {
		show = w.documents()
	}
	log, err := cli.Log(w.l.env, "sparkctl")
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer stop()
	// From now on others change what is shown.
	begun := w.pod
	ended := w.l.end(watching, log, begun, apiTimeout, func(pod *corev1.Pod, v sensor.Verdict) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.pod, w.verdict = pod, v
		w.tell()
	})
	if w.application != "" {
		pods := w.l.watchPods(watching, begun.Namespace, executorLabels(w.application), w.saw)
		defer func() { stop(); <-pods }()
	}
	reading.Go(func() { w.read(watching) })
	tick := time.NewTicker(drawEvery)
	defer tick.Stop()
	for {
		if err := show(false); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return cli.Ended(xcom.ExitCancelled)
		case end := <-ended:
			return w.end(ctx, end, show)
		case <-w.news:
			// Several changes of one moment are one.
			select {
			case <-ctx.Done():
			case <-time.After(drawPause):
			}
		case <-tick.C:
		}
	}
}

// saw notes a version of an executor's pod.
func (w *statusWatch) saw(pod *corev1.Pod, gone bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.executors[pod.UID] = view.ExecutorOf(pod); gone {
		delete(w.executors, pod.UID)
	}
	w.tell()
}

// end shows how it ended.
func (w *statusWatch) end(ctx context.Context, end followed, show func(bool) error) error {
	if end.err != nil {
		return cli.Ended(xcom.ExitCancelled)
	}
	w.mu.Lock()
	if end.pod != nil {
		w.pod = end.pod
	}
	pod := w.pod
	w.note, w.unread, w.verdict = "", "", end.verdict
	w.mu.Unlock()
	if err := end.blind(); err != nil {
		return err
	}
	// A driver that was quick has events that nobody has read. That they cannot be read counts where they would tell the cause.
	events, err := w.l.client.Events(ctx, pod.Namespace, pod.UID)
	if end.verdict.Killed() {
		w.l.noteUnread(ctx, err)
	}
	explained := w.l.explainedBy(ctx, pod, end.verdict, events)
	w.mu.Lock()
	w.verdict = explained
	if err == nil {
		w.events = events
	}
	w.mu.Unlock()
	return show(true)
}

// read brings progress, and until the driver runs the events that tell how long it waited for what, until ctx ends.
func (w *statusWatch) read(ctx context.Context) {
	reader := progress.Reader{
		API: w.l.client, DirectFirst: w.l.env.Getenv("KUBERNETES_SERVICE_HOST") != "",
		Direct: func(ctx context.Context, url string) ([]byte, error) { return progress.Get(ctx, url, kube.MaxAnswer) },
		Tell: func(sentence string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.unread = sentence
		},
	}
	table, _ := w.l.format.Table()
	columns, _ := cli.TerminalSize(w.l.env)
	started := false
	var due time.Time
	for {
		w.mu.Lock()
		pod, runs := w.pod, w.verdict.State == xcom.Running
		w.mu.Unlock()
		if now := time.Now(); !started && !now.Before(due) {
			// That they cannot be read was told at the start.
			events, err := w.l.client.Events(ctx, pod.Namespace, pod.UID)
			started, due = runs && err == nil || apierrors.IsForbidden(err), now.Add(eventsRead)
			if err == nil {
				w.mu.Lock()
				w.events = events
				w.mu.Unlock()
				w.tell()
			}
		}
		if runs && table && columns > 0 {
			report := reader.Read(ctx, pod)
			w.mu.Lock()
			w.report = report
			w.mu.Unlock()
			w.tell()
		}
		wait := progressRead
		if !runs {
			wait = drawEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// now is the application as it is known now.
func (w *statusWatch) now() view.Application {
	a := view.Judged(w.pod, w.events, w.verdict, time.Now())
	a.Attempts = slices.Clone(w.attempts)
	for i := range a.Attempts {
		if a.Attempts[i].Name == a.Name {
			a.Attempts[i] = view.AttemptOf(a)
		}
	}
	a.Executors = slices.Collect(maps.Values(w.executors))
	view.SortExecutors(a.Executors)
	return a
}

// tree shows it as a tree on a terminal.
func (w *statusWatch) tree() func(bool) error {
	p := painter{w: w.l.env.Stdout, size: func() (int, int) { return cli.TerminalSize(w.l.env) }}
	return func(bool) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		columns, rows := p.screen()
		note := w.note
		if w.report == nil || w.report.Work == nil {
			note = cmp.Or(note, w.unread)
		}
		p.paint(w.now().Tree(time.Now(), w.report, note, view.Screen{Columns: columns, Rows: rows, Colours: w.l.colours}))
		return nil
	}
}

// lines shows each change in a line.
func (w *statusWatch) lines() func(bool) error {
	return w.changes(view.Application.ChangeLine, func(a view.Application) error { return a.WriteChange(w.l.env.Stdout, time.Now(), w.l.colours) })
}

// documents shows each change as -o asks.
func (w *statusWatch) documents() func(bool) error {
	return w.changes(view.Application.Change, func(a view.Application) error {
		return w.l.format.WriteNext(w.l.env.Stdout, calling(w.l.env, a), []string{a.FullName()})
	})
}

// changes shows what differs from what was shown before. What is final is shown when all is known of it.
func (w *statusWatch) changes(of func(view.Application) string, write func(view.Application) error) func(bool) error {
	shown := ""
	return func(last bool) error {
		w.mu.Lock()
		a := w.now()
		w.mu.Unlock()
		if change := of(a); change != shown && (last || !a.State.Final()) {
			shown = change
			return write(a)
		}
		return nil
	}
}
