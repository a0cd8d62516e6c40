// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/xcom"
)

// field is one key of a JSON object of the result.
type field struct {
	key, doc string
	required bool
	kind     reflect.Type
}

// fields are the keys of each struct, by the struct's name.
type fields map[string][]field

// readFields joins what reflection knows of the result with what its comments say.
func readFields(source string) (fields, error) {
	return fieldsOf(source, xcom.Result{}, xcom.ContainerStatus{}, xcom.Cause{}, xcom.Timings{})
}

// fieldsOf are the keys of structs of a package, with the comments in its source.
func fieldsOf(source string, values ...any) (fields, error) {
	docs, err := readDocs(source)
	if err != nil {
		return nil, err
	}
	all := fields{}
	for _, value := range values {
		t := reflect.TypeOf(value)
		for f := range t.Fields() {
			key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			doc := docs[t.Name()+"."+f.Name]
			if doc == "" {
				return nil, fmt.Errorf("field %s.%s has no comment", t.Name(), f.Name)
			}
			all[t.Name()] = append(all[t.Name()], field{key: key, doc: doc, required: options == "", kind: f.Type})
		}
	}
	return all, nil
}

// readDocs returns the comments of all struct fields of a package, by "Struct.Field".
func readDocs(source string) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(source, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("find source: %w", err)
	}
	docs := map[string]string{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read comments: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if body, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range body.Fields.List {
					if len(f.Names) == 1 {
						docs[spec.Name.Name+"."+f.Names[0].Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
					}
				}
			}
			return false
		})
	}
	return docs, nil
}

// schema is the JSON Schema of a result. Keys may be added in later versions, so others are allowed.
func schema(all fields) ([]byte, error) {
	defs := map[string]any{}
	for name := range all {
		if name != "Result" {
			defs[name] = objectSchema(all[name])
		}
	}
	root := objectSchema(all["Result"])
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://sparkctl.dev/result/v1"
	root["title"] = "The result of submitter and sensor"
	root["$defs"] = defs
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return text.Bytes(), nil
}

func objectSchema(list []field) map[string]any {
	properties := map[string]any{}
	required := []string{}
	for _, f := range list {
		property := typeSchema(f.kind)
		property["description"] = f.doc
		if f.key == "schema" {
			property["const"] = xcom.Schema
		}
		properties[f.key] = property
		if f.required {
			required = append(required, f.key)
		}
	}
	slices.Sort(required)
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

func typeSchema(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[xcom.State]():
		return map[string]any{"type": "string", "enum": xcom.States()}
	case reflect.TypeFor[xcom.Category]():
		return map[string]any{"type": "string", "enum": xcom.Categories()}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeSchema(t.Elem())
	case reflect.Struct:
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": typeSchema(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": typeSchema(t.Elem())}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	default:
		return map[string]any{"type": "string"}
	}
}

// resultPage is the page about the result's keys.
func resultPage(all fields) []byte {
	var page bytes.Buffer
	page.WriteString("# The result\n\n" + generated +
		"One line of JSON that submitter and sensor write to `/airflow/xcom/return.json` when that folder exists (`--result-file` names another place),\n" +
		"at every state and on every way out, and print as the last line of standard output unless a mistake in usage (exit code 2) kept them from beginning. Its schema is [result.schema.json](result.schema.json).\n" +
		"It fits `--result-max-bytes`: what does not is left out in the order volumes, labels, container_status, evidence, hint; the identity is never touched.\n" +
		"A key without a value is absent. When the state is `NotSubmitted`, there are no pod keys.\n\n")
	for _, part := range []struct{ name, title string }{
		{"Result", "Keys"}, {"ContainerStatus", "Keys of each `container_status`"}, {"Cause", "Keys of `cause`"}, {"Timings", "Keys of `timings`, in seconds"},
	} {
		writeKeys(&page, part.title, all[part.name])
	}
	fmt.Fprintf(&page, "## States\n\n`%s`\n\n## Categories of causes\n\n`%s`\n", join(xcom.States()), join(xcom.Categories()))
	return page.Bytes()
}

// writeKeys writes a table of keys.
func writeKeys(page *bytes.Buffer, title string, list []field) {
	fmt.Fprintf(page, "## %s\n\n| key | type | meaning |\n|---|---|---|\n", title)
	for _, f := range list {
		fmt.Fprintf(page, "| `%s` | %s | %s |\n", f.key, typeName(f.kind), f.doc)
	}
	page.WriteString("\n")
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		return "array of " + typeName(t.Elem())
	case reflect.Map, reflect.Struct:
		return "object"
	case reflect.Int:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	default:
		return "string"
	}
}

func join[S ~string](values []S) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return strings.Join(words, "`, `")
}
