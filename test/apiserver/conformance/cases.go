// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

// cases are all conversations, by subject.
func cases() []conversation {
	return []conversation{
		{name: "create", hold: create},
		{name: "names", hold: names},
		{name: "update", hold: update},
		{name: "status", hold: status},
		{name: "json-patch", hold: jsonPatch},
		{name: "merge-patch", hold: mergePatch},
		{name: "apply", hold: apply},
		{name: "delete", hold: deletion},
		{name: "graceful", hold: graceful},
		{name: "finalizers", hold: finalizers},
		{name: "owners", hold: owners},
		{name: "gates", hold: gates},
		{name: "pod", hold: wholePod},
		{name: "pod-update", hold: podUpdate},
		{name: "selectors", hold: selectors},
		{name: "watch", hold: watching},
		{name: "watch-options", hold: watchOptions},
		{name: "bookmarks", hold: bookmarks},
		{name: "events", hold: events},
		{name: "nodes", hold: nodes},
		{name: "too-old", hold: tooOld},
		{name: "too-old-list", hold: tooOldList},
		{name: "chunks", hold: chunks},
		{name: "encodings", hold: encodings},
		{name: "revisions", hold: revisions},
		{name: "quota", hold: quota},
		{name: "collection", hold: collection},
		{name: "dry-run", hold: dryRun},
		{name: "namespaces", hold: namespaces},
		{name: "logs", hold: logs},
		{name: "eviction", hold: eviction},
		{name: "access", hold: access},
		{name: "paths", hold: paths},
		{name: "tokens", hold: tokens, tokens: true},
	}
}

const (
	pods       = "/api/v1/namespaces/$ns/pods"
	configMaps = "/api/v1/namespaces/$ns/configmaps"
	services   = "/api/v1/namespaces/$ns/services"
)

// configMap is a body with extra metadata, which begins with a comma or is "".
func configMap(name, metadata string) string {
	return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + name + `"` + metadata + `},"data":{"a":"1"}}`
}

// pod is a body with extra metadata and spec. Without a kubelet it stays
// Pending: gated, or on a node that does not exist.
func pod(name, metadata, spec string) string {
	return `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"` + name + `"` + metadata + `},` +
		`"spec":{"automountServiceAccountToken":false,"containers":[{"name":"main","image":"example.org/none:1"}]` + spec + `}}`
}

const (
	gated   = `,"schedulingGates":[{"name":"example.org/gate"}]`
	nowhere = `,"nodeName":"no-such-node"`
)
