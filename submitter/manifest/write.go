// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/submitter"
)

// Write writes a submission as a SparkApplication of [KubeflowVersion] that [Read] takes for the same one. What the kind has no field
// for stays in sparkConf; what neither can say is an error. SparkVersion is needed, and Name where the application's own is no name of an
// object; APIVersion is not read. Spark's defaults that the operator would replace by its own are written out. Every error is a
// [*problem.Error] with exit code 2.
func Write(s Submission) ([]byte, error) {
	w := writer{conf: maps.Clone(s.Application.Conf), out: map[string]any{}}
	name, err := w.name(s)
	if err != nil {
		return nil, err
	}
	if s.SparkVersion == "" {
		return nil, usage("give the version of Spark that is in the image", "write SparkApplication: spec.sparkVersion is not known")
	}
	if err := checkOptions(s.Application); err != nil {
		return nil, err
	}
	w.out["type"], w.out["sparkVersion"], w.out["mode"] = kindOf(s.Application), s.SparkVersion, "cluster"
	w.out["mainApplicationFile"] = s.Application.MainFile
	if len(s.Application.Arguments) > 0 {
		w.out["arguments"] = s.Application.Arguments
	}
	w.option(s.Application, "--class", "mainClass")
	w.option(s.Application, "--proxy-user", "proxyUser")
	w.move("spark.kubernetes.container.image", "image")
	w.deps()
	driver, err := w.role(roleDriver, s.DriverTemplate)
	if err != nil {
		return nil, err
	}
	executor, err := w.role(roleExecutor, s.ExecutorTemplate)
	if err != nil {
		return nil, err
	}
	for _, role := range []map[string]any{driver, executor} {
		if role["image"] == w.out["image"] {
			// It is theirs anyway.
			delete(role, "image")
		}
	}
	w.out["driver"], w.out["executor"] = driver, executor
	metadata := map[string]any{"name": name}
	if namespace := w.take(confNamespace, s.Namespace); namespace != "" {
		metadata["namespace"] = namespace
	}
	// The operator has these from elsewhere, and a manifest that names a master is refused by it.
	for _, key := range []string{"spark.master", "spark.submit.deployMode", "spark.kubernetes.submission.waitAppCompletion"} {
		delete(w.conf, key)
	}
	if len(w.conf) > 0 {
		w.out["sparkConf"] = w.conf
	}
	text, err := yaml.Marshal(map[string]any{"apiVersion": KubeflowVersion, "kind": kindApplication, "metadata": metadata, "spec": w.out})
	if err != nil {
		return nil, usage("check the application's arguments", "write SparkApplication: %w", err)
	}
	return text, nil
}

// writer moves keys of the configuration into fields.
type writer struct {
	conf map[string]string
	out  map[string]any
}

// name is the object's name, which the operator gives to the application.
func (w writer) name(s Submission) (string, error) {
	own, named := w.conf["spark.app.name"]
	delete(w.conf, "spark.app.name")
	name := s.Name
	switch {
	case name == "":
		name = s.Application.Name()
	case named && own != name:
		return "", usage("give both the same name", "write SparkApplication: the application is called %q, and an operator would call it as the object, %q", own, name)
	}
	if wrong := validation.IsDNS1035Label(name); wrong != nil {
		return "", usage("give --name with small letters, digits and dashes, a letter first", "write SparkApplication: %q cannot be metadata.name", name)
	}
	return name, nil
}

// take takes a key out of the configuration.
func (w writer) take(key, standard string) string {
	text, set := w.conf[key]
	delete(w.conf, key)
	if !set {
		return standard
	}
	return text
}

// move moves a key that has a value into a field.
func (w writer) move(key, field string) { moveInto(w.conf, w.out, key, field) }

func moveInto(conf map[string]string, out map[string]any, key, field string) {
	if text := conf[key]; text != "" {
		out[field] = text
		delete(conf, key)
	}
}

func (w writer) option(app submitter.Application, name, field string) {
	if text, set := app.Option(name); set {
		w.out[field] = text
	}
}

// deps moves the lists of files.
func (w writer) deps() {
	deps := map[string]any{}
	for key, field := range map[string]string{
		"spark.jars": "jars", "spark.files": "files", "spark.submit.pyFiles": "pyFiles", "spark.archives": "archives",
		"spark.jars.packages": "packages", "spark.jars.excludes": "excludePackages", "spark.jars.repositories": "repositories",
	} {
		if text := w.conf[key]; text != "" {
			deps[field] = strings.Split(text, ",")
			delete(w.conf, key)
		}
	}
	if len(deps) > 0 {
		w.out["deps"] = deps
	}
}

// role is what a role has fields for.
func (w writer) role(name string, template []byte) (map[string]any, error) {
	out := map[string]any{}
	kubernetes := "spark.kubernetes." + name + "."
	for key, field := range map[string]string{
		"spark." + name + ".memoryOverhead":                             "memoryOverhead",
		"spark." + name + ".extraJavaOptions":                           "javaOptions",
		kubernetes + "request.cores":                                    "coreRequest",
		kubernetes + "limit.cores":                                      "coreLimit",
		kubernetes + "container.image":                                  "image",
		"spark.kubernetes.authenticate." + name + ".serviceAccountName": "serviceAccount",
	} {
		moveInto(w.conf, out, key, field)
	}
	out["memory"] = w.take("spark."+name+".memory", "1g")
	numbers := map[string]string{"spark." + name + ".cores": "1"}
	if name == roleExecutor && !strings.EqualFold(w.conf["spark.dynamicAllocation.enabled"], "true") {
		// Spark's own default is 2, and the operator's is 1.
		numbers["spark.executor.instances"] = "2"
	}
	for key, standard := range numbers {
		text := w.take(key, standard)
		number, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, usage("give a whole number", "write SparkApplication: %s is %q, which is no whole number", key, text)
		}
		out[key[strings.LastIndexByte(key, '.')+1:]] = number
	}
	file, container := kubernetes+"podTemplateFile", kubernetes+"podTemplateContainerName"
	if path, named := w.conf[file]; named && len(template) == 0 {
		return nil, usage("give the template itself", "write SparkApplication: %s names %q, which could not be read", file, path)
	}
	if len(template) > 0 {
		standard := "spark-kubernetes-" + name
		if other := w.take(container, standard); other != standard {
			return nil, usage("call the container "+standard, "write SparkApplication: %s is %q, and an operator sets it to %s", container, other, standard)
		}
		delete(w.conf, file)
		pod := corev1.PodTemplateSpec{}
		if err := yaml.UnmarshalStrict(withoutKind(template), &pod); err != nil {
			return nil, usage("check the file with: kubectl create --dry-run=client -f FILE", "write SparkApplication: the template of %s is no pod: %w", name, err)
		}
		out["template"] = pod
	}
	return out, nil
}

// withoutKind is a pod as its template has it.
func withoutKind(text []byte) []byte {
	pod := map[string]any{}
	if err := yaml.Unmarshal(text, &pod); err != nil {
		return text
	}
	for _, key := range []string{"apiVersion", "kind", "status"} {
		delete(pod, key)
	}
	// What was read can be written.
	text, _ = yaml.Marshal(pod)
	return text
}

// checkOptions refuses options that set no key and have no field.
func checkOptions(app submitter.Application) error {
	known := submitter.Options()
	for _, o := range app.Options {
		at := slices.IndexFunc(known, func(k submitter.KnownOption) bool { return k.Name == o.Name })
		switch {
		case at >= 0 && known[at].Key != "", slices.Contains([]string{"--conf", "--class", "--proxy-user", "--properties-file", "--extra-properties-file"}, o.Name):
		default:
			return usage("take it out", "write SparkApplication: %s has no field there", o.Name)
		}
	}
	return nil
}

// kindOf is the field type, which tells people more than the operator.
func kindOf(app submitter.Application) string {
	switch {
	case strings.HasSuffix(app.MainFile, ".py"):
		return "Python"
	case strings.HasSuffix(strings.ToLower(app.MainFile), ".r"):
		return "R"
	default:
		return "Scala"
	}
}
