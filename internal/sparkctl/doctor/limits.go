// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// sized is a pod or a container and what it asks for.
type sized struct {
	what string
	// role is driver or executor, as Spark's keys have it.
	role string
	corev1.ResourceRequirements
}

// limits judges whether the namespace's limit ranges let the application's pods be as they are.
func (f Facts) limits() []Finding {
	const check = "limit range"
	show := "kubectl describe limitrange -n " + f.Namespace
	switch {
	case f.LimitRanges.Err != nil:
		return []Finding{{check, Unknown, "the limit ranges of namespace " + f.Namespace + " are not known: " + f.LimitRanges.why(), show}}
	case len(f.LimitRanges.Value) == 0:
		return []Finding{{Check: check, Level: OK, Message: "namespace " + f.Namespace + " has no limit range"}}
	case f.made() == nil:
		// What they allow depends on the application.
		return []Finding{{Check: check, Level: OK, Message: "namespace " + f.Namespace + " has limit ranges, which an application must keep to: " + f.ranges(), Mend: show}}
	}
	var found []Finding
	for _, r := range f.LimitRanges.Value {
		for _, item := range r.Spec.Limits {
			for _, s := range f.sized(item.Type) {
				for _, wrong := range outside(s, item) {
					found = append(found, Finding{check, Problem, fmt.Sprintf("limit range %s refuses %s: %s", r.Name, s.what, wrong), resize(s.role)})
				}
			}
		}
	}
	if len(found) == 0 {
		return []Finding{{Check: check, Level: OK, Message: "the limit ranges let the application's pods be as they are: " + f.ranges()}}
	}
	return found
}

func (f Facts) ranges() string {
	return names(f.LimitRanges.Value, func(r corev1.LimitRange) string { return r.Name })
}

func resize(role string) string {
	return fmt.Sprintf("set spark.%[1]s.memory, spark.%[1]s.memoryOverhead, spark.%[1]s.cores, spark.kubernetes.%[1]s.request.cores and spark.kubernetes.%[1]s.limit.cores to fit", role)
}

// sized are the application's containers, or its pods.
func (f Facts) sized(kind corev1.LimitType) []sized {
	var all []sized
	for _, one := range []struct {
		whose, role string
		pod         *corev1.Pod
	}{{"the driver's", "driver", f.Application.Driver}, {"the executors'", "executor", f.Application.Executor}} {
		switch kind {
		case corev1.LimitTypeContainer:
			for _, c := range one.pod.Spec.Containers {
				all = append(all, sized{one.whose + " container " + c.Name, one.role, c.Resources})
			}
		case corev1.LimitTypePod:
			all = append(all, sized{one.whose + " pod", one.role, sums(one.pod)})
		}
	}
	return all
}

// sums are what a pod takes as a whole.
func sums(pod *corev1.Pod) corev1.ResourceRequirements {
	sums := corev1.ResourceRequirements{Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}}
	for _, key := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage} {
		if sum := total(pod, key, false); !sum.IsZero() {
			sums.Requests[key] = sum
		}
		if sum := total(pod, key, true); !sum.IsZero() {
			sums.Limits[key] = sum
		}
	}
	return sums
}

// outside says what is out of a range (LimitRangeItem; admission plugin LimitRanger). What is not said is filled in from the range's defaults first.
func outside(s sized, item corev1.LimitRangeItem) []string {
	var wrong []string
	for _, key := range slices.Sorted(maps.Keys(merged(item.Min, item.Max, item.MaxLimitRequestRatio))) {
		request, requested := s.Requests[key]
		limit, limited := s.Limits[key]
		if item.Type == corev1.LimitTypeContainer {
			limit, limited = or(limit, limited, item.Default, key)
			request, requested = or(request, requested, item.DefaultRequest, key)
		}
		if limited && !requested {
			request, requested = limit, true
		}
		if least, bound := item.Min[key]; bound && (!requested || request.Cmp(least) < 0) {
			wrong = append(wrong, fmt.Sprintf("it asks for %s of %s, and the least is %s", amount(request, requested), key, least.String()))
		}
		if most, bound := item.Max[key]; bound && (!limited || limit.Cmp(most) > 0 || requested && request.Cmp(most) > 0) {
			said := amount(limit, limited)
			if !limited && requested && request.Cmp(most) > 0 {
				said = amount(request, true)
			}
			wrong = append(wrong, fmt.Sprintf("its limit of %s is %s, and the most is %s", key, said, most.String()))
		}
		if ratio, bound := item.MaxLimitRequestRatio[key]; bound && limited && requested && request.Sign() > 0 &&
			limit.AsApproximateFloat64()/request.AsApproximateFloat64() > ratio.AsApproximateFloat64() {
			wrong = append(wrong, fmt.Sprintf("its limit of %s is %s and its request %s, and the one may be %s times the other at most", key, limit.String(), request.String(), ratio.String()))
		}
	}
	return wrong
}

// or is the amount that is said, or that of the range's defaults.
func or(amount resource.Quantity, said bool, defaults corev1.ResourceList, key corev1.ResourceName) (resource.Quantity, bool) {
	if said {
		return amount, true
	}
	amount, said = defaults[key]
	return amount, said
}

func amount(q resource.Quantity, said bool) string {
	if !said {
		return "nothing"
	}
	return strings.TrimSpace(q.String())
}

// merged has the keys of all of them.
func merged(lists ...corev1.ResourceList) corev1.ResourceList {
	all := corev1.ResourceList{}
	for _, list := range lists {
		maps.Copy(all, list)
	}
	return all
}
