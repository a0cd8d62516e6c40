// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"
)

func TestEveryFieldOfBothKindsIsInAnArchive(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pattern string
		kind    reflect.Type
		least   int
	}{
		"of kubeflow's kind": {"testdata/kubeflow-*.txtar", reflect.TypeFor[kubeflowSpec](), 130},
		"of Apache's kind":   {"testdata/apache-*.txtar", reflect.TypeFor[apacheSpec](), 35},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			used := map[string]bool{}
			paths, err := filepath.Glob(test.pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				for _, spec := range specs(t, path) {
					collect(used, "spec", spec)
				}
			}
			fields := fieldsOf("spec", test.kind)
			if len(fields) < test.least {
				t.Fatalf("found %d fields only: the search is broken", len(fields))
			}
			for _, field := range fields {
				if !used[field] {
					t.Errorf("no archive uses %s", field)
				}
			}
		})
	}
}

func TestEveryFieldOfBothKindsIsInTheReference(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/reference/manifest.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []reflect.Type{reflect.TypeFor[kubeflowSpec](), reflect.TypeFor[apacheSpec]()} {
		for _, field := range fieldsOf("spec", kind) {
			name := field[strings.LastIndexByte(field, '.')+1:]
			if !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("docs/reference/manifest.md does not tell of %s", field)
			}
		}
	}
}

// specs are those of the documents of an archive.
func specs(t *testing.T, path string) []any {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	documents, err := split(archive.Files[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, d := range documents {
		content := map[string]any{}
		if err := yaml.Unmarshal(d.text, &content); err != nil {
			t.Fatal(err)
		}
		all = append(all, content["spec"])
	}
	return all
}

// collect notes the paths in a value, without the indices of lists.
func collect(used map[string]bool, path string, value any) {
	used[path] = true
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			collect(used, path+"."+key, inner)
		}
	case []any:
		for _, inner := range value {
			collect(used, path, inner)
		}
	}
}

// fieldsOf are the paths of a type's fields, those of Kubernetes' own types without what is in them.
func fieldsOf(path string, kind reflect.Type) []string {
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map {
		kind = kind.Elem()
	}
	if kind.Kind() != reflect.Struct || kind.PkgPath() != reflect.TypeFor[kubeflowSpec]().PkgPath() {
		return nil
	}
	var fields []string
	for field := range kind.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			fields = append(fields, fieldsOf(path, field.Type)...)
		case field.Type.Kind() == reflect.Map && field.Type.Elem().Kind() == reflect.Struct:
			fields = append(fields, path+"."+name)
		default:
			fields = append(append(fields, path+"."+name), fieldsOf(path+"."+name, field.Type)...)
		}
	}
	return fields
}
