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

// quotas judges whether the namespace's quotas have room: for the application, else for anything at all.
func (f Facts) quotas() []Finding {
	const check = "quota"
	show := "kubectl describe resourcequota -n " + f.Namespace
	if f.Quotas.Err != nil {
		return []Finding{{check, Unknown, "the quotas of namespace " + f.Namespace + " are not known: " + f.Quotas.why(), show}}
	}
	var found []Finding
	for _, q := range f.Quotas.Value {
		found = append(found, f.quota(q)...)
	}
	switch {
	case len(f.Quotas.Value) == 0:
		return []Finding{{Check: check, Level: OK, Message: "namespace " + f.Namespace + " has no quota"}}
	case len(found) == 0:
		return []Finding{{Check: check, Level: OK, Message: "the quotas have room: " + names(f.Quotas.Value, func(q corev1.ResourceQuota) string { return q.Name })}}
	}
	return found
}

// quota judges one quota; nothing is said where it has room.
func (f Facts) quota(q corev1.ResourceQuota) []Finding {
	const check = "quota"
	show := fmt.Sprintf("kubectl describe resourcequota %s -n %s", q.Name, f.Namespace)
	counts, known := counts(q)
	if !known {
		return []Finding{{check, Unknown, "quota " + q.Name + " is for pods of some priorities, and whether it is for these is not known", show}}
	}
	if !counts {
		return nil
	}
	hard := q.Status.Hard
	if len(hard) == 0 {
		hard = q.Spec.Hard
	}
	var found []Finding
	var full, tight []string
	for _, name := range slices.Sorted(maps.Keys(hard)) {
		if mend := f.unnamed(name); mend != "" {
			found = append(found, Finding{check, Problem, fmt.Sprintf("quota %s refuses pods that do not say their %s, and this application's do not", q.Name, name), mend})
			continue
		}
		limit, used := hard[name], q.Status.Used[name]
		left := limit.DeepCopy()
		left.Sub(used)
		driver, all := f.demand(name)
		said := fmt.Sprintf("%s: %s of %s left", name, left.String(), limit.String())
		switch {
		case driver.Cmp(left) > 0:
			full = append(full, said+f.needed(driver))
		case all.Cmp(left) > 0:
			tight = append(tight, said+f.needed(all))
		}
	}
	if len(full) > 0 {
		found = append(found, Finding{check, Problem, "quota " + q.Name + " has no room for a driver (" + strings.Join(full, "; ") + ")", show})
	}
	if len(tight) > 0 {
		found = append(found, Finding{check, Warning, "quota " + q.Name + " has room for the driver and not for all its executors (" + strings.Join(tight, "; ") + ")", show})
	}
	return found
}

// needed says how much the application takes, if there is one.
func (f Facts) needed(amount resource.Quantity) string {
	if f.made() == nil {
		return ""
	}
	return ", " + amount.String() + " needed"
}

// counts reports whether a quota counts the pods of an application (ResourceQuotaSpec.scopes): they ask for something, and have no deadline.
func counts(q corev1.ResourceQuota) (counts, known bool) {
	scopes := slices.Clone(q.Spec.Scopes)
	if q.Spec.ScopeSelector != nil {
		for _, e := range q.Spec.ScopeSelector.MatchExpressions {
			scopes = append(scopes, e.ScopeName)
		}
	}
	counts, known = true, true
	for _, scope := range scopes {
		switch scope {
		case corev1.ResourceQuotaScopeBestEffort, corev1.ResourceQuotaScopeTerminating, corev1.ResourceQuotaScopeCrossNamespacePodAffinity:
			counts = false
		case corev1.ResourceQuotaScopeNotBestEffort, corev1.ResourceQuotaScopeNotTerminating:
		default:
			known = false
		}
	}
	return counts, known || !counts
}

// demand is what a driver, and it with its executors at first, takes of what a quota counts. Without an application it is one of each thing
// that every application has, and of amounts the least there is.
func (f Facts) demand(name corev1.ResourceName) (driver, all resource.Quantity) {
	one := func(n int) resource.Quantity { return *resource.NewQuantity(int64(n), resource.DecimalSI) }
	executors := 1
	if f.made() != nil {
		executors = f.Application.Executors
	}
	switch name {
	case corev1.ResourcePods, "count/pods":
		return one(1), one(1 + executors)
	case corev1.ResourceServices, "count/services":
		return one(1), one(1)
	case corev1.ResourceConfigMaps, "count/configmaps":
		// The driver's, and the executors', which it makes.
		return one(1), one(2)
	}
	key, limits := resourceOf(name)
	if key == "" {
		return resource.Quantity{}, resource.Quantity{}
	}
	if f.made() == nil {
		return *resource.NewMilliQuantity(1, resource.DecimalSI), *resource.NewMilliQuantity(1, resource.DecimalSI)
	}
	driver = total(f.Application.Driver, key, limits)
	all = driver.DeepCopy()
	executor := total(f.Application.Executor, key, limits)
	executor.Mul(int64(executors))
	all.Add(executor)
	return driver, all
}

// resourceOf is the resource of containers that a quota's name counts, and whether it counts limits; empty for what is none.
func resourceOf(name corev1.ResourceName) (key corev1.ResourceName, limits bool) {
	text := string(name)
	switch {
	case strings.HasPrefix(text, "requests.storage"), strings.Contains(text, ".storageclass.storage.k8s.io/"), strings.HasPrefix(text, "count/"):
		return "", false
	case strings.HasPrefix(text, "requests."):
		return corev1.ResourceName(strings.TrimPrefix(text, "requests.")), false
	case strings.HasPrefix(text, "limits."):
		return corev1.ResourceName(strings.TrimPrefix(text, "limits.")), true
	case name == corev1.ResourceCPU, name == corev1.ResourceMemory, name == corev1.ResourceEphemeralStorage:
		return name, false
	default:
		return "", false
	}
}

// total is what the containers of a pod take of a resource together; an init container that takes more counts in their place.
func total(pod *corev1.Pod, key corev1.ResourceName, limits bool) resource.Quantity {
	of := func(c corev1.Container) resource.Quantity {
		amount, requested := c.Resources.Requests[key]
		if limits || !requested {
			// What is limited and not asked for is asked for as it is limited.
			return c.Resources.Limits[key]
		}
		return amount
	}
	var sum resource.Quantity
	for _, c := range pod.Spec.Containers {
		sum.Add(of(c))
	}
	for _, c := range pod.Spec.InitContainers {
		if one := of(c); one.Cmp(sum) > 0 {
			sum = one
		}
	}
	return sum
}

// unnamed is the setting with which the application says what a quota wants every container to say of processors and memory; empty where it does, or where a
// LimitRange says it for those that do not.
func (f Facts) unnamed(name corev1.ResourceName) string {
	if f.made() == nil {
		return ""
	}
	key, limits := resourceOf(name)
	if key != corev1.ResourceCPU && key != corev1.ResourceMemory || f.LimitRanges.Err != nil {
		return ""
	}
	for _, r := range f.LimitRanges.Value {
		for _, item := range r.Spec.Limits {
			_, byDefault := item.Default[key]
			_, requested := item.DefaultRequest[key]
			if item.Type == corev1.LimitTypeContainer && (byDefault || requested && !limits) {
				return ""
			}
		}
	}
	says := func(c corev1.ResourceRequirements) bool {
		_, request := c.Requests[key]
		_, limit := c.Limits[key]
		return limit || request && !limits
	}
	silent := false
	for _, c := range slices.Concat(f.Application.Driver.Spec.Containers, f.Application.Executor.Spec.Containers) {
		silent = silent || !says(c.Resources)
	}
	switch {
	case !silent:
		return ""
	case key == corev1.ResourceCPU && limits:
		return "submit with --conf spark.kubernetes.driver.limit.cores=1 --conf spark.kubernetes.executor.limit.cores=1, or more"
	default:
		return fmt.Sprintf("give every container of the pod templates its %s", name)
	}
}

// names writes the names of things.
func names[T any](all []T, name func(T) string) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, name(one))
	}
	return strings.Join(texts, ", ")
}
