// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// files are the kubeconfigs of these tests, by name.
func files(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"two": `{"current-context":"a",
			"clusters":[{"name":"a","cluster":{"server":"https://a:6443"}},{"name":"b","cluster":{"server":"https://b/prefix"}}],
			"users":[{"name":"u","user":{"token":"t"}}],
			"contexts":[{"name":"a","context":{"cluster":"a","user":"u","namespace":"jobs"}},{"name":"b","context":{"cluster":"b","user":"u"}},
				{"name":"astray","context":{"cluster":"gone","user":"u"}}]}`,
		"other":      `{"current-context":"c","clusters":[{"name":"c","cluster":{"server":"https://c"}}],"contexts":[{"name":"c","context":{"cluster":"c"}}]}`,
		"current":    `{"current-context":"gone","clusters":[{"name":"c","cluster":{"server":"https://c"}}],"contexts":[{"name":"c","context":{"cluster":"c"}}]}`,
		"empty":      "",
		"cut":        `{"current-context":`,
		"serverless": `{"current-context":"c","clusters":[{"name":"c","cluster":{}}],"contexts":[{"name":"c","context":{"cluster":"c"}}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// options with the files' folder before the names of files.
func options(t *testing.T, dir string, o kube.Options) kube.Options {
	t.Helper()
	if o.Kubeconfig != "" {
		o.Kubeconfig = filepath.Join(dir, o.Kubeconfig)
	}
	var env []string
	for name := range strings.SplitSeq(o.KubeconfigEnv, ":") {
		if name != "" {
			env = append(env, filepath.Join(dir, name))
		}
	}
	o.KubeconfigEnv = strings.Join(env, string(filepath.ListSeparator))
	t.Setenv("KUBECONFIG", o.KubeconfigEnv) // which client-go reads itself
	return o
}

func TestConnect(t *testing.T) {
	type found struct{ Host, Namespace, Token, Kubeconfig, Context string }
	for name, test := range map[string]struct {
		options kube.Options
		want    found
	}{
		"the flag's file, in its current context":          {kube.Options{Kubeconfig: "two"}, found{"https://a:6443", "jobs", "t", "DIR/two", ""}},
		"the flag's context":                               {kube.Options{Kubeconfig: "two", Context: "b"}, found{"https://b/prefix", "default", "t", "DIR/two", "b"}},
		"the environment's file":                           {kube.Options{KubeconfigEnv: "two"}, found{"https://a:6443", "jobs", "t", "", ""}},
		"the environment's first file has the last word":   {kube.Options{KubeconfigEnv: "other:two"}, found{"https://c", "default", "", "", ""}},
		"a context of any of the environment's files":      {kube.Options{KubeconfigEnv: "other:two", Context: "b"}, found{"https://b/prefix", "default", "t", "", "b"}},
		"the flag's file before the environment's":         {kube.Options{Kubeconfig: "two", KubeconfigEnv: "other"}, found{"https://a:6443", "jobs", "t", "DIR/two", ""}},
		"another server, with the credentials of the file": {kube.Options{Kubeconfig: "two", Context: "b", Master: "https://m:1"}, found{"https://m:1", "default", "t", "DIR/two", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := files(t)
			o := options(t, dir, test.options)
			o.UserAgent = "test/1"
			cluster, err := kube.Connect(o)
			if err != nil {
				t.Fatal(err)
			}
			got := found{cluster.Config.Host, cluster.Namespace, cluster.Config.BearerToken, strings.Replace(cluster.Kubeconfig, dir, "DIR", 1), cluster.Context}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if cluster.Config.UserAgent != "test/1" || cluster.Config.QPS >= 0 {
				t.Errorf("user agent %q, %v queries a second", cluster.Config.UserAgent, cluster.Config.QPS)
			}
			if _, err := kube.NewClient(cluster.Config); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestConnectSaysWhatIsWrongWithAKubeconfig(t *testing.T) {
	for name, test := range map[string]struct {
		options        kube.Options
		sentence, hint string
	}{
		"the flag's file is not there":        {kube.Options{Kubeconfig: "absent"}, "kubeconfig DIR/absent does not exist", "check the path given to --kubeconfig"},
		"the flag's file is empty":            {kube.Options{Kubeconfig: "empty"}, "DIR/empty is no kubeconfig: it names no cluster", "check the path given to --kubeconfig"},
		"the flag's file is a folder":         {kube.Options{Kubeconfig: "."}, `kubeconfig cannot be read: error loading config file "DIR": read DIR: is a directory`, "check the file with: kubectl config view --kubeconfig DIR"},
		"the flag's file is cut off":          {kube.Options{Kubeconfig: "cut"}, `kubeconfig cannot be read: error loading config file "DIR/cut"`, "check the file with: kubectl config view --kubeconfig DIR/cut"},
		"the context is not in it":            {kube.Options{Kubeconfig: "two", Context: "z"}, `context "z" is not in the kubeconfig`, "list the contexts with: kubectl config get-contexts"},
		"the current context is not in it":    {kube.Options{Kubeconfig: "current"}, "the current context is not in the kubeconfig", "list the contexts with: kubectl config get-contexts"},
		"the context's cluster is not in it":  {kube.Options{Kubeconfig: "two", Context: "astray"}, `context "astray" names no cluster that is in the kubeconfig`, "see it with: kubectl config view --kubeconfig DIR/two"},
		"the context is of an empty file":     {kube.Options{Kubeconfig: "empty", Context: "z"}, `context "z" is not in the kubeconfig`, "list the contexts with: kubectl config get-contexts"},
		"the cluster has no server":           {kube.Options{Kubeconfig: "serverless"}, `kubeconfig cannot be read: invalid configuration: no server found for cluster "c"`, "check the file with: kubectl config view --kubeconfig DIR/serverless"},
		"the environment's file is not there": {kube.Options{KubeconfigEnv: "absent"}, "KUBECONFIG names no cluster: DIR/absent", "check the environment variable KUBECONFIG, or name a file with --kubeconfig"},
		"the environment's file is cut off":   {kube.Options{KubeconfigEnv: "cut"}, `kubeconfig cannot be read: error loading config file "DIR/cut"`, "check the file with: kubectl config view"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := files(t)
			_, err := kube.Connect(options(t, dir, test.options))
			var p *problem.Error
			if !errors.As(err, &p) {
				t.Fatalf("%v is no *problem.Error", err)
			}
			sentence, hint := strings.ReplaceAll(p.Error(), dir, "DIR"), strings.ReplaceAll(p.Hint(), dir, "DIR")
			if !strings.HasPrefix(sentence, test.sentence) || hint != test.hint || p.ExitCode() != xcom.ExitUsage {
				t.Errorf("%d %q, hint %q, want 2 %q, hint %q", p.ExitCode(), sentence, hint, test.sentence, test.hint)
			}
		})
	}
}
