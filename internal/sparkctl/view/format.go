// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/template"

	"k8s.io/client-go/util/jsonpath"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// Format is a form that a view is written in, as -o names it.
type Format struct {
	kind     string
	template string
}

// The forms that take no template.
const (
	formatTable = "table"
	formatWide  = "wide"
	formatJSON  = "json"
	formatYAML  = "yaml"
	formatName  = "name"
	// and those that take one, after an equals sign.
	formatJSONPath = "jsonpath"
	formatTemplate = "go-template"
)

// Formats is what -o takes, as a usage says it.
const Formats = "table, wide, json, yaml, name, jsonpath=..., go-template=..."

// ParseFormat reads the value of -o; empty means a table. A template that cannot be parsed is an error.
func ParseFormat(text string) (Format, error) {
	kind, template, given := strings.Cut(text, "=")
	f := Format{kind, template}
	switch kind {
	case "":
		return Format{kind: formatTable}, nil
	case formatTable, formatWide, formatJSON, formatYAML, formatName:
		if given {
			return f, fmt.Errorf("%s takes nothing after an equals sign", kind)
		}
		return f, nil
	case formatJSONPath:
		_, err := f.path()
		return f, err
	case formatTemplate:
		_, err := f.parsed()
		return f, err
	default:
		return f, fmt.Errorf("%q is none of %s", kind, Formats)
	}
}

// Table reports whether f is a table for people, and whether it is the wide one.
func (f Format) Table() (table, wide bool) {
	return f.kind == formatTable || f.kind == formatWide, f.kind == formatWide
}

// Write writes v, a view, in a form that is no table: its JSON is what all of them are made from. names are those of what it holds.
func (f Format) Write(w io.Writer, v any, names []string) error {
	text, err := f.encode(v, names)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// WriteNext is Write for one of several views that come one after another: documents of YAML are parted by a line.
func (f Format) WriteNext(w io.Writer, v any, names []string) error {
	if f.kind == formatYAML {
		if _, err := io.WriteString(w, "---\n"); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	return f.Write(w, v, names)
}

func (f Format) encode(v any, names []string) ([]byte, error) {
	if f.kind == formatName {
		var text bytes.Buffer
		for _, name := range names {
			text.WriteString(name + "\n")
		}
		return text.Bytes(), nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("write view as JSON: %w", err)
	}
	switch f.kind {
	case formatJSON:
		return text.Bytes(), nil
	case formatYAML:
		return yaml.JSONToYAML(text.Bytes())
	}
	var data any
	if err := json.Unmarshal(text.Bytes(), &data); err != nil {
		return nil, fmt.Errorf("read view as JSON: %w", err)
	}
	return f.execute(data)
}

// execute fills a template.
func (f Format) execute(data any) ([]byte, error) {
	var out bytes.Buffer
	if f.kind == formatTemplate {
		parsed, err := f.parsed()
		if err != nil {
			return nil, err
		}
		if err := parsed.Execute(&out, data); err != nil {
			return nil, problem.Usage("look at what there is to take with -o json", "--output: fill go-template: %w", err)
		}
		return out.Bytes(), nil
	}
	path, err := f.path()
	if err != nil {
		return nil, err
	}
	if err := path.Execute(&out, data); err != nil {
		return nil, problem.Usage("look at what there is to take with -o json", "--output: fill jsonpath: %w", err)
	}
	return out.Bytes(), nil
}

// parsed is the Go template.
func (f Format) parsed() (*template.Template, error) {
	if f.template == "" {
		return nil, fmt.Errorf("%s has no template: write it after an equals sign", f.kind)
	}
	parsed, err := template.New("output").Parse(f.template)
	if err != nil {
		return nil, fmt.Errorf("parse go-template: %w", err)
	}
	return parsed, nil
}

// path is the JSONPath. A field that is absent, as most are at some time, is empty.
func (f Format) path() (*jsonpath.JSONPath, error) {
	if f.template == "" {
		return nil, fmt.Errorf("%s has no template: write it after an equals sign", f.kind)
	}
	path := jsonpath.New("output").AllowMissingKeys(true)
	if err := path.Parse(f.template); err != nil {
		return nil, fmt.Errorf("parse jsonpath: %w", err)
	}
	return path, nil
}
