// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// patchOperation is one step of a JSON patch (RFC 6902).
type patchOperation struct {
	Op    string           `json:"op"`
	Path  string           `json:"path"`
	From  string           `json:"from"`
	Value *json.RawMessage `json:"value"`
}

// The words of the library that the real server uses.
var (
	errTestFailed   = errors.New("test failed")
	errMissing      = errors.New("missing value")
	errInvalidIndex = errors.New("invalid index referenced")
)

// decodeJSON keeps whole numbers whole, as unstructured objects need it.
func decodeJSON(raw []byte, into any) error { return utiljson.Unmarshal(raw, into) }

// applyJSONPatch carries out all operations or fails.
func applyJSONPatch(before []byte, operations []patchOperation) ([]byte, error) {
	var document any
	if err := decodeJSON(before, &document); err != nil {
		return nil, err
	}
	for _, operation := range operations {
		next, err := operation.apply(document)
		if err != nil {
			return nil, err
		}
		document = next
	}
	return json.Marshal(document)
}

func (o patchOperation) apply(document any) (any, error) {
	path := pointer(o.Path)
	var value any
	if o.Value != nil {
		if err := decodeAny(*o.Value, &value); err != nil {
			return nil, err
		}
	}
	switch o.Op {
	case "add":
		return rebuild(document, path, func(node any, last string) (any, error) { return insert(node, last, value, "add", o.Path) })
	case "remove":
		return rebuild(document, path, func(node any, last string) (any, error) { return remove(node, last, o.Path) })
	case "replace":
		return rebuild(document, path, func(node any, last string) (any, error) { return replace(node, last, value, o.Path) })
	case "test":
		return document, o.test(document, path, value)
	case "move", "copy":
		from := pointer(o.From)
		moved, found := lookup(document, from)
		if _, parent := lookup(document, from[:max(len(from)-1, 0)]); !found && !parent {
			return nil, fmt.Errorf("%s operation does not apply: doc is missing from path: %s: %w", o.Op, o.From, errMissing)
		}
		if o.Op == "move" {
			next, err := rebuild(document, from, func(node any, last string) (any, error) { return remove(node, last, o.From) })
			if err != nil {
				return nil, err
			}
			document = next
		}
		return rebuild(document, path, func(node any, last string) (any, error) { return insert(node, last, moved, o.Op, o.Path) })
	}
	return nil, fmt.Errorf("Unexpected kind: %s", o.Op)
}

func (o patchOperation) test(document any, path []string, value any) error {
	found, ok := lookup(document, path)
	if _, parent := lookup(document, path[:max(len(path)-1, 0)]); !parent {
		return fmt.Errorf("test operation does not apply: is missing path: %s: %w", o.Path, errMissing)
	}
	if !ok && value == nil {
		return nil
	}
	if !ok || !reflect.DeepEqual(found, value) {
		return fmt.Errorf("testing value %s failed: %w", o.Path, errTestFailed)
	}
	return nil
}

func decodeAny(raw json.RawMessage, into *any) error {
	// A wrapper, because the decoder of apimachinery converts numbers in maps.
	wrapper := map[string]any{}
	if err := decodeJSON([]byte(`{"v":`+string(raw)+`}`), &wrapper); err != nil {
		return err
	}
	*into = wrapper["v"]
	return nil
}

// pointer splits a JSON pointer.
func pointer(path string) []string {
	if path == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(parts[i], "~1", "/"), "~0", "~")
	}
	return parts
}

func lookup(node any, path []string) (any, bool) {
	for _, part := range path {
		switch typed := node.(type) {
		case map[string]any:
			next, found := typed[part]
			if !found {
				return nil, false
			}
			node = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(typed) {
				return nil, false
			}
			node = typed[i]
		default:
			return nil, false
		}
	}
	return node, true
}

// rebuild remakes the way to the parent of path and lets act change that.
func rebuild(node any, path []string, act func(parent any, last string) (any, error)) (any, error) {
	if len(path) == 0 {
		return nil, fmt.Errorf("the whole document cannot be changed: %w", errMissing)
	}
	if len(path) == 1 {
		return act(node, path[0])
	}
	child, found := lookup(node, path[:1])
	if !found {
		return act(nil, path[len(path)-1])
	}
	next, err := rebuild(child, path[1:], act)
	if err != nil {
		return nil, err
	}
	switch typed := node.(type) {
	case map[string]any:
		typed[path[0]] = next
	case []any:
		i, _ := strconv.Atoi(path[0])
		typed[i] = next
	}
	return node, nil
}

func insert(parent any, last string, value any, operation, path string) (any, error) {
	switch typed := parent.(type) {
	case map[string]any:
		typed[last] = value
		return typed, nil
	case []any:
		if last == "-" {
			return append(typed, value), nil
		}
		i, err := strconv.Atoi(last)
		if err != nil || i < 0 || i > len(typed) {
			return nil, fmt.Errorf("error in %s for path: '%s': Unable to access invalid index: %s: %w", operation, path, last, errInvalidIndex)
		}
		grown := append(append(append([]any{}, typed[:i]...), value), typed[i:]...)
		return grown, nil
	}
	return nil, fmt.Errorf("%s operation does not apply: doc is missing path: %q: %w", operation, path, errMissing)
}

func remove(parent any, last, path string) (any, error) {
	switch typed := parent.(type) {
	case map[string]any:
		if _, found := typed[last]; !found {
			return nil, fmt.Errorf("error in remove for path: '%s': Unable to remove nonexistent key: %s: %w", path, last, errMissing)
		}
		delete(typed, last)
		return typed, nil
	case []any:
		i, err := strconv.Atoi(last)
		if err != nil || i < 0 || i >= len(typed) {
			return nil, fmt.Errorf("error in remove for path: '%s': Unable to access invalid index: %s: %w", path, last, errInvalidIndex)
		}
		return append(append([]any{}, typed[:i]...), typed[i+1:]...), nil
	}
	return nil, fmt.Errorf("remove operation does not apply: doc is missing path: %q: %w", path, errMissing)
}

func replace(parent any, last string, value any, path string) (any, error) {
	if parent == nil {
		return nil, fmt.Errorf("replace operation does not apply: doc is missing path: %s: %w", path, errMissing)
	}
	switch typed := parent.(type) {
	case map[string]any:
		typed[last] = value // also when it was not there, unlike RFC 6902
	case []any:
		if _, found := lookup(parent, []string{last}); !found {
			return nil, fmt.Errorf("replace operation does not apply: doc is missing key: %s: %w", path, errMissing)
		}
		i, _ := strconv.Atoi(last)
		typed[i] = value
	}
	return parent, nil
}
