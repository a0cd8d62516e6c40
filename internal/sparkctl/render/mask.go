// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package render writes down what a submission is: the objects that it makes, the command of spark-submit, a SparkApplication. Nothing that
// looks like a secret leaves it: [Masked] is the one way in for objects, [Conceal] for applications. It is pure.
package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/submitter"
)

// Document is an object of the API as JSON has it.
type Document map[string]any

// documentOf is an object as its JSON has it.
func documentOf(object runtime.Object) (Document, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("write object: %w", err)
	}
	var d Document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	return d, nil
}

// Masked is an object of a namespace as it may be shown: without its status, and without secrets. rules are the application's, of
// [submitter.Application.Secrets].
func Masked(object runtime.Object, namespace string, rules secret.Rules) (Document, error) {
	d, err := documentOf(object)
	if err != nil {
		return nil, err
	}
	delete(d, "status")
	if metadata, ok := d["metadata"].(map[string]any); ok {
		if metadata["creationTimestamp"] == nil {
			delete(metadata, "creationTimestamp")
		}
		metadata["namespace"] = namespace
	}
	m := masker{rules}
	m.metadata(d["metadata"])
	switch d["kind"] {
	case "Secret":
		for _, field := range []string{"data", "stringData"} {
			values, _ := d[field].(map[string]any)
			for key := range values {
				values[key] = secret.Masked
			}
		}
	case "ConfigMap":
		values, _ := d["data"].(map[string]any)
		for key, value := range values {
			if text, is := value.(string); is {
				values[key] = m.file(key, text)
			}
		}
	default:
		m.pod(d["spec"])
	}
	return d, nil
}

// Kind and Name of an object.
func (d Document) Kind() string { return text(d["kind"]) }

// Name is metadata.name.
func (d Document) Name() string {
	metadata, _ := d["metadata"].(map[string]any)
	return text(metadata["name"])
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

type masker struct{ rules secret.Rules }

// metadata masks labels and annotations, but for ours: what they hold of the application is masked already.
func (m masker) metadata(value any) {
	metadata, _ := value.(map[string]any)
	for _, field := range []string{"labels", "annotations"} {
		values, _ := metadata[field].(map[string]any)
		for key, value := range values {
			if !slices.Contains(driver.OwnAnnotations(), key) {
				values[key] = m.rules.Value(key, text(value))
			}
		}
	}
}

// pod masks what a pod's containers are given.
func (m masker) pod(value any) {
	spec, _ := value.(map[string]any)
	for _, field := range []string{"initContainers", "containers"} {
		containers, _ := spec[field].([]any)
		for _, one := range containers {
			container, _ := one.(map[string]any)
			env, _ := container["env"].([]any)
			for _, one := range env {
				if variable, ok := one.(map[string]any); ok && variable["value"] != nil {
					variable["value"] = m.rules.Value(text(variable["name"]), text(variable["value"]))
				}
			}
			for _, field := range []string{"command", "args"} {
				m.words(container, field)
			}
		}
	}
}

// words masks an argument list.
func (m masker) words(container map[string]any, field string) {
	list, _ := container[field].([]any)
	if list == nil {
		return
	}
	words := make([]string, len(list))
	for i, word := range list {
		words[i] = text(word)
	}
	masked := make([]any, len(list))
	for i, word := range m.rules.Redact(words) {
		masked[i] = word
	}
	container[field] = masked
}

// executorTemplate is the key of the executors' template in its ConfigMap (Spark: Constants.POD_TEMPLATE_KEY).
const executorTemplate = "podspec-configmap-key"

// file masks a file in a ConfigMap.
func (m masker) file(name, content string) string {
	switch {
	case name == "spark.properties":
		return m.properties(content)
	case name == executorTemplate:
		if masked, err := Template([]byte(content), m.rules); err == nil {
			return string(masked)
		}
	case strings.HasSuffix(name, ".xml"):
		// Hadoop's files: a value stands beside its name.
		pair := regexp.MustCompile(`(?s)(<name>\s*)(.*?)(\s*</name>\s*<value>)(.*?)(</value>)`)
		content = pair.ReplaceAllStringFunc(content, func(found string) string {
			part := pair.FindStringSubmatch(found)
			return part[1] + part[2] + part[3] + m.rules.Value("spark.hadoop."+part[2], part[4]) + part[5]
		})
	}
	return secret.Mask(content)
}

// properties masks Spark's configuration, a key a line as the native engine and Java write it.
func (m masker) properties(content string) string {
	var out strings.Builder
	for line := range strings.Lines(content) {
		line = strings.TrimSuffix(line, "\n")
		for key, value := range submitter.ParseProperties(line) {
			at := m.rules.Value(key, value)
			if isOwn(key) || at == value {
				continue
			}
			line = propertyKey(line) + "=" + at
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

// propertyKey is what stands before the first = of a line that is not escaped, as it is written.
func propertyKey(line string) string {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '=':
			return line[:i]
		}
	}
	return line
}

// isOwn reports whether a key of Spark's sets an annotation of ours.
func isOwn(key string) bool {
	return slices.ContainsFunc(driver.OwnAnnotations(), func(own string) bool { return key == "spark.kubernetes.driver.annotation."+own })
}

// Template is the template of a pod, masked.
func Template(content []byte, rules secret.Rules) ([]byte, error) {
	var pod map[string]any
	if err := yaml.Unmarshal(content, &pod); err != nil || pod == nil {
		return content, err
	}
	m := masker{rules}
	m.metadata(pod["metadata"])
	m.pod(pod["spec"])
	return yaml.Marshal(pod)
}

// Conceal is an application as it may be shown.
func Conceal(app submitter.Application) (submitter.Application, error) {
	rules := app.Secrets()
	shown, err := submitter.ParseArguments(rules.Redact(app.Argv()))
	if err != nil {
		return shown, fmt.Errorf("read masked arguments: %w", err)
	}
	shown.Conf = maps.Clone(app.Conf)
	for key, value := range shown.Conf {
		shown.Conf[key] = rules.Value(key, value)
	}
	return shown, nil
}
