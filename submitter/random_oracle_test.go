// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// seen is a driver as the API shows it, in the words of the invariants. It is read here on its own account: nothing of
// the code under test judges it.
type seen struct {
	name, generation, application string
	group                         string // the PodGroup that it names
	gated, terminating, ended     bool
	succeeded                     bool
}

func (s seen) mayRun() bool { return !s.gated && !s.ended }

func (s seen) String() string {
	words := []string{s.name}
	for word, is := range map[string]bool{"gated": s.gated, "terminating": s.terminating, "ended": s.ended, "succeeded": s.succeeded} {
		if is {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func see(pod *corev1.Pod) seen {
	s := seen{
		name: pod.Name, generation: pod.Annotations[driver.AnnotationGeneration], application: pod.Annotations[driver.AnnotationApplication],
		group:       pod.Annotations["scheduling.k8s.io/group-name"],
		terminating: pod.DeletionTimestamp != nil,
		ended:       pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed,
	}
	for _, gate := range pod.Spec.SchedulingGates {
		s.gated = s.gated || gate.Name == driver.GateSubmission
	}
	for _, status := range pod.Status.ContainerStatuses {
		if end := status.State.Terminated; end != nil {
			s.ended, s.succeeded = true, end.ExitCode == 0
		}
	}
	return s
}

// observe is the API server's hook: a request was carried out.
func (p *play) observe(r apiserver.Request) {
	if r.User == "world" {
		return
	}
	if r.Verb != "list" && r.Verb != "get" || r.Status >= 400 {
		p.note(r.User, fmt.Sprintf("%s %s %s: %d", r.Verb, r.Resource, r.Name, r.Status))
	}
	if r.Verb != "list" && r.Verb != "get" {
		p.look(r.User, &r)
	}
	if isRollback(&r) && r.Status < 400 {
		p.leave(r.Name)
	}
}

// isRollback reports whether a request is a spark-submit's delete of what it has made by halves: by the name alone.
func isRollback(r *apiserver.Request) bool { return r.Verb == "delete" && len(r.Body) == 0 }

// leave notes that the driver of that name was removed while its spark-submit was at work: by others, or by that spark-submit,
// which repeats itself if it is not answered. Whoever has the name next may be removed by it.
func (p *play) leave(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bereft[name] = true
}

// look compares what stands with what stood, and holds the step between to the invariants.
func (p *play) look(who string, r *apiserver.Request) {
	now := map[types.UID]seen{}
	for _, pod := range p.driverPods() {
		now[pod.UID] = see(pod)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var running []string
	for uid, s := range now {
		if s.mayRun() {
			running = append(running, s.name)
		}
		if !s.gated {
			p.ran[uid] = s
		}
	}
	if len(running) > 1 {
		p.wrong("two drivers may run: %v", running)
	}
	by := p.launcher(who)
	for uid, was := range p.before {
		is, there := now[uid]
		switch {
		case by == nil || r == nil:
		case was.gated && there && !is.gated:
			p.checkCommit(by, uid, is, now)
		case was.mayRun() && !was.terminating && (!there || is.terminating):
			p.checkKill(by, was, r)
		}
	}
	p.before = now
}

func (p *play) launcher(who string) *process {
	for _, one := range p.processes {
		if one.token == who {
			return one
		}
	}
	return nil
}

func (p *play) wrong(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf("%s: ", time.Since(p.start).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

// checkCommit: no driver runs before its objects exist; none where a success of its generation stands, or anything that
// ran for a newer one.
func (p *play) checkCommit(by *process, uid types.UID, own seen, now map[types.UID]seen) {
	objects := map[string]int{}
	for _, kind := range []string{"configmaps", "services"} {
		for _, object := range p.server.All(kind, "default") {
			for _, owner := range object.GetOwnerReferences() {
				if owner.UID == uid {
					objects[kind]++
				}
			}
		}
	}
	if objects["configmaps"] == 0 || objects["services"] == 0 {
		p.wrong("%s commits %s with objects %v", by.token, own, objects)
	}
	p.checkGroups(by, uid, own)
	for other, s := range now {
		switch {
		case other == uid || s.gated:
		case ordered(own.generation, s.generation) < 0:
			p.wrong("%s commits %s of generation %q beside %s of generation %q", by.token, own, own.generation, s, s.generation)
		case s.succeeded && like(own.generation, s.generation) && by.onSucceeded != submitter.SucceededRerun:
			p.wrong("%s commits %s although %s stands", by.token, own, s)
		}
	}
}

// checkKill: an active driver is ended for a newer generation or on request, never else. What a spark-submit rolls back by a name
// that may have become another driver's is a price that docs/design names.
func (p *play) checkKill(by *process, was seen, r *apiserver.Request) {
	switch {
	case r.Verb != "delete", (p.fixed || p.bereft[was.name]) && isRollback(r), by.onActive == submitter.ActiveReplace, by.cancelled > 0 && !by.leaves:
	case ordered(by.generation, was.generation) <= 0:
		p.wrong("%s of generation %q ends %s of generation %q", by.token, by.generation, was, was.generation)
	}
}

// checkResult: what is reported is a driver that exists or existed, and the one that was asked for.
func (p *play) checkResult(by *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if by.err != nil {
		return
	}
	is, ran := p.ran[by.found.Pod.UID]
	switch {
	case by.found.Held && !ran:
	case !ran:
		p.wrong("%s reports %s, which has never run", by.token, by.found.Pod.Name)
	case !like(by.generation, is.generation) && by.onActive != submitter.ActiveAdopt:
		p.wrong("%s of generation %q reports %s of generation %q", by.token, by.generation, is, is.generation)
	case !strings.Contains(is.application, fmt.Sprintf("instances=%d", by.application)) && by.onActive != submitter.ActiveAdopt && by.onSucceeded != submitter.SucceededReuse:
		p.wrong("%s reports another application: %s", by.token, is.application)
	}
}

// checkEnd: after a launcher that nothing disturbed there is its driver and nothing else that is not an end.
func (p *play) checkEnd(last *process) {
	p.look("the end", nil)
	standing := p.driverPods()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.processes {
		if !one.dead && !one.returns {
			p.wrong("%s has not ended", one.token)
		}
	}
	if last.err != nil {
		p.wrong("the last launcher fails: %v\n%s", last.err, last.log.String())
		return
	}
	pods := map[types.UID]bool{}
	for _, pod := range standing {
		pods[pod.UID] = true
		if s := see(pod); !s.ended && pod.UID != last.found.Pod.UID {
			p.wrong("%s stands after the last launcher", s)
		}
	}
	p.checkLeftGroups()
	for _, kind := range []string{"configmaps", "services", podGroups.Name} {
		for _, object := range p.server.All(kind, "default") {
			for _, owner := range object.GetOwnerReferences() {
				if !pods[owner.UID] {
					p.wrong("%s %s is left of a driver that is gone", kind, object.GetName())
				}
			}
		}
	}
}

// like reports whether two generations are of one intention, as far as can be known.
func like(a, b string) bool { return a == b || a == "" || b == "" }

// ordered compares two generations: above 0 when a is newer, 0 when that cannot be told.
func ordered(a, b string) int {
	x, wrongX := strconv.Atoi(a)
	y, wrongY := strconv.Atoi(b)
	if wrongX != nil || wrongY != nil {
		return 0
	}
	return x - y
}
