// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// normalizer replaces what differs from run to run by the order in which it
// came: UIDs, revisions, times, generated names.
type normalizer struct {
	namespace string
	seen      map[string]string
	counts    map[string]int
}

func newNormalizer(namespace string) *normalizer {
	return &normalizer{namespace: namespace, seen: map[string]string{}, counts: map[string]int{}}
}

// name gives the same value the same label, e.g. <uid 2>.
func (n *normalizer) name(kind, value string) string {
	label, known := n.seen[kind+value]
	if !known {
		n.counts[kind]++
		label = fmt.Sprintf("<%s %d>", kind, n.counts[kind])
		n.seen[kind+value] = label
	}
	return label
}

var (
	uids       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	times      = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	generated  = regexp.MustCompile(`\bgen-[a-z0-9]{5}\b`)
	oldVersion = regexp.MustCompile(`too old resource version: \d+ \(\d+\)`)
	newVersion = regexp.MustCompile(`Too large resource version: \d+, current: \d+`)
	record     = regexp.MustCompile(`(in record|in the precondition) \(\d+\)`)
	scheme     = regexp.MustCompile(`in scheme ".*"`)
	key        = regexp.MustCompile(`Key: /[^ ,]*`)
)

// text normalizes a message.
func (n *normalizer) text(text string) string {
	text = strings.ReplaceAll(text, n.namespace, "$ns")
	text = uids.ReplaceAllStringFunc(text, func(uid string) string { return n.name("uid", uid) })
	text = times.ReplaceAllString(text, "<time>")
	text = oldVersion.ReplaceAllString(text, "too old resource version: <revision> (<revision>)")
	text = newVersion.ReplaceAllString(text, "Too large resource version: <revision>, current: <revision>")
	text = record.ReplaceAllString(text, "$1 (<revision>)")
	text = scheme.ReplaceAllString(text, "in scheme <scheme>")
	text = key.ReplaceAllString(text, "Key: <key>")
	return generated.ReplaceAllStringFunc(text, func(name string) string { return n.name("generated", name) })
}

// document is one line of JSON: a Status whole, of a list what it lists, of
// an object the metadata and the phase or, when asked, everything.
func (n *normalizer) document(object map[string]any, whole bool) string {
	kind, _ := object["kind"].(string)
	var shown any
	switch {
	case kind == "Status":
		shown = object
	case strings.HasSuffix(kind, "List") && object["items"] != nil && !whole:
		shown = n.list(kind, object)
	case whole:
		shown = object
	default:
		shown = short(kind, object)
	}
	cleaned := n.clean("", shown)
	line, err := json.Marshal(cleaned)
	if err != nil {
		return err.Error()
	}
	return unescape(string(line))
}

// unescape undoes the escapes of encoding/json for HTML.
func unescape(line string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(line)
}

func (n *normalizer) list(kind string, object map[string]any) any {
	names := []any{}
	items, _ := object["items"].([]any)
	for _, item := range items {
		m, _ := item.(map[string]any)
		metadata, _ := m["metadata"].(map[string]any)
		names = append(names, metadata["name"])
	}
	shown := map[string]any{"kind": kind, "names": names}
	metadata, _ := object["metadata"].(map[string]any)
	for _, field := range []string{"continue", "remainingItemCount"} {
		if metadata[field] != nil {
			shown[field] = metadata[field]
		}
	}
	return shown
}

// short is the part of an object that most cases are about.
func short(kind string, object map[string]any) any {
	shown := map[string]any{"kind": kind}
	if metadata, isMap := object["metadata"].(map[string]any); isMap {
		part := map[string]any{}
		for name, value := range metadata {
			if name != "namespace" && name != "creationTimestamp" && name != "managedFields" {
				part[name] = value
			}
		}
		shown["metadata"] = part
	}
	status, _ := object["status"].(map[string]any)
	if status["phase"] != nil {
		shown["phase"] = status["phase"]
	}
	if data := object["data"]; data != nil {
		shown["data"] = data
	}
	return shown
}

// clean walks through a document.
func (n *normalizer) clean(name string, value any) any {
	switch typed := value.(type) {
	case map[string]any:
		cleaned := make(map[string]any, len(typed))
		for _, field := range slices.Sorted(maps.Keys(typed)) { // labels are given in this order
			switch field {
			case "managedFields":
			case "tolerationSeconds": // the cluster's choice
				cleaned[field] = "<seconds>"
			default:
				cleaned[field] = n.clean(field, typed[field])
			}
		}
		return cleaned
	case []any:
		cleaned := make([]any, len(typed))
		for i, inner := range typed {
			cleaned[i] = n.clean(name, inner)
		}
		if name == "causes" { // some checks are made twice
			cleaned = slices.CompactFunc(cleaned, func(a, b any) bool { return reflect.DeepEqual(a, b) })
		}
		return cleaned
	case string:
		switch {
		case name == "resourceVersion" && typed != "":
			return n.name("revision", typed)
		case name == "continue" && typed != "":
			return "<more>"
		}
		return n.text(typed)
	}
	return value
}
