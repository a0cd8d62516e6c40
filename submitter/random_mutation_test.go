// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// mutation is a mistake in the protocol, made by what stands between it and the cluster: the code under test is the
// same, and what it reads and sends is what it would be if it made that mistake.
type mutation struct {
	name string
	// shownBy is the seed of a schedule that shows it.
	shownBy int
	wrap    func(submitter.Cluster, *process) submitter.Cluster
	// api is a mistake of the native engine.
	api func(native.API) native.API
}

// noGate is the mistake that the engine makes.
const noGate = "the driver is made without its gate"

// mutations are the mistakes, each of which some schedule must show.
func mutations() []mutation {
	// lists is the mistake of a launcher that reads something else than what stands.
	lists := func(shownBy int, name string, change func([]corev1.Pod, *process) []corev1.Pod) mutation {
		return mutation{name: name, shownBy: shownBy, wrap: func(c submitter.Cluster, by *process) submitter.Cluster {
			return mistaken{Cluster: c, list: func(pods []corev1.Pod) []corev1.Pod { return change(pods, by) }}
		}}
	}
	without := func(fits func(corev1.Pod) bool) func([]corev1.Pod, *process) []corev1.Pod {
		return func(pods []corev1.Pod, _ *process) []corev1.Pod { return slices.DeleteFunc(pods, fits) }
	}
	isGated := func(pod corev1.Pod) bool { _, ours := driver.Gates(&pod); return ours }
	return []mutation{
		{name: noGate, shownBy: 3},
		lists(2, "nothing is looked for once the driver is announced", func(pods []corev1.Pod, by *process) []corev1.Pod {
			own := func(pod corev1.Pod) bool {
				return pod.Annotations[driver.AnnotationLauncher] == by.self.String() && isGated(pod)
			}
			if !slices.ContainsFunc(pods, own) {
				return pods
			}
			return slices.DeleteFunc(pods, func(pod corev1.Pod) bool { return !own(pod) })
		}),
		lists(14, "others' gated drivers are not looked at", func(pods []corev1.Pod, by *process) []corev1.Pod {
			return slices.DeleteFunc(pods, func(pod corev1.Pod) bool {
				return isGated(pod) && pod.Annotations[driver.AnnotationLauncher] != by.self.String()
			})
		}),
		lists(112, "drivers that are terminating count as gone", without(func(pod corev1.Pod) bool { return pod.DeletionTimestamp != nil })),
		lists(5, "generations are ignored", func(pods []corev1.Pod, _ *process) []corev1.Pod {
			for i := range pods {
				delete(pods[i].Annotations, driver.AnnotationGeneration)
			}
			return pods
		}),
		lists(13, "successes are not looked at", without(func(pod corev1.Pod) bool { return pod.Status.Phase == corev1.PodSucceeded })),
		lists(20, "every gated driver is taken for the own one", func(pods []corev1.Pod, by *process) []corev1.Pod {
			for i := range pods {
				if isGated(pods[i]) {
					pods[i].Annotations[driver.AnnotationLauncher] = by.self.String()
				}
			}
			return pods
		}),
		lists(3, "applications are not compared", func(pods []corev1.Pod, by *process) []corev1.Pod {
			for i := range pods {
				pods[i].Annotations[driver.AnnotationApplication] = by.plan.Annotations[driver.AnnotationApplication]
			}
			return pods
		}),
		{name: "gated drivers are removed without preconditions", shownBy: 203, wrap: func(c submitter.Cluster, _ *process) submitter.Cluster {
			return unconditional{c}
		}},
		{name: "the gate is taken off without a test of whose it is", shownBy: 139, wrap: func(c submitter.Cluster, _ *process) submitter.Cluster {
			return untested{c}
		}},
		{name: "an engine that ended well is believed", shownBy: 26, wrap: func(c submitter.Cluster, _ *process) submitter.Cluster {
			return &believing{Cluster: c}
		}},
		{name: "a create that was not answered counts as done", shownBy: 19, api: func(a native.API) native.API { return credulous{a} }},
		{name: "objects are made without an owner", shownBy: 1, api: func(a native.API) native.API { return disowning{a} }},
		{name: "what was made before the pod stays without an owner", shownBy: 1, api: func(a native.API) native.API { return forgetful{a} }},
	}
}

// of is the cluster as a launcher with this mistake sees it. The last launcher makes none.
func (m mutation) of(cluster submitter.Cluster, by *process) submitter.Cluster {
	if m.wrap == nil || by.token == lastToken {
		return cluster
	}
	return m.wrap(cluster, by)
}

type mistaken struct {
	submitter.Cluster

	list func([]corev1.Pod) []corev1.Pod
}

func (m mistaken) Pods(ctx context.Context, namespace string, with labels.Set, since string) ([]corev1.Pod, error) {
	pods, err := m.Cluster.Pods(ctx, namespace, with, since)
	return m.list(pods), err
}

type unconditional struct{ submitter.Cluster }

func (u unconditional) DeletePodVersion(ctx context.Context, namespace, name string, _ types.UID, _ string) error {
	pod, err := u.Pod(ctx, namespace, name)
	if err != nil {
		return err
	}
	return u.DeletePod(ctx, namespace, name, pod.UID)
}

type untested struct{ submitter.Cluster }

func (u untested) RemoveGate(ctx context.Context, pod *corev1.Pod, index int, at time.Time) (*corev1.Pod, error) {
	there, err := u.Pod(ctx, pod.Namespace, pod.Name)
	if err != nil || len(there.Spec.SchedulingGates) <= index {
		return there, err
	}
	return u.Cluster.RemoveGate(ctx, there, index, at)
}

// believing finds every ConfigMap, owned by whatever pod it belongs to.
type believing struct {
	submitter.Cluster

	owners []metav1.OwnerReference
}

func (b *believing) Pods(ctx context.Context, namespace string, with labels.Set, since string) ([]corev1.Pod, error) {
	pods, err := b.Cluster.Pods(ctx, namespace, with, since)
	for _, pod := range pods {
		b.owners = append(b.owners, metav1.OwnerReference{UID: pod.UID})
	}
	return pods, err
}

func (b *believing) ConfigMap(context.Context, string, string) (*corev1.ConfigMap, error) {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{OwnerReferences: b.owners}}, nil
}

// Every mistake is shown by a schedule; where a change to the schedules has taken that away, another one is looked for and named.
func TestRandomSchedulesFindMistakes(t *testing.T) {
	t.Parallel()
	const most = 3000
	draw := rapid.Custom(drawSchedule)
	for _, m := range mutations() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			p := runSchedule(t, draw.Example(m.shownBy), m)
			if len(p.problems) > 0 {
				problem, _, _ := strings.Cut(p.problems[0], "\n")
				t.Log(problem)
				return
			}
			for seed := range most {
				if p := runSchedule(t, draw.Example(seed), m); len(p.problems) > 0 {
					t.Fatalf("not shown by schedule %d; schedule %d shows it: write that into shownBy", m.shownBy, seed)
				}
			}
			t.Errorf("not shown by %d schedules", most)
		})
	}
}
