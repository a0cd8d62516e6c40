// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/version"
)

// nonResource answers the paths that name no object: versions, health and
// as much of the discovery as a client needs to find its resources.
func (s *Server) nonResource(r *Request) (reply, error) {
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	switch {
	case r.Verb != "get":
		return reply{}, methodNotAllowed()
	case r.Path == "/version", r.Path == "/version/":
		number := strings.Split(strings.TrimPrefix(s.options.Version, "v"), ".")
		return document(http.StatusOK, version.Info{
			Major: number[0], Minor: number[min(1, len(number)-1)], GitVersion: s.options.Version, Platform: "linux/amd64",
		}), nil
	case slices.Contains([]string{"readyz", "livez", "healthz"}, parts[0]):
		return reply{code: http.StatusOK, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte("ok")}, nil
	case r.Path == "/api":
		return document(http.StatusOK, metav1.APIVersions{
			TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"},
		}), nil
	case r.Path == "/apis":
		return document(http.StatusOK, s.groups()), nil
	case parts[0] == "api" && len(parts) == 2:
		return s.resourceList("", parts[1])
	case parts[0] == "apis" && len(parts) == 3:
		return s.resourceList(parts[1], parts[2])
	}
	return notServed(), nil
}

func (s *Server) groups() metav1.APIGroupList {
	list := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for _, r := range s.resources {
		if r.Group == "" {
			continue
		}
		i := slices.IndexFunc(list.Groups, func(g metav1.APIGroup) bool { return g.Name == r.Group })
		if i < 0 {
			list.Groups = append(list.Groups, metav1.APIGroup{Name: r.Group})
			i = len(list.Groups) - 1
		}
		v := metav1.GroupVersionForDiscovery{GroupVersion: r.apiVersion(), Version: r.Version}
		if g := &list.Groups[i]; !slices.Contains(g.Versions, v) {
			g.Versions = append(g.Versions, v)
			g.PreferredVersion = g.Versions[0]
		}
	}
	return list
}

func (s *Server) resourceList(group, apiVersion string) (reply, error) {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}}
	for _, r := range s.resources {
		if r.Group != group || r.Version != apiVersion {
			continue
		}
		list.GroupVersion = r.apiVersion()
		verbs := metav1.Verbs{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
		list.APIResources = append(list.APIResources, metav1.APIResource{
			Name: r.Name, SingularName: strings.ToLower(r.Kind), Namespaced: !r.Cluster, Kind: r.Kind, Verbs: verbs,
		})
		if r.Status {
			list.APIResources = append(list.APIResources, metav1.APIResource{
				Name: r.Name + "/status", Namespaced: !r.Cluster, Kind: r.Kind, Verbs: metav1.Verbs{"get", "patch", "update"},
			})
		}
	}
	if list.GroupVersion == "" {
		return reply{}, unknownPath()
	}
	return document(http.StatusOK, list), nil
}

// Get gives a copy of an object, nil when there is none. It is no request:
// nothing is recorded and no fault applies.
func (s *Server) Get(resource, namespace, name string) *unstructured.Unstructured {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, o := range s.store.objects {
		if k.Resource == resource && k.namespace == namespace && k.name == name {
			return o.DeepCopy()
		}
	}
	return nil
}

// All gives copies of all objects of a resource, in all namespaces when
// namespace is empty, ordered by namespace and name.
func (s *Server) All(resource, namespace string) []*unstructured.Unstructured {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*unstructured.Unstructured
	for i := range s.resources {
		if s.resources[i].Name == resource {
			for _, o := range s.store.newest().list(s.resources[i].groupResource(), namespace) {
				found = append(found, o.DeepCopy())
			}
			return found
		}
	}
	return nil
}
