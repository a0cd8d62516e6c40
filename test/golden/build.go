// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// Build runs the engine for a case as the programs do, and gives its objects as a recording has them.
func Build(c Case, version string) (map[string]string, error) {
	in, err := Input(c, version)
	if err != nil {
		return nil, err
	}
	made, err := native.Build(in)
	if err != nil {
		return nil, err
	}
	var roles []Role
	var objects []map[string]any
	add := func(role Role, o native.Object) error {
		object, err := plain(in.Plan.Namespace, o)
		roles, objects = append(roles, role), append(objects, object)
		return err
	}
	for _, o := range made.Before {
		err = errors.Join(err, add(Before, o))
	}
	err = errors.Join(err, add(Pod, made.Pod))
	for _, o := range made.Owned {
		err = errors.Join(err, add(Owned, o))
	}
	if err != nil {
		return nil, err
	}
	Order(objects)
	all := map[string]string{}
	for i, object := range objects {
		part, err := NewPart(roles[i], object)
		if err != nil {
			return nil, err
		}
		all[part.String()] = part.Text
	}
	return all, nil
}

// Input is a case as the engine is given it: the plan adds nothing of ours to the application, and what
// changes from run to run has the values that stand in recordings.
func Input(c Case, version string) (native.Input, error) {
	env := map[string]string{}
	for _, variable := range c.Env {
		key, value, _ := strings.Cut(variable, "=")
		env[key] = value
	}
	app, err := application(c, env)
	if err != nil {
		return native.Input{}, err
	}
	driver, err := c.template(app.TemplatePath())
	if err != nil {
		return native.Input{}, err
	}
	executor, err := c.template(app.ExecutorTemplatePath())
	if err != nil {
		return native.Input{}, err
	}
	in := native.Input{
		Plan: submitter.Plan{
			Application: app, Namespace: app.Conf["spark.kubernetes.namespace"], PodName: app.Conf["spark.kubernetes.driver.pod.name"],
			Container: app.Conf["spark.kubernetes.driver.podTemplateContainerName"], Template: driver,
		},
		ApplicationID: ApplicationID, UniqueID: UniqueID, LocalDirID: LocalDirID, Submitted: time.UnixMilli(SubmitTime).UTC(),
		Launcher: native.Launcher{
			User: User, Env: env, Conf: c.Folder("conf"), HadoopConf: c.Folder("hadoop"), Files: map[string][]byte{}, ExecutorTemplate: executor,
		},
	}
	if in.Plan.Namespace == "" {
		in.Plan.Namespace = "default"
	}
	if user := env["SPARK_USER"]; user != "" {
		in.Launcher.User = user
	}
	for _, path := range native.LauncherFiles(app.Conf) {
		if text, ok := c.file(path); ok {
			in.Launcher.Files[path] = text
		}
	}
	_, err = fmt.Sscanf(version, "%d.%d.%d", &in.Spark.Major, &in.Spark.Minor, &in.Spark.Patch)
	return in, err
}

// application reads a case's argument list and what it stands on, as internal/cli does.
func application(c Case, env map[string]string) (submitter.Application, error) {
	app, err := submitter.ParseArguments(c.Argv)
	if err != nil {
		return app, err
	}
	files := app.PropertiesFiles()
	if app.ReadsDefaults() {
		files = append(files, env["SPARK_CONF_DIR"]+"/spark-defaults.conf")
	}
	for _, file := range files {
		text, _ := c.file(file)
		if err := submitter.CheckProperties(string(text)); err != nil {
			return app, err
		}
		app = app.WithProperties(submitter.ParseProperties(string(text)))
	}
	if app, err = app.WithEnvironment(func(key string) string { return env[key] }); err != nil {
		return app, err
	}
	return app, app.Check()
}

// template is the content of a template that the configuration names, if it does.
func (c Case) template(path string, err error) ([]byte, error) {
	text, ok := c.file(path)
	if err != nil {
		return nil, err
	}
	if path != "" && !ok {
		return nil, problem.Usage("check the path", "there is no %s", path)
	}
	return text, nil
}

// file is the content of a file that an argument names.
func (c Case) file(path string) ([]byte, bool) {
	name, ok := strings.CutPrefix(path, Work+"/")
	text, there := c.Files[name]
	return []byte(text), ok && there
}

// kinds knows the kinds of the Go types that the engine makes objects of.
var kinds = sync.OnceValues(func() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	return scheme, errors.Join(corev1.AddToScheme(scheme), networkingv1.AddToScheme(scheme))
})

// plain is an object of the engine's as the API server would see it, in the form of a recording.
func plain(namespace string, o native.Object) (map[string]any, error) {
	scheme, err := kinds()
	if err != nil {
		return nil, err
	}
	kind := o.GetObjectKind().GroupVersionKind()
	if known, _, err := scheme.ObjectKinds(o); err == nil {
		kind = known[0]
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, err
	}
	object["apiVersion"], object["kind"] = kind.GroupVersion().String(), kind.Kind
	metadata, _ := object["metadata"].(map[string]any)
	delete(metadata, "creationTimestamp")
	if metadata["namespace"] == nil {
		metadata["namespace"] = namespace
	}
	if status := object["status"]; reflect.DeepEqual(status, map[string]any{}) || reflect.DeepEqual(status, map[string]any{"loadBalancer": map[string]any{}}) {
		delete(object, "status")
	}
	return object, nil
}
