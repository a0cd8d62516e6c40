// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
)

// builder gathers what a document asks for, and what it asks for in vain.
type builder struct {
	document document
	argv     []string
	refused  []refusal
	// sparkConf is the document's own, which what other fields set must not contradict.
	sparkConf map[string]string
}

// refusal is a field that cannot be honoured.
type refusal struct{ path, why, hint string }

func (b *builder) refuse(path, why, hint string) {
	b.refused = append(b.refused, refusal{path, why, hint})
}

// option adds an option that has a value.
func (b *builder) option(name, value string) {
	if value != "" {
		b.argv = append(b.argv, name, value)
	}
}

// list adds an option whose value is a list.
func (b *builder) list(name string, values []string) {
	b.option(name, strings.Join(values, ","))
}

// conf sets a key of Spark's configuration.
func (b *builder) conf(key, value string) {
	b.argv = append(b.argv, "--conf", key+"="+value)
}

// text sets a key of Spark's configuration if the document gives it a value.
func (b *builder) text(key string, value *string) {
	if value != nil && *value != "" {
		b.conf(key, *value)
	}
}

// all sets a key for each entry of a map, in the order of names.
func (b *builder) all(prefix string, values map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		b.conf(prefix+key, values[key])
	}
}

// submission reads the argument list as spark-submit would, unless something was refused.
func (b *builder) submission(s Submission) (Submission, error) {
	if err := b.problem(); err != nil {
		return Submission{}, err
	}
	app, err := submitter.ParseArguments(b.argv)
	if err != nil {
		return Submission{}, b.document.usage("check the file", "%w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(b.sparkConf)) {
		if wish, got := b.sparkConf[key], app.Conf[key]; strings.HasPrefix(key, "spark.") && got != wish {
			b.refuse("spec.sparkConf["+key+"]", "is "+strconv.Quote(wish)+", and another field sets the same key to "+strconv.Quote(got), "keep one of them")
		}
	}
	if err := b.problem(); err != nil {
		return Submission{}, err
	}
	s.Application = app
	return s, nil
}

// problem tells of all that was refused, with the hint of the first.
func (b *builder) problem() error {
	if len(b.refused) == 0 {
		return nil
	}
	var texts []string
	for _, r := range b.refused {
		texts = append(texts, r.path+": "+r.why)
	}
	return b.document.usage(b.refused[0].hint, "%s", strings.Join(texts, "; "))
}

// checkMetadata refuses what the object's metadata lacks or asks of other controllers.
func (b *builder) checkMetadata() {
	if b.document.Metadata.Name == "" {
		b.refuse("metadata.name", "is missing", "give the application a name")
	}
	for _, key := range slices.Sorted(maps.Keys(b.document.Metadata.Labels)) {
		if strings.HasPrefix(key, "kueue.x-k8s.io/") {
			b.refuse("metadata.labels["+key+"]", "is for Kueue's own handling of the operator's objects, and there is no such object here",
				"label the pods: spark.kubernetes.driver.label."+key+" and spark.kubernetes.executor.label."+key)
		}
	}
}

// templateText writes the template of a pod.
func (b *builder) templateText(field string, template *corev1.PodTemplateSpec) []byte {
	pod := struct {
		metav1.TypeMeta        `json:",inline"`
		corev1.PodTemplateSpec `json:",inline"`
	}{metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, *template}
	if pod.Spec.Containers == nil {
		// Spark reads the list without asking whether there is one.
		pod.Spec.Containers = []corev1.Container{}
	}
	text, err := yaml.Marshal(pod)
	if err != nil {
		b.refuse(field, "cannot be written as a pod: "+err.Error(), "check the template")
	}
	return text
}

// file is the path of a template below folder.
func (b *builder) file(folder, role string) string {
	return path.Join(folder, b.document.Metadata.Namespace, b.document.Metadata.Name+"-"+role+"-pod-template.yaml")
}

// usage is for errors that no document is to blame for.
func usage(hint, format string, args ...any) *problem.Error {
	return problem.Usage(hint, format, args...)
}
