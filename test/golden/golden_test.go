// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
)

const (
	casesDir  = "testdata/cases"
	goldenDir = "testdata/golden"
)

func TestNativeObjectsAreThoseOfTheRealSparkSubmit(t *testing.T) {
	t.Parallel()
	cases, err := ReadCases(casesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		recording, err := ReadGolden(goldenDir, c.Name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if recording.Digest != c.Digest() {
				t.Fatalf("the recording is of another list; record it again: make golden CASE=%s", c.Name)
			}
			for _, version := range Versions() {
				if !c.For(version) {
					continue
				}
				t.Run(version, func(t *testing.T) {
					t.Parallel()
					want := recording.Of(version)
					if want == nil {
						t.Fatalf("%s is not recorded; record it: make golden CASE=%s VERSION=%[1]s", version, c.Name)
					}
					compare(t, c.Name, version, want, c.At(Server, Work))
				})
			}
		})
	}
}

// compare compares all objects of one case and one version.
func compare(t *testing.T, name, version string, want []Part, c Case) {
	t.Helper()
	got, err := build(c, version)
	if refused := want[0].Role == Refused; refused || err != nil {
		var usage *problem.Error
		switch {
		case !refused:
			t.Errorf("%s for %s: spark-submit made its objects, we: %v", name, version, err)
		case err == nil:
			t.Errorf("%s for %s: we made objects, spark-submit said\n%s", name, version, want[0].Text)
		case !errors.As(err, &usage):
			t.Errorf("%s for %s: %v: it is no mistake of the user's with a hint", name, version, err)
		}
		return
	}
	wanted, err := read(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s for %s (- spark-submit, + native):\n%s", name, version, diff)
	}
}

// build runs the engine for a case as the programs do.
func build(c Case, version string) (map[string]any, error) {
	in, err := input(c, version)
	if err != nil {
		return nil, err
	}
	made, err := native.Build(in)
	if err != nil {
		return nil, err
	}
	all := map[string]any{}
	for _, o := range made.Before {
		if err := add(all, in, Before, o); err != nil {
			return nil, err
		}
	}
	if err := add(all, in, Pod, made.Pod); err != nil {
		return nil, err
	}
	for _, o := range made.Owned {
		if err := add(all, in, Owned, o); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// input is a case as the engine is given it: the plan adds nothing of ours to the application, and what
// changes from run to run has the values that stand in recordings.
func input(c Case, version string) (native.Input, error) {
	env := map[string]string{}
	for _, variable := range c.Env {
		key, value, _ := strings.Cut(variable, "=")
		env[key] = value
	}
	app, err := application(c, env)
	if err != nil {
		return native.Input{}, err
	}
	namespace := app.Conf["spark.kubernetes.namespace"]
	if namespace == "" {
		namespace = "default"
	}
	in := native.Input{
		Plan: submitter.Plan{
			Application: app, Namespace: namespace, PodName: app.Conf["spark.kubernetes.driver.pod.name"],
			Container: app.Conf["spark.kubernetes.driver.podTemplateContainerName"],
			Template:  c.file(app.Conf["spark.kubernetes.driver.podTemplateFile"]),
		},
		ApplicationID: ApplicationID, UniqueID: UniqueID, LocalDirID: LocalDirID, Submitted: time.UnixMilli(SubmitTime).UTC(),
		Launcher: native.Launcher{
			User: User, Env: env, Conf: c.Folder("conf"), HadoopConf: c.Folder("hadoop"),
			ExecutorTemplate: c.file(app.Conf["spark.kubernetes.executor.podTemplateFile"]),
		},
	}
	if user := env["SPARK_USER"]; user != "" {
		in.Launcher.User = user
	}
	fmt.Sscanf(version, "%d.%d.%d", &in.Spark.Major, &in.Spark.Minor, &in.Spark.Patch) //nolint:errcheck // our own constants
	return in, nil
}

// application reads a case's argument list and the properties it stands on.
func application(c Case, env map[string]string) (submitter.Application, error) {
	app, err := submitter.ParseArguments(c.Argv)
	if err != nil {
		return app, err
	}
	files := app.PropertiesFiles()
	_, named := app.Option("--properties-file")
	if _, both := app.Option("--load-spark-defaults"); !named || both {
		files = append(files, env["SPARK_CONF_DIR"]+"/spark-defaults.conf")
	}
	for _, file := range files {
		app = app.WithProperties(submitter.ParseProperties(string(c.file(file))))
	}
	return app, app.Check()
}

// file is the content of a file that an argument names; nil if there is none.
func (c Case) file(path string) []byte {
	name, ok := strings.CutPrefix(path, Work+"/")
	if text, there := c.Files[name]; ok && there {
		return []byte(text)
	}
	return nil
}

// add adds an object as recordings have them, by its role, kind and name.
func add(all map[string]any, in native.Input, role Role, o native.Object) error {
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), networkingv1.AddToScheme(scheme)); err != nil {
		return err
	}
	kind := o.GetObjectKind().GroupVersionKind()
	if known, _, err := scheme.ObjectKinds(o); err == nil {
		kind = known[0]
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	object, err := decode(text)
	if err != nil {
		return err
	}
	object["apiVersion"], object["kind"] = kind.GroupVersion().String(), kind.Kind
	metadata, _ := object["metadata"].(map[string]any)
	delete(metadata, "creationTimestamp")
	if metadata["namespace"] == nil {
		metadata["namespace"] = in.Plan.Namespace
	}
	if status, ok := object["status"].(map[string]any); ok && len(fmt.Sprint(status)) <= len("map[loadBalancer:map[]]") {
		delete(object, "status")
	}
	sortProperties(object)
	all[string(role)+" "+kind.Kind+" "+o.GetName()] = object
	return nil
}

// sortProperties takes the order of the lines of spark.properties out of the comparison, as [Run.Normalise] does.
func sortProperties(object map[string]any) {
	data, _ := object["data"].(map[string]any)
	if text, ok := data["spark.properties"].(string); ok {
		data["spark.properties"] = SortProperties(text)
	}
}

func decode(text []byte) (map[string]any, error) {
	object := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return object, decoder.Decode(&object)
}

// read reads the objects of a recording.
func read(parts []Part) (map[string]any, error) {
	all := map[string]any{}
	for _, part := range parts {
		text, err := yaml.YAMLToJSON([]byte(part.Text))
		if err != nil {
			return nil, fmt.Errorf("read the recording of %s: %w", part.Object, err)
		}
		if all[string(part.Role)+" "+part.Object], err = decode(text); err != nil {
			return nil, err
		}
	}
	return all, nil
}
