// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// play is a schedule while it is played, and what came of it.
type play struct {
	world
	schedule

	wire  *wire
	start time.Time

	mu     sync.Mutex
	active *fault
	dice   *rand.Rand

	// The truth, kept by the player alone. Zero times: it did not happen.
	began, ended, removed, marked time.Time // the container started and ended, the pod went, its deletion was asked for
	exitCode                      int32
	rejected                      bool

	finished time.Time // when the verdict came
	hung     bool
	shown    []int // the versions that the follower handed on
	log      bytes.Buffer
}

// run plays a schedule in virtual time.
func run(t *testing.T, s schedule) *play {
	t.Helper()
	p := &play{schedule: s, dice: rand.New(rand.NewPCG(s.seed, 1))}
	synctest.Test(t, func(t *testing.T) { p.play(t) })
	return p
}

func (p *play) play(t *testing.T) {
	t.Helper()
	p.t, p.done = t, make(chan struct{})
	p.server = apiserver.New(apiserver.Options{Seed: p.seed})
	p.config = &rest.Config{Host: "http://apiserver.test", Transport: p.server.Transport(), QPS: -1}
	p.server.SetNode("node-1", corev1.ConditionTrue)
	if p.predecessor {
		p.makeDriver()
		p.run()
		p.terminate(0)
		p.server.FreezeCache()
		p.remove()
	}
	p.uid = p.makeDriver()
	if p.behind {
		if !p.predecessor {
			p.server.FreezeCache()
		}
		p.server.ChangePod(namespace, name, func(pod *corev1.Pod) { pod.Labels = map[string]string{"touched": "once"} })
	}
	p.start = time.Now()
	p.wire = &wire{inner: p.server.Transport(), uid: p.uid, start: p.start}
	config := rest.CopyConfig(p.config)
	config.Transport = p.wire
	client, err := kube.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	p.server.SetFault(p.fault)
	stop := p.schedulePlan()
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(p.done)
		f := sensor.Follower{
			Pods: client, Clues: client, Target: sensor.Target{Namespace: namespace, Name: name, UID: p.uid}, APITimeout: p.apiTimeout,
			Criteria: sensor.Criteria{PendingTimeout: p.pendingTimeout, StuckTimeout: 2 * time.Minute, RunningTimeout: p.runningTimeout},
			Changed:  p.show,
			Log:      slog.New(slog.NewTextHandler(&p.log, nil)),
		}
		p.pod, p.verdict, p.err = f.Follow(ctx)
		p.finished = time.Now()
	}()
	limit := time.NewTimer(p.latest())
	select {
	case <-p.done:
		limit.Stop()
	case <-limit.C:
		p.hung = true
	}
	cancel()
	<-p.done
}

func (p *play) show(pod *corev1.Pod, _ sensor.Verdict) {
	version, err := strconv.Atoi(pod.ResourceVersion)
	if err != nil || pod.UID != p.uid {
		version = -1
	}
	p.shown = append(p.shown, version)
}

// latest is when there must be a verdict whatever happens: every deadline and every fault is over by then.
func (p *play) latest() time.Duration {
	latest := max(p.horizon, p.life[len(p.life)-1].at, p.pendingTimeout, p.runningTimeout+15*time.Minute)
	for _, f := range p.faults {
		latest = max(latest, f.to)
	}
	return latest + 30*time.Minute
}

// schedulePlan sets timers for everything that is to happen; stop stops those that are left.
func (p *play) schedulePlan() (stop func()) {
	var timers []*time.Timer
	at := func(d time.Duration, do func()) { timers = append(timers, time.AfterFunc(d, do)) }
	for _, step := range p.life {
		at(step.at, func() { p.live(step.what) })
	}
	for i := range p.faults {
		f := &p.faults[i]
		at(f.from, func() { p.begin(f) })
		at(f.to, func() { p.end(f) })
	}
	at(10*time.Minute, p.server.ThawCache)
	return func() {
		for _, timer := range timers {
			timer.Stop()
		}
	}
}

func (p *play) begin(f *fault) {
	p.mu.Lock()
	p.active = f
	p.mu.Unlock()
	about := func(r apiserver.Request) bool { return r.Verb == "watch" }
	switch f.what {
	case "black hole", "silent watch":
		p.server.CutStreams(apiserver.Silence, about)
	case "expired":
		p.server.Compact()
		p.server.CutStreams(apiserver.Expired, about)
	case "goaway":
		p.server.CutStreams(apiserver.GoAway, about)
	case "slow", "reads never answered", "proxy 404":
	case "closes after every event", "no bookmarks", "deaf watch", "twice", "watches never open":
		p.server.CutStreams(apiserver.Delivered, about)
	default:
		p.server.CutStreams(apiserver.Reset, about)
	}
}

func (p *play) end(f *fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.active == f {
		p.active = nil
	}
}

// fault is the API server's hook: what becomes of one request.
func (p *play) fault(r *apiserver.Request) apiserver.Action {
	if r.Verb == "create" { // the player's own
		return apiserver.Action{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.active
	if f == nil || p.dice.Float64() >= f.share {
		return apiserver.Action{}
	}
	if f.what == "slow" {
		return apiserver.Action{Before: time.Duration(p.dice.IntN(9000)) * time.Millisecond}
	}
	if r.Verb == "watch" {
		if action, fits := watchFault(f.what); fits {
			return action
		}
	}
	return requestFault(f.what, r.Verb)
}

// watchFault is what a fault does to a watch beyond what it does to every request.
func watchFault(what string) (apiserver.Action, bool) {
	switch what {
	case "silent watch":
		return apiserver.Action{Cut: &apiserver.Cut{End: apiserver.Silence}}, true
	case "deaf watch":
		return apiserver.Action{Withhold: apiserver.WithholdEvents}, true
	case "no bookmarks":
		return apiserver.Action{Withhold: apiserver.WithholdBookmarks}, true
	case "expired":
		return apiserver.Action{Cut: &apiserver.Cut{End: apiserver.Expired}}, true
	case "truncated":
		return apiserver.Action{Cut: &apiserver.Cut{End: apiserver.Truncated}}, true
	case "midway":
		return apiserver.Action{Cut: &apiserver.Cut{End: apiserver.Midway}}, true
	case "closes after every event":
		return apiserver.Action{Cut: &apiserver.Cut{After: 1, End: apiserver.Delivered}}, true
	case "twice":
		return apiserver.Action{Repeat: true}, true
	case "resets":
		return apiserver.Action{Cut: &apiserver.Cut{End: apiserver.Reset}}, true
	case "watches never open":
		return apiserver.Action{Skip: true, Lose: apiserver.Silence}, true
	}
	return apiserver.Action{}, false
}

// requestFault is what a fault does to a request.
func requestFault(what, verb string) apiserver.Action {
	lost := func(loss apiserver.Loss) apiserver.Action { return apiserver.Action{Skip: true, Lose: loss} }
	answered := func(status *metav1.Status) apiserver.Action { return apiserver.Action{Skip: true, Answer: status} }
	page := func(code int, text string) apiserver.Action {
		return apiserver.Action{Skip: true, Page: &apiserver.Page{Code: code, Body: text}}
	}
	switch what {
	case "refused":
		return lost(apiserver.Refused)
	case "black hole":
		return lost(apiserver.Silence)
	case "goaway":
		return lost(apiserver.GoAway)
	case "resets", "answers lost":
		return apiserver.Action{Lose: apiserver.Reset}
	case "truncated":
		return apiserver.Action{Lose: apiserver.Truncated}
	case "midway":
		return apiserver.Action{Lose: apiserver.Midway}
	case "forbidden":
		return answered(&metav1.Status{Status: metav1.StatusFailure, Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden, Message: "pods is forbidden"})
	case "unauthorized":
		return answered(apiserver.Unauthorized())
	case "throttled":
		return answered(apiserver.TooManyRequests(3 * time.Second))
	case "error 500":
		return answered(apiserver.InternalError("etcdserver: leader changed"))
	case "unavailable":
		return answered(apiserver.Unavailable())
	case "proxy 404":
		return page(http.StatusNotFound, "404 page not found\n")
	case "proxy page":
		return page(http.StatusOK, "<html>please log in</html>")
	}
	if what == "gone on open" && verb != "get" {
		return answered(apiserver.Gone())
	}
	if what == "reads never answered" && verb == "get" {
		return lost(apiserver.Silence)
	}
	return apiserver.Action{}
}
