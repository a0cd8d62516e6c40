// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

// admitQuota refuses what a ResourceQuota of the namespace has no room for.
// The use is counted afresh, where the real server keeps it in the quota's
// status and gives it back some time after a pod has ended.
func (s *Server) admitQuota(kind *Resource, o *object) error {
	wanted, err := charge(kind, o)
	if err != nil || len(wanted) == 0 {
		return err
	}
	quotas := s.resource("", "v1", "resourcequotas").groupResource()
	for _, q := range s.store.now().list(quotas, o.GetNamespace()) {
		var quota corev1.ResourceQuota
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(q.Object, &quota); err != nil {
			return apierrors.NewInternalError(err)
		}
		if missing := unspecified(kind, wanted, quota.Spec.Hard); len(missing) > 0 {
			return apierrors.NewForbidden(kind.groupResource(), o.GetName(),
				fmt.Errorf("failed quota: %s: must specify %s", quota.Name, strings.Join(missing, "; ")))
		}
		used, err := s.usage(o.GetNamespace())
		if err != nil {
			return err
		}
		if err := exceeds(quota, wanted, used); err != nil {
			return apierrors.NewForbidden(kind.groupResource(), o.GetName(), err)
		}
	}
	return nil
}

func exceeds(quota corev1.ResourceQuota, wanted, used corev1.ResourceList) error {
	requested, usedUp, limited := corev1.ResourceList{}, corev1.ResourceList{}, corev1.ResourceList{}
	for name, hard := range quota.Spec.Hard {
		want, asked := wanted[name]
		if !asked || want.IsZero() {
			continue
		}
		sum := used[name]
		sum.Add(want)
		if sum.Cmp(hard) > 0 {
			requested[name], usedUp[name], limited[name] = want, used[name], hard
		}
	}
	if len(requested) == 0 {
		return nil
	}
	return fmt.Errorf("exceeded quota: %s, requested: %s, used: %s, limited: %s",
		quota.Name, pretty(requested), pretty(usedUp), pretty(limited))
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
		for _, o := range s.store.now().list(kind.groupResource(), namespace) {
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

// unspecified lists the resources that a quota wants a pod to name.
func unspecified(kind *Resource, wanted, hard corev1.ResourceList) []string {
	if kind.Name != "pods" {
		return nil
	}
	var missing []string
	for name := range hard {
		text := string(name)
		compute := name == corev1.ResourceCPU || name == corev1.ResourceMemory ||
			strings.HasPrefix(text, "requests.") || strings.HasPrefix(text, "limits.")
		if _, given := wanted[name]; compute && !given && !strings.Contains(text, "storage") {
			missing = append(missing, text)
		}
	}
	sort.Strings(missing)
	return missing
}
