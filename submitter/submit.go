// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// Cluster is what submitting needs of a cluster. Reads are of a quorum of the store, never of a cache, but where it is said; errors are those
// of apimachinery's api/errors.
type Cluster interface {
	// Pods lists the pods with these labels; if since is not empty, as they stood at that resourceVersion or later.
	Pods(ctx context.Context, namespace string, with labels.Set, since string) ([]corev1.Pod, error)
	// Pod, ConfigMap and Service read one object.
	Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error)
	ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error)
	Service(ctx context.Context, namespace, name string) (*corev1.Service, error)
	// DeletePod asks for the end of the pod of that UID.
	DeletePod(ctx context.Context, namespace, name string, uid types.UID) error
	// DeletePodVersion removes the pod of that UID if it still has that version.
	DeletePodVersion(ctx context.Context, namespace, name string, uid types.UID, version string) error
	// ForgetPod removes the pod of that UID from the API without waiting for its end.
	ForgetPod(ctx context.Context, namespace, name string, uid types.UID) error
	// RemoveGate takes the gate at that index off if UID, version and the gate's name are still those of pod, and
	// annotates the pod with that time in the same write.
	RemoveGate(ctx context.Context, pod *corev1.Pod, index int, at time.Time) (*corev1.Pod, error)
}

// Engine makes the driver pod and its objects.
type Engine interface {
	// Name is the engine's name in results.
	Name() string
	// Submit carries plan out: the driver pod, gated, then all that it needs, owned by it. A [*problem.Error] says why it could not.
	Submit(ctx context.Context, plan Plan) (Made, error)
}

// Made is what an [Engine] that ended without an error knows in the API server's own words; nothing, if it only believes.
type Made struct {
	// Whole: every object is there, owned by the pod. Otherwise they are read before the driver may run.
	Whole bool
	// Version is the driver pod's resourceVersion when it was made, or later; empty if that is not known.
	Version string
}

// Submitter submits applications, so that of one run at most one driver runs, whatever dies.
type Submitter struct {
	Cluster Cluster
	Engine  Engine
	Policy  Policy
	// Patience is how long another launcher may take to complete a driver that it has announced.
	Patience time.Duration
	// APITimeout is how long the API server may be away.
	APITimeout time.Duration
	// Grace is how long work that must not be cut short may go on after the context has ended: an
	// engine is never stopped between two of its calls while there is time.
	Grace time.Duration
	// Leave tells, once the context has ended, whether a driver that is all but submitted is to be left to run; nil
	// means that it is not.
	Leave func(ctx context.Context) bool
	Log   *slog.Logger
}

// Outcome is the driver of a run.
type Outcome struct {
	// Pod as it was read last. Its end may have come.
	Pod *corev1.Pod
	// Attempt is its number.
	Attempt int
	// Adopted says that another launcher, or an earlier life of this one, made it.
	Adopted bool
	// Held says that it is complete and cannot run: the context ended before the gate was taken off.
	Held bool
}

// Submit sees to it that the run that plan names has a driver, and returns it: one that it makes, or one that stands there
// already. Every error is a [*problem.Error]; then no driver that this launcher has made runs, unless the error says that
// this could not be found out.
//
// When ctx ends before the engine has started, nothing is made. When it ends later, the engine is given the
// grace to finish. What becomes of a driver that is returned is the caller's to say.
func (s Submitter) Submit(ctx context.Context, plan Plan) (Outcome, error) {
	p := s.protocol(plan)
	for {
		d, err := p.decide(ctx)
		if err != nil {
			return Outcome{}, err
		}
		switch d.verb {
		case adopt:
			return outcome(*d.about, true), nil
		case refuse:
			return Outcome{}, p.refusal(d)
		case wait:
			err = p.await(ctx, *d.about)
		case announce:
			var found Outcome
			if found, err = p.announce(ctx, d); found.Pod != nil {
				return found, err
			}
		}
		if err != nil {
			return Outcome{}, err
		}
	}
}

// protocol is one submission that has not begun.
func (s Submitter) protocol(plan Plan) *protocol {
	return &protocol{
		Submitter: s, plan: plan, terminatingSince: map[types.UID]time.Time{},
		in: intent{generation: plan.Run.Generation, application: fingerprint(plan.Application), policy: s.Policy},
	}
}

func outcome(a attempt, adopted bool) Outcome {
	return Outcome{Pod: a.pod, Attempt: a.number, Adopted: adopted}
}

// outlive returns a context that ends grace after ctx does.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
	}
}

// pause waits for confirmRetry, and less if ctx ends.
func pause(ctx context.Context) {
	timer := time.NewTimer(confirmRetry)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
