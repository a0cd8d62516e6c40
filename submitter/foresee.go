// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"

	corev1 "k8s.io/api/core/v1"
)

// Foreseen is what [Submitter.Submit] would do first about the drivers that stand there.
type Foreseen struct {
	// Verb is announce, adopt or wait, and Because what that stands on.
	Verb, Because string
	// Plan is the one for the attempt that would be announced.
	Plan Plan
	// Pod is the driver that would be adopted or waited for, or that the next attempt comes after; nil where nothing stands.
	Pod *corev1.Pod
}

// Foresee reads what stands and says what [Submitter.Submit] would do first. It changes nothing; no engine is needed. Every error is a
// [*problem.Error]: that of Submit, where it would refuse.
func (s Submitter) Foresee(ctx context.Context, plan Plan) (Foreseen, error) {
	p := s.protocol(plan)
	d, err := p.decide(ctx)
	if err != nil {
		return Foreseen{}, err
	}
	if d.verb == refuse {
		return Foreseen{}, p.refusal(d)
	}
	f := Foreseen{Verb: d.verb.String(), Because: string(d.why), Plan: plan.At(d.number)}
	if d.about != nil {
		f.Pod = d.about.pod
	}
	return f, nil
}
