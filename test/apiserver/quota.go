// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// admitQuota refuses what a ResourceQuota of the namespace has no room for,
// and charges the others for it. As with the real server this comes before the
// look at the name: an object that is then refused stays charged until the
// quota controller counts again (with Options.ManualGC: CollectGarbage).
func (s *Server) admitQuota(kind *Resource, o *object, dryRun bool) error {
	wanted, err := charge(kind, o)
	if err != nil || len(wanted) == 0 {
		return err
	}
	type charged struct {
		object *object
		status corev1.ResourceQuotaStatus
	}
	var all []charged
	for _, q := range s.store.newest().list(s.quotas(), o.GetNamespace()) {
		var quota corev1.ResourceQuota
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(q.Object, &quota); err != nil {
			return apierrors.NewInternalError(err)
		}
		if missing := unspecified(kind, o, quota.Status.Hard); missing != "" {
			return apierrors.NewForbidden(kind.groupResource(), o.GetName(), fmt.Errorf("failed quota: %s: must specify %s", quota.Name, missing))
		}
		changed, err := quotaCharge(&quota, wanted)
		if err != nil {
			return apierrors.NewForbidden(kind.groupResource(), o.GetName(), err)
		}
		if changed {
			all = append(all, charged{object: q, status: quota.Status})
		}
	}
	for _, c := range all {
		if dryRun {
			break
		}
		if err := s.writeQuota(c.object, c.status); err != nil {
			return err
		}
	}
	return nil
}

// quotaCharge adds to what is used, or says what does not fit.
func quotaCharge(quota *corev1.ResourceQuota, wanted corev1.ResourceList) (bool, error) {
	requested, usedUp, limited := corev1.ResourceList{}, corev1.ResourceList{}, corev1.ResourceList{}
	changed := false
	used := corev1.ResourceList{}
	for name, hard := range quota.Status.Hard {
		sum := quota.Status.Used[name].DeepCopy()
		want, asked := wanted[name]
		if asked && !want.IsZero() {
			sum.Add(want)
			changed = true
			if sum.Cmp(hard) > 0 {
				requested[name], usedUp[name], limited[name] = want, quota.Status.Used[name], hard
			}
		}
		used[name] = sum
	}
	if len(requested) > 0 {
		return false, fmt.Errorf("exceeded quota: %s, requested: %s, used: %s, limited: %s",
			quota.Name, pretty(requested), pretty(usedUp), pretty(limited))
	}
	quota.Status.Used = used
	return changed, nil
}

func (s *Server) quotas() schema.GroupResource {
	return schema.GroupResource{Resource: "resourcequotas"}
}

func (s *Server) writeQuota(o *object, status corev1.ResourceQuotaStatus) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&status)
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	next := o.DeepCopy()
	next.Object["status"] = content
	if equality.Semantic.DeepEqual(next.Object["status"], o.Object["status"]) {
		return nil
	}
	s.store.put(key{GroupResource: s.quotas(), namespace: o.GetNamespace(), name: o.GetName()}, next)
	return nil
}

// countQuotas is the quota controller: it writes what is really used.
func (s *Server) countQuotas() {
	for _, q := range s.store.newest().list(s.quotas(), "") {
		var quota corev1.ResourceQuota
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(q.Object, &quota); err != nil {
			continue
		}
		used, err := s.usage(q.GetNamespace())
		if err != nil {
			continue
		}
		status := corev1.ResourceQuotaStatus{Hard: quota.Spec.Hard, Used: corev1.ResourceList{}}
		for name := range quota.Spec.Hard {
			status.Used[name] = used[name]
		}
		s.writeQuota(q, status) //nolint:errcheck // it was read by the same converter
	}
}

// pretty prints resources as the quota plugin does.
func pretty(list corev1.ResourceList) string {
	var parts []string
	for name, quantity := range list {
		parts = append(parts, string(name)+"="+quantity.String())
	}
	sort.Strings(parts)
	return strings.Join(parts, ",")
}

// usage is what a namespace uses at present.
func (s *Server) usage(namespace string) (corev1.ResourceList, error) {
	total := corev1.ResourceList{}
	for i := range s.resources {
		kind := &s.resources[i]
		if kind.Cluster {
			continue
		}
		for _, o := range s.store.newest().list(kind.groupResource(), namespace) {
			use, err := charge(kind, o)
			if err != nil {
				return nil, err
			}
			add(total, use)
		}
	}
	return total, nil
}

func add(total, more corev1.ResourceList) {
	for name, quantity := range more {
		sum := total[name]
		sum.Add(quantity)
		total[name] = sum
	}
}

// charge is what one object counts for; nothing for a pod that has ended.
func charge(kind *Resource, o *object) (corev1.ResourceList, error) {
	one := *resource.NewQuantity(1, resource.DecimalSI)
	counted := corev1.ResourceName("count/" + kind.groupResource().String())
	use := corev1.ResourceList{counted: one}
	switch kind.Name {
	case "pods":
	case "services", "configmaps", "secrets", "persistentvolumeclaims", "resourcequotas":
		use[corev1.ResourceName(kind.Name)] = one
		return use, nil
	default:
		return use, nil
	}
	pod, err := podOf(o)
	if err != nil {
		return nil, err
	}
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return corev1.ResourceList{counted: one}, nil
	}
	use[corev1.ResourcePods] = one
	for _, c := range pod.Spec.Containers {
		for name, quantity := range c.Resources.Requests {
			add(use, corev1.ResourceList{"requests." + name: quantity})
			if name == corev1.ResourceCPU || name == corev1.ResourceMemory {
				add(use, corev1.ResourceList{name: quantity})
			}
		}
		for name, quantity := range c.Resources.Limits {
			add(use, corev1.ResourceList{"limits." + name: quantity})
		}
	}
	return use, nil
}

// unspecified lists the resources that a quota wants every container to name.
func unspecified(kind *Resource, o *object, hard corev1.ResourceList) string {
	if kind.Name != "pods" || len(hard) == 0 {
		return ""
	}
	pod, err := podOf(o)
	if err != nil {
		return ""
	}
	missing := map[string][]string{}
	for name := range hard {
		for _, c := range pod.Spec.Containers {
			if !names(c, name) {
				missing[string(name)] = append(missing[string(name)], c.Name)
			}
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		parts = append(parts, fmt.Sprintf("%s for: %s", name, strings.Join(missing[name], ",")))
	}
	return strings.Join(parts, "; ")
}

// names tells whether a container names what a quota limits.
func names(c corev1.Container, limited corev1.ResourceName) bool {
	text := string(limited)
	var given bool
	switch {
	case limited == corev1.ResourceCPU || limited == corev1.ResourceMemory:
		_, given = c.Resources.Requests[limited]
	case text == "requests.cpu" || text == "requests.memory":
		_, given = c.Resources.Requests[corev1.ResourceName(strings.TrimPrefix(text, "requests."))]
	case text == "limits.cpu" || text == "limits.memory":
		_, given = c.Resources.Limits[corev1.ResourceName(strings.TrimPrefix(text, "limits."))]
	default:
		return true
	}
	return given
}
