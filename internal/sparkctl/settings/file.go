// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/spelling"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// File is what a config file says.
type File struct {
	Path string
	// Values of the single settings, by their keys.
	Values map[string]string
	// Conf are Spark's keys.
	Conf map[string]string
}

// Parse reads the text of a config file: YAML, and so JSON. What it does not know is an error, never left out. Every error is
// a [*problem.Error] with exit code 2.
func Parse(path string, text []byte) (File, error) {
	file := File{Path: path, Values: map[string]string{}, Conf: map[string]string{}}
	raw, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return File{}, problem.Usage("mend the YAML there", "%s: %w", path, err)
	}
	var content map[string]json.RawMessage
	if err := json.Unmarshal(raw, &content); err != nil {
		return File{}, problem.Usage("write lines such as: namespace: jobs", "%s: the whole of it is no object", path)
	}
	for _, key := range slices.Sorted(maps.Keys(content)) {
		wrong := file.take(key, content[key])
		if wrong != nil {
			return File{}, problem.Usage(wrong.hint, "%s: %s: %s", path, wrong.path, wrong.text)
		}
	}
	return file, nil
}

// mistake is what is wrong with a key or its value.
type mistake struct{ path, text, hint string }

// take takes one key of the file.
func (f File) take(key string, value json.RawMessage) *mistake {
	switch {
	case string(value) == "null":
		// A key without a value: its example was left standing.
		if key != Conf && !slices.Contains(Keys(), key) {
			return unknown(key)
		}
		return nil
	case key == Conf:
		return f.takeConf(value)
	case !slices.Contains(Keys(), key):
		return unknown(key)
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return &mistake{key, "is no text", `write it in quotes, such as ` + key + `: "..."`}
	}
	if wrong := check(key, text); wrong != nil {
		return wrong
	}
	f.Values[key] = text
	return nil
}

// unknown says of a key that there is none of that name.
func unknown(key string) *mistake {
	known := append(Keys(), Conf)
	hint := "the keys are " + strings.Join(known, ", ")
	if nearest, ok := spelling.Nearest(key, known); ok {
		hint = "did you mean " + nearest + "? " + hint
	}
	if isSparks(key) {
		hint = "write Spark's keys below " + Conf + ":"
	}
	return &mistake{key, "unknown key", hint}
}

// takeConf takes Spark's keys. Whole numbers and booleans are texts there, as Spark reads them.
func (f File) takeConf(value json.RawMessage) *mistake {
	var conf map[string]json.RawMessage
	if json.Unmarshal(value, &conf) != nil {
		return &mistake{Conf, "is no object", "write below it lines such as: spark.executor.instances: 2"}
	}
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		path := Conf + "." + key
		if !isSparks(key) || key == "spark." {
			return &mistake{path, "is no key of Spark's: it does not begin with spark.", "write the whole key in one, such as spark." + key}
		}
		text, ok := scalar(conf[key])
		if !ok {
			return &mistake{path, "is neither text nor a whole number nor a boolean", `write the value in quotes, such as ` + key + `: "1.5"`}
		}
		f.Conf[key] = text
	}
	return nil
}

// scalar is a value as Spark would read it. A number with a fraction may have been written otherwise than YAML gives it back.
func scalar(value json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(value, &text) == nil && string(value) != "null" {
		return text, true
	}
	whole := bytes.TrimPrefix(value, []byte("-"))
	isWhole := len(whole) > 0 && len(bytes.Trim(whole, "0123456789")) == 0
	return string(value), isWhole || string(value) == "true" || string(value) == "false"
}

// check says what is wrong with the value of a single setting; nil where it is possible.
func check(key, value string) *mistake {
	switch key {
	case Namespace:
		if rules := validation.IsDNS1123Label(value); len(rules) > 0 {
			return &mistake{key, fmt.Sprintf("%q can be no namespace: %s", value, problem.Rule(rules)), "name a namespace, such as jobs"}
		}
	case ServiceAccount:
		if rules := validation.IsDNS1123Subdomain(value); len(rules) > 0 {
			return &mistake{key, fmt.Sprintf("%q can be no ServiceAccount: %s", value, problem.Rule(rules)), "name a ServiceAccount, such as spark-driver"}
		}
	case Engine:
		if !slices.Contains([]string{"auto", "native", "spark-submit"}, value) {
			return &mistake{key, fmt.Sprintf("%q is not known", value), "give auto, native or spark-submit"}
		}
	case SparkVersion:
		if _, err := native.ParseVersion(value); err != nil {
			return &mistake{key, err.Error(), "give a version such as 4.0.5"}
		}
	}
	return nil
}
