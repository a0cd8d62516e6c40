// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package again makes an application whole that a driver was made for: its record on the driver pod has secrets masked, and what the
// driver was given stands in its pod and its configuration. [Application] and [Template] put it back, as far as it is there. It is pure.
package again

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/submitter"
)

// Lost is a value that is masked and stands nowhere else.
type Lost struct {
	// What it is, as a sentence calls it.
	What string
	// Key of Spark's configuration; empty where it is none.
	Key string
}

// Application is a recorded application with what is masked in it put back: keys from the driver's configuration, the application's own
// arguments from the pod. restored says what was, lost what could not be. conf is nil where it cannot be read.
func Application(recorded submitter.Application, pod *corev1.Pod, conf map[string]string) (app submitter.Application, restored []string, lost []Lost) {
	app = recorded
	app.Options, app.Arguments = slices.Clone(app.Options), slices.Clone(app.Arguments)
	for i, o := range app.Options {
		if !strings.Contains(o.Value, secret.Masked) {
			continue
		}
		key, value, _ := strings.Cut(o.Value, "=")
		switch found, known := conf[key]; {
		case o.Name != "--conf":
			lost = append(lost, Lost{What: o.Name})
		case known && value == secret.Masked && !strings.Contains(found, secret.Masked):
			app.Options[i].Value = key + "=" + found
			restored = append(restored, key)
		default:
			lost = append(lost, Lost{key, key})
		}
	}
	if strings.Contains(app.MainFile, secret.Masked) {
		lost = append(lost, Lost{What: "the main file"})
	}
	given := arguments(recorded, pod)
	for i, word := range app.Arguments {
		switch {
		case !strings.Contains(word, secret.Masked):
		case given != nil:
			app.Arguments[i] = given[i]
			restored = append(restored, argument(app.Arguments, i))
		default:
			lost = append(lost, Lost{What: argument(app.Arguments, i)})
		}
	}
	return app, restored, lost
}

// Inherited are the properties that a driver had from elsewhere than its application's arguments, such as the spark-defaults.conf of its launcher: what
// live, its configuration, has and rendered, the one that the arguments alone make with the same identifiers, has not, or not so.
func Inherited(app submitter.Application, live, rendered map[string]string) map[string]string {
	found := map[string]string{}
	for key, value := range live {
		if _, given := app.Conf[key]; given || ofSubmission(key) {
			continue
		}
		if made, is := rendered[key]; !is || made != value {
			found[key] = value
		}
	}
	return found
}

// ofSubmission reports whether a key is each submission's own.
func ofSubmission(key string) bool {
	for _, prefix := range []string{
		"spark.kubernetes.driver.annotation.sparkctl.dev/", "spark.kubernetes.driver.label.sparkctl.dev/", "spark.kubernetes.driver.label." + driver.LabelManagedBy,
	} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return slices.Contains([]string{
		"spark.master", "spark.kubernetes.namespace", "spark.kubernetes.context", "spark.kubernetes.driver.pod.name", "spark.app.id", "spark.app.submitTime",
		"spark.driver.host", "spark.kubernetes.submission.waitAppCompletion", "spark.submit.deployMode", "spark.kubernetes.submitInDriver",
		// Spark makes paths in the pod of them, and names objects of this driver alone.
		submitter.ConfTemplate, submitter.ConfExecutorTemplate, "spark.kubernetes.executor.hadoopConfigMapName",
	}, key)
}

// argument calls one of the application's own arguments.
func argument(words []string, i int) string {
	name, _, joined := strings.Cut(words[i], "=")
	switch {
	case joined && strings.HasPrefix(name, "-"):
		return fmt.Sprintf("argument %d (%s)", i+1, name)
	case i > 0 && strings.HasPrefix(words[i-1], "-"):
		return fmt.Sprintf("argument %d (behind %s)", i+1, words[i-1])
	default:
		return fmt.Sprintf("argument %d", i+1)
	}
}

// arguments are the application's own as the driver's container was given them, which has them last; nil where they do not fit the record.
func arguments(recorded submitter.Application, pod *corev1.Pod) []string {
	container := driver.Container(pod, "")
	for _, c := range pod.Spec.Containers {
		n := len(c.Args) - len(recorded.Arguments)
		if c.Name != container || n < 0 {
			continue
		}
		given := c.Args[n:]
		// Masked again they must be what was recorded.
		if slices.Equal(recorded.Secrets().Redact(given), recorded.Arguments) {
			return given
		}
	}
	return nil
}

// Template is the recorded template of the driver's pod with what is masked in it put back from the pod: variables of containers of the same
// name. lost is what could not be. An error says that the record is none.
func Template(record string, pod *corev1.Pod) (text []byte, lost []Lost, err error) {
	if !strings.Contains(record, secret.Masked) {
		return []byte(record), nil, nil
	}
	var template corev1.Pod
	if err := yaml.Unmarshal([]byte(record), &template); err != nil {
		return nil, nil, fmt.Errorf("read recorded template: %w", err)
	}
	for _, containers := range [][2][]corev1.Container{
		{template.Spec.InitContainers, pod.Spec.InitContainers}, {template.Spec.Containers, pod.Spec.Containers},
	} {
		for _, c := range containers[0] {
			fill(c, containers[1], driver.Container(pod, ""))
		}
	}
	text, err = yaml.Marshal(template)
	if err != nil {
		return nil, nil, fmt.Errorf("write template: %w", err)
	}
	if strings.Contains(string(text), secret.Masked) {
		lost = []Lost{{What: "a value in the driver's pod template"}}
	}
	return text, lost, nil
}

// fill puts masked variables of a container back.
func fill(c corev1.Container, from []corev1.Container, drivers string) {
	at := slices.IndexFunc(from, func(other corev1.Container) bool {
		return other.Name == c.Name || c.Name == "" && other.Name == drivers
	})
	if at < 0 {
		return
	}
	for i, variable := range c.Env {
		same := slices.IndexFunc(from[at].Env, func(other corev1.EnvVar) bool { return other.Name == variable.Name })
		if same >= 0 && strings.Contains(variable.Value, secret.Masked) {
			c.Env[i].Value = from[at].Env[same].Value
		}
	}
}
