// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"bufio"
	"bytes"
	stdjson "encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	documents "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// document is one of a file, with what tells its kind.
type document struct {
	metav1.TypeMeta
	// Metadata of the object: name, namespace and labels count for a submission, the rest is of the object alone.
	Metadata metav1.ObjectMeta `json:"metadata"`

	// number of the document in its file, from 1 on, and of the item in its list; 0 if it stands alone.
	number, item int
	// text is the document as JSON.
	text []byte
}

// split takes a file's documents apart and leaves out empty ones.
func split(text []byte) ([]document, error) {
	reader := documents.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	var all []document
	for number := 1; ; number++ {
		part, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, problem.Usage("check the file with: kubectl create --dry-run=client -f FILE", "document %d: read YAML: %w", number, err)
		}
		d := document{number: number}
		// Keys that stand twice are an error too: one of them would be dropped.
		d.text, err = yaml.YAMLToJSONStrict(part)
		if err != nil {
			return nil, d.usage("mend the YAML there; documents stand apart by a line of ---", "read YAML: %w", err)
		}
		if string(d.text) == "null" {
			continue
		}
		if err := stdjson.Unmarshal(d.text, &d); err != nil {
			return nil, d.wrongType(err)
		}
		items, err := d.items()
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
}

// items are the objects of a list, as kubectl get writes it, or the document itself.
func (d document) items() ([]document, error) {
	isList := d.Kind == "List" && d.APIVersion == "v1" || d.Kind == kindApplication+"List"
	if !isList {
		return []document{d}, nil
	}
	var list struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ListMeta  `json:"metadata"`
		Items           []map[string]any `json:"items"`
	}
	if err := d.decode(&list); err != nil {
		return nil, err
	}
	var all []document
	for i, object := range list.Items {
		item := document{number: d.number, item: i + 1}
		var err error
		if item.text, err = stdjson.Marshal(object); err != nil {
			return nil, item.wrongType(err)
		}
		if err := stdjson.Unmarshal(item.text, &item); err != nil {
			return nil, item.wrongType(err)
		}
		all = append(all, item)
	}
	return all, nil
}

// decode fills into, a pointer to a struct, and refuses every field that it does not have.
func (d document) decode(into any) error {
	// The two decoders know what the other does not: the first the path of a value of a wrong type, the second that of an unknown field.
	if err := stdjson.Unmarshal(d.text, into); err != nil {
		return d.wrongType(err)
	}
	content := map[string]any{}
	if err := json.Unmarshal(d.text, &content); err != nil {
		return d.wrongType(err)
	}
	err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, into, true)
	strict, isStrict := runtime.AsStrictDecodingError(err)
	switch {
	case err == nil:
		return nil
	case isStrict:
		var paths []string
		for _, unknown := range strict.Errors() {
			paths = append(paths, strings.Trim(strings.TrimPrefix(unknown.Error(), "unknown field "), `"`))
		}
		slices.Sort(paths)
		return d.usage("check its spelling, capitals too, and whether it stands at the right depth", "%s: unknown field", strings.Join(paths, ", "))
	default:
		return d.wrongType(err)
	}
}

// wrongType is the problem of a value that is none for its field.
func (d document) wrongType(err error) *problem.Error {
	const hint = `check the value's type; numbers and booleans that are meant as text stand in quotes, such as "2"`
	wrong, is := errors.AsType[*stdjson.UnmarshalTypeError](err)
	switch {
	case !is:
		return d.usage(hint, "%w", err)
	case wrong.Field == "":
		return d.usage("begin with apiVersion, kind, metadata and spec", "is %s and must be an object", given(wrong.Value))
	default:
		return d.usage(hint, "%s: is %s and must be %s", wrong.Field+d.keys(wrong), given(wrong.Value), wanted(wrong.Type))
	}
}

// given is what the decoder calls a value, with its article.
func given(value string) string {
	switch value {
	case "array", "object":
		return "an " + value
	case "bool":
		return "a boolean"
	default:
		return "a " + value
	}
}

// wanted is a type of Go as people know it in JSON.
func wanted(of reflect.Type) string {
	switch of.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number"
	}
}

// keys are those of a map of texts whose values are none: the decoder names the map alone.
func (d document) keys(wrong *stdjson.UnmarshalTypeError) string {
	var value any
	if err := stdjson.Unmarshal(d.text, &value); err != nil {
		return ""
	}
	for name := range strings.SplitSeq(wrong.Field, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	object, _ := value.(map[string]any)
	var keys []string
	for key, inner := range object {
		if _, isText := inner.(string); !isText && wrong.Type.Kind() == reflect.String {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	slices.Sort(keys)
	return "[" + strings.Join(keys, ", ") + "]"
}
