// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/test/golden"
)

// podGroups are Volcano's, as its own resource definition serves them.
func podGroups() apiserver.Resource {
	return apiserver.Resource{Group: "scheduling.volcano.sh", Version: "v1beta1", Name: "podgroups", Kind: "PodGroup"}
}

// typed are the Go types that objects are read into: a field that they do not have is an error, not left out.
func typed(kind string) any {
	switch kind {
	case "Pod":
		return &corev1.Pod{}
	case "ConfigMap":
		return &corev1.ConfigMap{}
	case "Service":
		return &corev1.Service{}
	case "Secret":
		return &corev1.Secret{}
	case "PersistentVolumeClaim":
		return &corev1.PersistentVolumeClaim{}
	case "NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	}
	return &map[string]any{}
}

// made is an object as it was sent to the API server last.
type made struct {
	role      golden.Role
	kind      string
	name      string
	namespace string
	body      []byte
}

// objects are what the requests of one spark-submit created, in the order of their first mention. A body
// that is sent again, with the owner in it, replaces the one before.
func objects(requests []apiserver.Request) []made {
	var all []made
	role := golden.Before
	for _, r := range requests {
		if r.Resource == "" || r.Verb == "get" || r.Verb == "list" || r.Verb == "watch" || r.Status >= 300 {
			continue
		}
		var head struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if json.Unmarshal(r.Body, &head) != nil || head.Kind == "" {
			continue
		}
		one := made{role: role, kind: head.Kind, name: head.Metadata.Name, namespace: r.Namespace, body: r.Body}
		if head.Kind == "Pod" {
			one.role, role = golden.Pod, golden.Owned
		}
		known := false
		for i := range all {
			if all[i].kind == one.kind && all[i].name == one.name {
				all[i].body, known = one.body, true
			}
		}
		if !known {
			all = append(all, one)
		}
	}
	return all
}

// normal is an object as it is kept: read through its Go type, with the namespace of its URL, normalised.
func normal(run golden.Run, o made) (map[string]any, error) {
	value := typed(o.kind)
	decoder := json.NewDecoder(bytes.NewReader(o.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return nil, fmt.Errorf("read %s %q: %w", o.kind, o.name, err)
	}
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	if err := json.Unmarshal(plain, &object); err != nil {
		return nil, err
	}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		metadata["namespace"] = o.namespace
	}
	owned := false
	if metadata, ok := object["metadata"].(map[string]any); ok {
		owned = metadata["ownerReferences"] != nil
	}
	if owned != (o.role != golden.Pod) {
		return nil, fmt.Errorf("%s %q: owned is %t", o.kind, o.name, owned)
	}
	if status, ok := object["status"].(map[string]any); ok && emptied(status) {
		delete(object, "status")
	}
	if err := run.Normalise(object); err != nil {
		return nil, fmt.Errorf("%s %q: %w", o.kind, o.name, err)
	}
	return object, nil
}

// parts are the objects of one submission as they are kept.
func parts(run golden.Run, all []made) ([]golden.Part, error) {
	objects := make([]map[string]any, len(all))
	for i, o := range all {
		var err error
		if objects[i], err = normal(run, o); err != nil {
			return nil, err
		}
	}
	golden.Order(objects)
	kept := make([]golden.Part, len(all))
	for i, object := range objects {
		part, err := golden.NewPart(all[i].role, object)
		if err != nil {
			return nil, err
		}
		kept[i] = part
	}
	return kept, nil
}

// emptied says whether a status says nothing: clients send it along.
func emptied(status map[string]any) bool {
	for _, value := range status {
		if nested, ok := value.(map[string]any); ok && emptied(nested) {
			continue
		}
		if !reflect.ValueOf(value).IsZero() {
			return false
		}
	}
	return true
}
