// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Comparable leaves of an object what a submission decides: without what the API server, the scheduler and admission plugins of every cluster
// fill in, without owners, and without our scheduling gate, which goes when a submission is complete. It changes d.
func (d Document) Comparable() {
	delete(d, "status")
	metadata, _ := d["metadata"].(map[string]any)
	for _, key := range slices.Collect(maps.Keys(metadata)) {
		if !slices.Contains([]string{"name", "namespace", "labels", "annotations"}, key) {
			delete(metadata, key)
		}
	}
	annotations, _ := metadata["annotations"].(map[string]any)
	for key := range annotations {
		if isNetworks(key) || isTold(key) {
			delete(annotations, key)
		}
	}
	spec, _ := d["spec"].(map[string]any)
	switch d.Kind() {
	case "Pod":
		normalPod(spec)
	case "Service":
		for _, key := range []string{"clusterIPs", "internalTrafficPolicy", "sessionAffinity", "type"} {
			delete(spec, key)
		}
	case "ConfigMap":
		data, _ := d["data"].(map[string]any)
		if properties, is := data["spark.properties"].(string); is {
			data["spark.properties"] = sortedProperties(properties)
		}
	}
	dropUsual(map[string]any(d))
}

// isTold reports whether an annotation says nothing that the rest of the objects does not, or, as the launcher and its times, is never the same.
func isTold(key string) bool {
	return slices.Contains([]string{driver.AnnotationApplication, driver.AnnotationTemplate, driver.AnnotationLauncher, driver.AnnotationSubmitted}, key)
}

// isNetworks reports whether an annotation is what a network plugin writes on every pod.
func isNetworks(key string) bool {
	domain, _, _ := strings.Cut(key, "/")
	return slices.Contains([]string{"cni.projectcalico.org", "k8s.v1.cni.cncf.io", "k8s.ovn.org", "ovn.kubernetes.io"}, domain)
}

// normalPod takes out of a pod's spec what is not the submission's.
func normalPod(spec map[string]any) {
	for _, key := range []string{"nodeName", "priority", "preemptionPolicy", "serviceAccount"} {
		delete(spec, key)
	}
	if spec["serviceAccountName"] == "default" {
		delete(spec, "serviceAccountName")
	}
	without(spec, "schedulingGates", func(gate map[string]any) bool { return gate["name"] == driver.GateSubmission })
	isToken := func(one map[string]any) bool { return strings.HasPrefix(text(one["name"]), "kube-api-access-") }
	without(spec, "volumes", isToken)
	for _, field := range []string{"initContainers", "containers"} {
		containers, _ := spec[field].([]any)
		for _, one := range containers {
			container, _ := one.(map[string]any)
			without(container, "volumeMounts", isToken)
			normalContainer(container)
		}
	}
}

// withoutAdded takes out of a pod that stands there the two tolerations that the API server adds (admission plugin
// DefaultTolerationSeconds) where the new one names neither: for as long as its flags say, which is as long for both in practice. One of the
// two alone, or for another time than the other, was asked for.
func withoutAdded(live, made Document) {
	stands, _ := live["spec"].(map[string]any)
	spec, _ := made["spec"].(map[string]any)
	had, has := evictions(stands), evictions(spec)
	if len(has) > 0 || len(had) < 2 || had[notReady] != had[unreachable] {
		return
	}
	without(stands, "tolerations", func(t map[string]any) bool { return t["key"] == notReady || t["key"] == unreachable })
}

// The taints of a node that is lost.
const notReady, unreachable = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"

// evictions are for how many seconds a pod bears which of these taints.
func evictions(spec map[string]any) map[string]any {
	seconds := map[string]any{}
	tolerations, _ := spec["tolerations"].([]any)
	for _, one := range tolerations {
		t, _ := one.(map[string]any)
		if key := text(t["key"]); key == notReady || key == unreachable {
			seconds[key] = t["tolerationSeconds"]
		}
	}
	return seconds
}

// normalContainer takes out of a container what is filled in from its other fields.
func normalContainer(container map[string]any) {
	_, tag, tagged := strings.Cut(text(container["image"])[strings.LastIndexByte(text(container["image"]), '/')+1:], ":")
	usual := "IfNotPresent"
	if !tagged || tag == "latest" {
		usual = "Always"
	}
	if container["imagePullPolicy"] == usual {
		delete(container, "imagePullPolicy")
	}
	resources, _ := container["resources"].(map[string]any)
	limits, _ := resources["limits"].(map[string]any)
	requests, _ := resources["requests"].(map[string]any)
	for key, amount := range limits {
		if requests[key] == amount {
			delete(requests, key)
		}
	}
	if len(requests) == 0 {
		delete(resources, "requests")
	}
}

// without drops entries of a list, and the list when nothing is left.
func without(object map[string]any, field string, drop func(map[string]any) bool) {
	list, is := object[field].([]any)
	if !is {
		return
	}
	list = slices.DeleteFunc(list, func(one any) bool {
		entry, _ := one.(map[string]any)
		return drop(entry)
	})
	object[field] = list
	if len(list) == 0 {
		delete(object, field)
	}
}

// usual are the values that the API server gives fields that have none, whatever object they are in.
func usual() map[string]any {
	return map[string]any{
		"dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "schedulerName": "default-scheduler", "securityContext": map[string]any{},
		"terminationGracePeriodSeconds": 30.0, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
		"protocol": "TCP", "defaultMode": 420.0, "mode": 420.0, "resources": map[string]any{}, "publishNotReadyAddresses": false,
		"ipFamilyPolicy": "SingleStack", "ipFamilies": []any{"IPv4"}, "readOnly": false, "optional": false,
		"periodSeconds": 10.0, "timeoutSeconds": 1.0, "successThreshold": 1.0, "failureThreshold": 3.0, "scheme": "HTTP",
	}
}

// dropUsual drops them on every level.
func dropUsual(value any) {
	switch v := value.(type) {
	case map[string]any:
		defaults := usual()
		for key, inner := range v {
			dropUsual(inner)
			if fallback, known := defaults[key]; known && reflect.DeepEqual(inner, fallback) {
				delete(v, key)
			}
			if field, is := inner.(map[string]any); is && key == "fieldRef" && field["apiVersion"] == "v1" {
				delete(field, "apiVersion")
			}
		}
	case []any:
		for _, inner := range v {
			dropUsual(inner)
		}
	}
}

// sortedProperties are the lines of a file of properties that are no comments, sorted: Spark writes them in the order of Java's hashes.
func sortedProperties(content string) string {
	var lines []string
	for line := range strings.Lines(content) {
		key := propertyKey(line)
		if !strings.HasPrefix(line, "#") && !isTold(strings.TrimPrefix(key, "spark.kubernetes.driver.annotation.")) {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
