// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/secret"
)

// Pair is an object as it stands in a cluster and as it would be made; either is nil where there is none. Values are still as they are.
type Pair struct {
	Live, New runtime.Object
}

// Diff tells in the unified format how what would be made differs from what stands there; empty where it does not. Secrets are masked;
// where nothing else differs, a line says that they do.
func Diff(pairs []Pair, namespace string, rules secret.Rules) ([]byte, error) {
	var out bytes.Buffer
	for _, p := range pairs {
		name := ""
		var raw, masked [2]Document
		for i, object := range []runtime.Object{p.Live, p.New} {
			if object == nil {
				continue
			}
			var err error
			if raw[i], err = plain(object, namespace); err != nil {
				return nil, err
			}
			if masked[i], err = Masked(object, namespace, rules); err != nil {
				return nil, err
			}
			masked[i].Comparable()
			name = strings.ToLower(masked[i].Kind()) + "/" + masked[i].Name()
		}
		withoutAdded(raw[0], raw[1])
		withoutAdded(masked[0], masked[1])
		var shown [2][]byte
		for i, document := range masked {
			if document == nil {
				continue
			}
			var err error
			if shown[i], err = yaml.Marshal(document); err != nil {
				return nil, fmt.Errorf("write YAML: %w", err)
			}
		}
		switch text := diff.Diff("live/"+name, shown[0], "new/"+name, shown[1]); {
		case len(text) > 0:
			// Without its first line, which is for programs that compare files.
			_, text, _ = bytes.Cut(text, []byte("\n"))
			out.Write(text)
		case !reflect.DeepEqual(raw[0], raw[1]):
			fmt.Fprintf(&out, "--- live/%[1]s\n+++ new/%[1]s\nvalues that are masked differ\n", name)
		}
	}
	return out.Bytes(), nil
}

// plain is an object to be compared, with its secrets.
func plain(object runtime.Object, namespace string) (Document, error) {
	d, err := documentOf(object)
	if err != nil {
		return nil, err
	}
	if metadata, ok := d["metadata"].(map[string]any); ok {
		metadata["namespace"] = namespace
	}
	d.Comparable()
	return d, nil
}
