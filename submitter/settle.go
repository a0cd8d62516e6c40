// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// settle looks and acts until the announced driver is committed or gone. A doomed one is removed. Without a pod and an
// error, decide again. asked is the caller's context, ctx the one that outlives it for a while; all was read after own was announced.
func (p *protocol) settle(asked, ctx context.Context, own attempt, all []attempt, made Made, doomed *doom) (Outcome, error) {
	var err error
	for version := ""; ; all, err = p.list(ctx) {
		switch {
		case err != nil && asked.Err() != nil:
			return Outcome{}, unconfirmed(asked, p.plan.At(own.number))
		case err != nil:
			return Outcome{}, err
		}
		next, about := look(p.in, own, all)
		switch {
		case next == gone, next == committed && doomed != nil && about.standing != active:
			if doomed != nil {
				return Outcome{}, doomed.then(doomed.failure)
			}
			return Outcome{}, nil
		case next == committed && doomed == nil:
			p.checkGate(*about)
			return outcome(*about, false), nil
		}
		mine := *first(all, func(a attempt) bool { return a.uid == own.uid })
		if mine.pod.ResourceVersion != version {
			version, p.troubleSince = mine.pod.ResourceVersion, time.Time{}
		}
		if doomed == nil && next != withdraw && asked.Err() != nil && (p.Leave == nil || !p.Leave(ctx)) {
			held := outcome(mine, false)
			held.Held = true
			return held, nil
		}
		if doomed == nil && next == commit && !made.Whole {
			missing, unread := p.incomplete(ctx, mine.pod)
			switch {
			case missing != nil:
				doomed = missing
			case unread != nil:
				if wrong := p.answered(ctx, unread); wrong != nil {
					doomed = &doom{wrong, asItIs}
				}
				continue
			}
		}
		if doomed != nil {
			next = withdraw
		}
		found, wrong := p.act(ctx, next, mine, about)
		switch {
		case found.Pod != nil:
			return found, nil
		case wrong != nil && doomed == nil && next != withdraw:
			doomed = &doom{wrong, asItIs}
		case wrong != nil && doomed != nil:
			p.Log.Error("the driver that was announced could not be removed; it cannot run", "driver", mine.name, "error", wrong)
			return Outcome{}, doomed.failure
		case wrong != nil:
			return Outcome{}, wrong
		}
	}
}

// checkGate tells of a driver that ran before it was committed: something took the gate off, or never put it on.
func (p *protocol) checkGate(a attempt) {
	if !p.committing {
		p.Log.Error("the driver was not held back by its scheduling gate: nothing keeps another launcher's driver from running beside it; check that Kubernetes is 1.27 or newer and that nothing changes the pod's schedulingGates", "driver", a.name)
	}
}

// act carries one move out.
func (p *protocol) act(ctx context.Context, next move, mine attempt, about *attempt) (Outcome, error) {
	switch next {
	case commit:
		index := slices.IndexFunc(mine.pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool { return g.Name == driver.GateSubmission })
		p.committing = true
		pod, err := p.Cluster.RemoveGate(ctx, mine.pod, index, time.Now())
		if err == nil {
			return Outcome{Pod: pod, Attempt: mine.number}, nil
		}
		return Outcome{}, p.answered(ctx, err)
	case withdraw:
		p.Log.Info("removing the driver that was announced", "driver", mine.name)
		if mine.standing != gated {
			return Outcome{}, p.answered(ctx, p.Cluster.DeletePod(ctx, mine.pod.Namespace, mine.name, mine.uid))
		}
		return Outcome{}, p.removeVersion(ctx, mine)
	case kill:
		p.Log.Info("ending the driver that this one replaces", "driver", about.name, "generation", about.generation)
		return Outcome{}, p.answered(ctx, p.Cluster.DeletePod(ctx, about.pod.Namespace, about.name, about.uid))
	case remove:
		p.Log.Info("removing a driver whose launcher did not complete it", "driver", about.name, "launcher", about.launcher)
		return Outcome{}, p.removeVersion(ctx, *about)
	default:
		return Outcome{}, p.await(ctx, *about)
	}
}

// incomplete says what of the driver's objects is not there, nil if all are: the ConfigMap that its pod mounts, and the
// Service that the configuration in it names. An engine that ended well is not believed for that: under load spark-submit has been
// seen to end with 0 without a ConfigMap (SPARK-44050).
func (p *protocol) incomplete(ctx context.Context, pod *corev1.Pod) (*doom, error) {
	name := ""
	for _, volume := range pod.Spec.Volumes {
		if volume.Name == driver.ConfVolume && volume.ConfigMap != nil {
			name = volume.ConfigMap.Name
		}
	}
	if name == "" {
		return nil, nil
	}
	conf, err := p.Cluster.ConfigMap(ctx, pod.Namespace, name)
	if missing, err := p.absent(pod, "ConfigMap "+name, conf, err); missing != nil || err != nil {
		return missing, err
	}
	service, _, _ := strings.Cut(ParseProperties(conf.Data[driver.PropertiesFile])["spark.driver.host"], ".")
	if service == "" {
		return nil, nil
	}
	found, err := p.Cluster.Service(ctx, pod.Namespace, service)
	return p.absent(pod, "Service "+service, found, err)
}

// absent judges the answer to the read of an object that the driver needs. An error is one that no further read mends.
func (p *protocol) absent(pod *corev1.Pod, what string, object metav1.Object, err error) (*doom, error) {
	switch {
	case err == nil && slices.ContainsFunc(object.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == pod.UID }):
		return nil, nil
	case err == nil, apierrors.IsNotFound(err):
		return &doom{problem.New(xcom.ExitRetry, xcom.CategoryUnknown, "Incomplete", "submit again",
			"%s ended well, but the driver's %s is not there", p.Engine.Name(), what).Retryable(true), p.remake}, nil
	default:
		return nil, err
	}
}
