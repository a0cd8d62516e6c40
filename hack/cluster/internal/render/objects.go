// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import "github.com/sparkctl/sparkctl/hack/cluster/internal/layout"

// Object is something in the API and where.
type Object struct {
	Path   string
	Object any
}

// Objects returns what every cluster holds from the start: the DNS Service,
// which points at the DNS server outside of any pod, and that server's rights.
func Objects(c layout.Cluster) []Object {
	return []Object{
		{"/api/v1/namespaces/kube-system/services/kube-dns", dnsService(c)},
		{"/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns", dnsEndpoints(c)},
		{"/apis/rbac.authorization.k8s.io/v1/clusterroles/system:coredns", dnsRole()},
		{"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:coredns", dnsRoleBinding()},
	}
}

func dnsPorts() []any {
	return []any{
		map[string]any{"name": "dns", "port": 53, "protocol": "UDP"},
		map[string]any{"name": "dns-tcp", "port": 53, "protocol": "TCP"},
	}
}

func dnsService(c layout.Cluster) any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Service",
		"metadata": map[string]any{"name": "kube-dns", "namespace": "kube-system"},
		"spec":     map[string]any{"clusterIP": c.DNSServiceAddress().String(), "ports": dnsPorts()},
	}
}

func dnsEndpoints(c layout.Cluster) any {
	return map[string]any{
		"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
		"metadata": map[string]any{
			"name": "kube-dns", "namespace": "kube-system",
			"labels": map[string]any{"kubernetes.io/service-name": "kube-dns"},
		},
		"addressType": "IPv4",
		"ports":       dnsPorts(),
		"endpoints":   []any{map[string]any{"addresses": []any{c.NodeAddress().String()}}},
	}
}

func dnsRole() any {
	watch := []any{"list", "watch"}
	return map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
		"metadata": map[string]any{"name": "system:coredns"},
		"rules": []any{
			map[string]any{"apiGroups": []any{""}, "resources": []any{"services", "pods", "namespaces"}, "verbs": watch},
			map[string]any{"apiGroups": []any{"discovery.k8s.io"}, "resources": []any{"endpointslices"}, "verbs": watch},
		},
	}
}

func dnsRoleBinding() any {
	return map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
		"metadata": map[string]any{"name": "system:coredns"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:coredns"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:coredns"}},
	}
}
