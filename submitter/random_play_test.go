// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// lastToken names the launcher that comes when all others have ended.
const lastToken = "last"

// horizon is how long any launcher may take: faults, patience and outages are over long before.
const horizon = time.Hour

// play is a schedule while it is played, and what came of it.
type play struct {
	schedule
	mutation mutation

	server    *apiserver.Server
	start     time.Time
	processes []*process
	over      chan struct{}
	lagged    atomic.Int64 // lists that were answered from a state that had passed

	making   sync.Mutex
	mu       sync.Mutex
	before   map[types.UID]seen // what stood after the last step
	ran      map[types.UID]seen // every driver that was not gated at some time
	lives    map[types.UID]life
	ending   map[types.UID]time.Time // since when it is on its way out
	bereft   map[string]bool         // names that a spark-submit may roll back by although its driver is gone, see leave
	faults   map[string]int          // that came to pass
	pods     map[string]*corev1.Pod  // by their versions, read once
	steps    []step
	problems []string
}

// step is one thing that happened, for the trace and for counting.
type step struct {
	at   time.Duration
	who  string
	what string
}

// process is one launcher: the only goroutine of its kind, and its way to the API server.
type process struct {
	*play
	launch

	token   string
	self    submitter.Launcher
	plan    submitter.Plan
	log     bytes.Buffer
	count   int // its requests
	confs   int // ConfigMaps that its spark-submit has named
	inChild bool
	dead    bool
	alone   bool // its spark-submit outlived it
	lies    bool // its spark-submit will end well without a ConfigMap

	done    chan struct{}
	found   submitter.Outcome
	err     error
	ended   time.Time
	returns bool
	killed  bool // it was asked to end, and has ended its driver
}

// runSchedule plays a schedule in virtual time.
func runSchedule(t *testing.T, s schedule, m mutation) *play {
	t.Helper()
	p := &play{
		schedule: s, mutation: m, faults: map[string]int{}, pods: map[string]*corev1.Pod{},
		before: map[types.UID]seen{}, ran: map[types.UID]seen{}, lives: map[types.UID]life{}, ending: map[types.UID]time.Time{}, bereft: map[string]bool{},
	}
	synctest.Test(t, func(t *testing.T) { p.play(t) })
	return p
}

func (p *play) play(t *testing.T) {
	t.Helper()
	p.start, p.over = time.Now(), make(chan struct{})
	users := map[string]string{"world": "world", lastToken: lastToken}
	for i := range p.launchers {
		users[fmt.Sprintf("launcher-%d", i)] = fmt.Sprintf("launcher-%d", i)
	}
	p.server = apiserver.New(apiserver.Options{
		Namespaces: []string{"launchers"}, Resources: []apiserver.Resource{podGroups}, Users: users, ManualGC: p.slowGC, Lag: p.lag, Fault: p.fault, Observe: p.observe, Admit: p.admit,
	})
	p.setQuota(p.quota)
	var all sync.WaitGroup
	for i, l := range p.launchers {
		p.process(fmt.Sprintf("launcher-%d", i), l)
	}
	// The last launcher finds everything in order again, and is of a newer intention than all before.
	last := p.process(lastToken, launch{native: p.lastNative, generation: "9", onActive: submitter.ActiveReplace, onSucceeded: submitter.SucceededRerun, pace: 2, pod: 9})
	all.Go(p.kubelet)
	for i, one := range p.processes[:len(p.launchers)] {
		all.Go(func() {
			time.Sleep(one.at + time.Duration(i)*time.Microsecond)
			one.submit(t, fmt.Sprintf("launcher-%d", one.pod))
		})
	}
	for _, e := range p.events {
		all.Go(func() {
			time.Sleep(e.at)
			p.happen(e)
		})
	}
	for _, one := range p.processes[:len(p.launchers)] {
		select {
		case <-one.done:
		case <-time.After(horizon):
			p.mu.Lock()
			p.wrong("%s does not end within %s: %s", one.token, horizon, &one.log)
			p.mu.Unlock()
			close(p.over)
			all.Wait()
			return
		}
	}
	// What is late comes, and others have done what they do.
	time.Sleep(max(time.Minute, time.Until(p.start.Add(125*time.Second))))
	p.setQuota(0)
	last.submit(t, "launcher-last")
	time.Sleep(25 * time.Second) // what was deleted last may be kept for a while
	p.server.CollectGarbage()
	p.checkEnd(last)
	close(p.over)
	all.Wait()
}

func (p *play) process(token string, l launch) *process {
	one := &process{play: p, launch: l, token: token, done: make(chan struct{})}
	p.processes = append(p.processes, one)
	return one
}

// submit is the life of a launcher. It may end at any request.
func (p *process) submit(t *testing.T, pod string) {
	t.Helper()
	defer close(p.done)
	defer func() {
		p.ended = time.Now()
		if p.dead && p.pod%2 == 0 {
			time.Sleep(5 * time.Second)
			p.server.Remove("pods", "launchers", pod)
		}
	}()
	uid := p.launcherPod(pod)
	p.self = submitter.Launcher{Namespace: "launchers", Pod: pod, UID: string(uid), Start: time.Now()}
	client, err := kube.NewClient(&rest.Config{Host: "http://apiserver.test", Transport: p, QPS: -1})
	if err != nil {
		t.Error(err)
		return
	}
	argv := []string{"--conf", fmt.Sprintf("spark.executor.instances=%d", p.application), "local:///app.jar"}
	if p.fixed {
		argv = append([]string{"--conf", "spark.kubernetes.driver.pod.name=fixed"}, argv...)
	}
	app, err := submitter.ParseArguments(argv)
	if err != nil {
		t.Error(err)
		return
	}
	p.plan, err = submitter.NewPlan(app, submitter.Run{Key: "etl", Generation: p.generation, Attempt: 1},
		submitter.Surroundings{DefaultNamespace: "default", Server: "http://apiserver.test", Launcher: p.self})
	if err != nil {
		t.Error(err)
		return
	}
	s := submitter.Submitter{
		Cluster: p.mutation.of(client, p), Engine: p.engine(client),
		Policy:   submitter.Policy{OnActive: p.onActive, OnSucceeded: p.onSucceeded},
		Patience: time.Minute, APITimeout: time.Minute, Grace: 25 * time.Second, Log: slog.New(slog.NewTextHandler(&p.log, nil)),
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(t.Context()))
	defer cancel(nil)
	if p.cancelled > 0 {
		timer := time.AfterFunc(p.cancelled, func() { cancel(errSIGTERM) })
		defer timer.Stop()
		s.Leave = func(context.Context) bool { return p.leaves }
	}
	p.found, p.err = s.Submit(ctx, p.plan)
	if pod := p.found.Pod; ctx.Err() != nil && pod != nil && !p.leaves {
		p.killed = client.DeletePod(context.WithoutCancel(ctx), pod.Namespace, pod.Name, pod.UID) == nil
	}
	p.returns = true
	p.note(p.token, p.says())
	p.checkResult(p)
}

// says is what the launcher ended with.
func (p *process) says() string {
	switch {
	case !p.returns:
		return "died"
	case p.err != nil:
		return "ends: " + p.err.Error()
	default:
		return fmt.Sprintf("ends with %s, adopted %v", p.found.Pod.Name, p.found.Adopted)
	}
}

// RoundTrip is the launcher's way to the API server, and that of its spark-submit.
func (p *process) RoundTrip(request *http.Request) (*http.Response, error) {
	select {
	case <-p.over:
		runtime.Goexit()
	default:
	}
	p.count++
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+p.token)
	if p.count == p.dies && !p.dead {
		p.dead = true
		p.note(p.token, fmt.Sprintf("is killed at request %d", p.count))
		if !p.inChild || !p.childLives {
			if p.afterwards {
				if answer, err := p.server.Transport().RoundTrip(request.WithContext(context.WithoutCancel(request.Context()))); err == nil {
					answer.Body.Close()
				}
			}
			runtime.Goexit()
		}
		p.alone = true
	}
	return p.server.Transport().RoundTrip(request)
}

// note adds to the trace.
func (p *play) note(who, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, step{time.Since(p.start), who, what})
}

// fault is the API server's hook: what becomes of one request.
func (p *play) fault(r *apiserver.Request) apiserver.Action {
	var one *process
	for _, candidate := range p.processes {
		if candidate.token == r.User {
			one = candidate
		}
	}
	if one == nil {
		return apiserver.Action{}
	}
	// No two steps at one moment: what happens then would be left to chance.
	pace := time.Duration(one.pace)*100*time.Millisecond + time.Duration(one.count)*time.Millisecond + time.Duration(len(one.token)*7+int(one.token[len(one.token)-1]))*time.Microsecond
	action := apiserver.Action{}
	for _, f := range one.launch.faults {
		if f.request == one.count && !one.dead {
			action = p.becomes(f, r, one)
			p.mu.Lock()
			p.faults[f.what]++
			p.mu.Unlock()
		}
	}
	action.Before += pace
	return action
}

// lag is how far behind the cache is that answers a list: anywhere, half of the time.
func (p *play) lag(r *apiserver.Request, oldest, newest int64) int64 {
	if r.Number%2 == 0 || oldest == newest {
		return newest
	}
	p.lagged.Add(1)
	return oldest + int64(r.Number)*7919%(newest-oldest)
}

// becomes is what a fault does to a request.
func (p *play) becomes(f fault, r *apiserver.Request, one *process) apiserver.Action {
	release := func() {
		number := r.Number
		time.AfterFunc(f.late, func() { p.server.Release(number) })
	}
	switch f.what {
	case "lost":
		return apiserver.Action{Skip: true, Lose: apiserver.Reset}
	case "answer lost":
		return apiserver.Action{Lose: apiserver.EOF}
	case "unanswered":
		return apiserver.Action{Lose: apiserver.Silence}
	case "late":
		release()
		return apiserver.Action{Hold: true, Lose: apiserver.Reset}
	case "late, unanswered":
		release()
		return apiserver.Action{Hold: true}
	case "twice":
		return apiserver.Action{Twice: true}
	case "slow":
		return apiserver.Action{Before: f.late / 2}
	case "unavailable":
		return apiserver.Action{Skip: true, Answer: apiserver.Unavailable()}
	case "internal error":
		return apiserver.Action{Answer: apiserver.InternalError("etcdserver: request timed out")}
	case "throttled":
		return apiserver.Action{Skip: true, Answer: apiserver.TooManyRequests(time.Second)}
	case "gateway timeout":
		return apiserver.Action{Answer: apiserver.GatewayTimeout()}
	case "truncated":
		return apiserver.Action{Lose: apiserver.Midway}
	case "proxy page":
		return apiserver.Action{Skip: true, Page: &apiserver.Page{Code: http.StatusNotFound, Body: "404 page not found\n"}}
	default:
		one.lies = true
		return apiserver.Action{}
	}
}

// trace tells what happened.
func (p *play) trace() string {
	var text strings.Builder
	text.WriteString(p.String())
	for _, s := range p.steps {
		fmt.Fprintf(&text, "  %12s  %-10s %s\n", s.at.Round(time.Millisecond), s.who, s.what)
	}
	return text.String()
}

// code is the exit code that an error stands for, and its reason.
func code(err error) string {
	var p *problem.Error
	if !errors.As(err, &p) {
		return "an error that is none of ours"
	}
	return fmt.Sprint(int(p.Code), " ", p.Cause.Reason)
}
