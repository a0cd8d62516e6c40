// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource is one kind of object the server keeps.
type Resource struct {
	Group, Version string
	// Name is the plural of the URL, e.g. "pods".
	Name string
	Kind string
	// Cluster marks a resource without namespaces.
	Cluster bool
	// Status marks a resource with a status subresource.
	Status bool
	// Fields are the field selectors besides metadata.name and .namespace.
	Fields []string
	// New makes an empty typed object; objects are then checked against it and
	// patched by its merge keys. Nil keeps them as they come (custom resources).
	New func() any
	// ValidName tells what is wrong with a name; a DNS subdomain by default.
	ValidName validation.ValidateNameFunc
	// Generation marks a resource whose metadata.generation counts changes
	// of the spec.
	Generation bool
	// ReturnsDeleted marks a resource whose DELETE answers the object and not
	// a Status.
	ReturnsDeleted bool
}

func (r *Resource) groupResource() schema.GroupResource {
	return schema.GroupResource{Group: r.Group, Resource: r.Name}
}

func (r *Resource) groupKind() schema.GroupKind {
	return schema.GroupKind{Group: r.Group, Kind: r.Kind}
}

func (r *Resource) apiVersion() string {
	return schema.GroupVersion{Group: r.Group, Version: r.Version}.String()
}

// builtin are the resources every cluster has, as far as our programs look.
func builtin() []Resource {
	podFields := []string{
		"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
		"spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName",
	}
	eventFields := []string{
		"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
		"involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
		"reason", "reportingComponent", "source", "type",
	}
	label, service := validation.NameIsDNSLabel, validation.NameIsDNS1035Label
	return []Resource{
		{Version: "v1", Name: "pods", Kind: "Pod", Status: true, Fields: podFields, New: of[corev1.Pod], Generation: true, ReturnsDeleted: true},
		{Version: "v1", Name: "services", Kind: "Service", Status: true, New: of[corev1.Service], ValidName: service, Fields: []string{"spec.clusterIP", "spec.type"}, ReturnsDeleted: true},
		{Version: "v1", Name: "configmaps", Kind: "ConfigMap", New: of[corev1.ConfigMap]},
		{Version: "v1", Name: "secrets", Kind: "Secret", New: of[corev1.Secret], Fields: []string{"type"}},
		{Version: "v1", Name: "events", Kind: "Event", New: of[corev1.Event], Fields: eventFields},
		{Version: "v1", Name: "serviceaccounts", Kind: "ServiceAccount", New: of[corev1.ServiceAccount], ReturnsDeleted: true},
		{Version: "v1", Name: "persistentvolumeclaims", Kind: "PersistentVolumeClaim", Status: true, New: of[corev1.PersistentVolumeClaim], ReturnsDeleted: true},
		{Version: "v1", Name: "resourcequotas", Kind: "ResourceQuota", Status: true, New: of[corev1.ResourceQuota], ReturnsDeleted: true},
		{Version: "v1", Name: "limitranges", Kind: "LimitRange", New: of[corev1.LimitRange]},
		{Version: "v1", Name: "podtemplates", Kind: "PodTemplate", New: of[corev1.PodTemplate], ReturnsDeleted: true},
		{Version: "v1", Name: "namespaces", Kind: "Namespace", Cluster: true, Status: true, New: of[corev1.Namespace], ValidName: label, Fields: []string{"name", "status.phase"}},
		{Version: "v1", Name: "nodes", Kind: "Node", Cluster: true, Status: true, New: of[corev1.Node], Fields: []string{"spec.unschedulable"}},
		{Version: "v1", Name: "persistentvolumes", Kind: "PersistentVolume", Cluster: true, Status: true, New: of[corev1.PersistentVolume], ReturnsDeleted: true},
		{Group: "batch", Version: "v1", Name: "jobs", Kind: "Job", Status: true, New: of[batchv1.Job], Generation: true, Fields: []string{"status.successful"}},
		{Group: "batch", Version: "v1", Name: "cronjobs", Kind: "CronJob", Status: true, New: of[batchv1.CronJob], Generation: true},
		{Group: "apps", Version: "v1", Name: "deployments", Kind: "Deployment", Status: true, New: of[appsv1.Deployment], Generation: true},
		{Group: "apps", Version: "v1", Name: "statefulsets", Kind: "StatefulSet", Status: true, New: of[appsv1.StatefulSet], Generation: true},
		{Group: "coordination.k8s.io", Version: "v1", Name: "leases", Kind: "Lease", New: of[coordinationv1.Lease]},
		{Group: "networking.k8s.io", Version: "v1", Name: "networkpolicies", Kind: "NetworkPolicy", New: of[networkingv1.NetworkPolicy], Generation: true},
		{Group: "networking.k8s.io", Version: "v1", Name: "ingresses", Kind: "Ingress", Status: true, New: of[networkingv1.Ingress], Generation: true},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "roles", Kind: "Role", New: of[rbacv1.Role], ValidName: pathSegment},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "rolebindings", Kind: "RoleBinding", New: of[rbacv1.RoleBinding], ValidName: pathSegment},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "clusterroles", Kind: "ClusterRole", Cluster: true, New: of[rbacv1.ClusterRole], ValidName: pathSegment},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "clusterrolebindings", Kind: "ClusterRoleBinding", Cluster: true, New: of[rbacv1.ClusterRoleBinding], ValidName: pathSegment},
		{Group: "scheduling.k8s.io", Version: "v1", Name: "priorityclasses", Kind: "PriorityClass", Cluster: true, New: of[schedulingv1.PriorityClass], Generation: true},
	}
}

// pathSegment lets a name be anything that can stand in a URL.
func pathSegment(name string, _ bool) []string {
	if name == "." || name == ".." || strings.ContainsAny(name, "/%") {
		return []string{"may not be '.' or '..', nor contain '/' or '%'"}
	}
	return nil
}

func of[T any]() any { return new(T) }

// resource finds what a URL names; nil when the server does not know it.
func (s *Server) resource(group, version, name string) *Resource {
	for i := range s.resources {
		r := &s.resources[i]
		if r.Group == group && r.Version == version && r.Name == name {
			return r
		}
	}
	return nil
}
