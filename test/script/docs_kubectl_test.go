// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// kubectlStandIn does what the pages use kubectl for, at the server that $SERVER names: apply, create namespace, create rolebinding,
// and create configmap from a folder, which it prints.
func kubectlStandIn(args []string) error {
	flags := pflag.NewFlagSet("kubectl", pflag.ContinueOnError)
	namespace := flags.StringP("namespace", "n", "jobs", "")
	files := flags.StringArrayP("filename", "f", nil, "")
	folder := flags.String("from-file", "", "")
	role, user := flags.String("role", "", ""), flags.String("user", "", "")
	flags.String("dry-run", "", "")
	flags.StringP("output", "o", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch args := flags.Args(); {
	case len(args) == 1 && args[0] == "apply" && len(*files) > 0:
		var failed []error
		for _, file := range *files {
			failed = append(failed, applyFile(file, *namespace))
		}
		return errors.Join(failed...)
	case len(args) == 3 && args[0] == "create" && args[1] == "namespace":
		return applyObject(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": args[2]}}, "")
	case len(args) == 3 && args[0] == "create" && args[1] == "rolebinding" && *role != "" && *user != "":
		const group = "rbac.authorization.k8s.io"
		return applyObject(map[string]any{
			"apiVersion": group + "/v1", "kind": "RoleBinding", "metadata": map[string]any{"name": args[2]},
			"roleRef":  map[string]any{"apiGroup": group, "kind": "Role", "name": *role},
			"subjects": []any{map[string]any{"apiGroup": group, "kind": "User", "name": *user}},
		}, *namespace)
	case len(args) == 3 && args[0] == "create" && args[1] == "configmap" && *folder != "":
		return printConfigMap(args[2], *namespace, *folder)
	}
	return fmt.Errorf("this stand-in for kubectl does not know %s", strings.Join(args, " "))
}

// applyFile makes what a file, standard input or the files of a folder hold. What fails does not keep the rest from being made.
func applyFile(path, namespace string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		entries, err := os.ReadDir(path)
		failed := []error{err}
		for _, entry := range entries {
			if slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name())) {
				failed = append(failed, applyFile(filepath.Join(path, entry.Name()), namespace))
			}
		}
		return errors.Join(failed...)
	}
	if path == "-" {
		path = "/dev/stdin"
	}
	text, err := os.ReadFile(path)
	failed := []error{err}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var object map[string]any
		err := yaml.UnmarshalStrict([]byte(document), &object)
		if err == nil && object != nil {
			err = applyObject(object, namespace)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// applyObject makes an object, with no field in it that the server does not know.
func applyObject(fields map[string]any, namespace string) error {
	object := unstructured.Unstructured{Object: fields}
	version := object.GroupVersionKind().GroupVersion()
	resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	path := "/apis/" + version.String()
	if version.Group == "" {
		path = "/api/" + version.Version
	}
	if object.GetKind() != "Namespace" {
		path += "/namespaces/" + cmp.Or(object.GetNamespace(), namespace)
	}
	_, err := post(os.Getenv("SERVER")+path+"/"+resource.Resource+"?fieldValidation=Strict", fields)
	if err != nil && !strings.Contains(err.Error(), `"reason":"AlreadyExists"`) {
		return err
	}
	fmt.Printf("%s/%s applied\n", resource.Resource, object.GetName())
	return nil
}

// printConfigMap prints a ConfigMap of the files of a folder.
func printConfigMap(name, namespace, folder string) error {
	data := map[string]any{}
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		text, failed := os.ReadFile(filepath.Join(folder, entry.Name()))
		data[entry.Name()], err = string(text), cmp.Or(err, failed)
	}
	if err != nil {
		return err
	}
	metadata := map[string]any{"name": name, "namespace": namespace}
	text, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	return err
}

// standIn runs a stand-in and says how it went.
func standIn(run func([]string) error) int {
	if err := run(os.Args[1:]); err != nil {
		_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
		return 1
	}
	return 0
}
