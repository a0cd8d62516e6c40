// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// envOf is a process with these variables.
func envOf(variables map[string]string) Env {
	env := Env{Getenv: func(name string) string { return variables[name] }}
	for name, value := range variables {
		env.Environ = append(env.Environ, name+"="+value)
	}
	return env
}

// write makes a file and the folders above it.
func write(t *testing.T, path string, size int) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSurroundingsAreWhatSparkSubmitWouldRead(t *testing.T) {
	t.Parallel()
	home, hadoop, token := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "token")
	for _, name := range []string{"conf/log4j2.properties", "conf/big.jar", "conf/folder/inside", "elsewhere/metrics.properties"} {
		write(t, filepath.Join(home, name), 3)
	}
	write(t, filepath.Join(home, "conf/huge.zip"), maxConfFile+1)
	write(t, filepath.Join(hadoop, "core-site.xml"), 3)
	write(t, filepath.Join(hadoop, "extra.jar"), 3)
	write(t, token, 5)
	// As in a mounted ConfigMap.
	if err := os.Symlink("core-site.xml", filepath.Join(hadoop, "linked.xml")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		env                 map[string]string
		home                string
		conf, hadoop, files []string
		noConf, noHadoop    bool
	}{
		"without anything there are no files":        {noConf: true, noHadoop: true},
		"the configuration of SPARK_HOME":            {home: home, conf: []string{"log4j2.properties"}, noHadoop: true},
		"SPARK_CONF_DIR stands in for it":            {home: home, env: map[string]string{"SPARK_CONF_DIR": filepath.Join(home, "elsewhere")}, conf: []string{"metrics.properties"}, noHadoop: true},
		"a SPARK_CONF_DIR that is not there":         {env: map[string]string{"SPARK_CONF_DIR": filepath.Join(home, "nowhere")}, noConf: true, noHadoop: true},
		"of Hadoop's configuration every file":       {env: map[string]string{"HADOOP_CONF_DIR": hadoop}, noConf: true, hadoop: []string{"core-site.xml", "extra.jar", "linked.xml"}},
		"and the files that the configuration names": {files: []string{token}, noConf: true, noHadoop: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := submitter.Application{Conf: map[string]string{"spark.kubernetes.authenticate.driver.caCertFile": strings.Join(test.files, "")}}
			got, err := readSurroundings(envOf(test.env), test.home, app)
			if err != nil {
				t.Fatal(err)
			}
			if (got.Conf == nil) != test.noConf || (got.HadoopConf == nil) != test.noHadoop {
				t.Errorf("there is a folder or there is none: %v, %v", got.Conf, got.HadoopConf)
			}
			for what, pair := range map[string][2][]string{
				"conf":   {test.conf, slices.Sorted(maps.Keys(got.Conf))},
				"hadoop": {test.hadoop, slices.Sorted(maps.Keys(got.HadoopConf))},
				"files":  {test.files, slices.Sorted(maps.Keys(got.Files))},
			} {
				if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
			}
			if got.Env["SPARK_CONF_DIR"] != test.env["SPARK_CONF_DIR"] {
				t.Errorf("the environment is %v", got.Env)
			}
		})
	}
}

func TestSurroundingsThatCannotBeCarriedAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "huge.xml"), maxConfFile+1)
	file := write(t, filepath.Join(t.TempDir(), "file"), 1)
	for name, test := range map[string]struct {
		env  map[string]string
		says string
	}{
		"a file that no object holds": {map[string]string{"HADOOP_CONF_DIR": dir}, "more than a driver can be given"},
		"a folder that is a file":     {map[string]string{"SPARK_CONF_DIR": file}, "read configuration"},
		"properties of a JVM":         {map[string]string{"JAVA_TOOL_OPTIONS": "-Dspark.app.name=x"}, "JAVA_TOOL_OPTIONS sets Spark's properties"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readSurroundings(envOf(test.env), "", submitter.Application{})
			if err == nil || !strings.Contains(err.Error(), test.says) || hintOf(err) == "" || codeOf(err) != 2 {
				t.Errorf("got %v, hint %q", err, hintOf(err))
			}
		})
	}
}

func TestTheUserThatSubmits(t *testing.T) {
	t.Parallel()
	all := map[string]string{"SPARK_USER": "a", "HADOOP_PROXY_USER": "b", "HADOOP_USER_NAME": "c"}
	for _, variable := range []string{"SPARK_USER", "HADOOP_PROXY_USER", "HADOOP_USER_NAME"} {
		if got, want := userName(envOf(all)), all[variable]; got != want {
			t.Errorf("with %v it is %q, want %q", all, got, want)
		}
		all = maps.Clone(all)
		delete(all, variable)
	}
	if userName(envOf(nil)) == "" {
		t.Error("a user has no name")
	}
}

func TestTheVersionOfADistributionIsThatOfItsLibrary(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		jars []string
		want native.Version
		says string
	}{
		"a release":             {jars: []string{"spark-core_2.13-4.0.5.jar", "spark-kubernetes_2.13-4.0.5.jar"}, want: native.Version{Major: 4, Minor: 0, Patch: 5}},
		"none":                  {says: "is not known: it has no jars/spark-core_*.jar"},
		"two":                   {jars: []string{"spark-core_2.13-4.0.5.jar", "spark-core_2.12-3.5.9.jar"}, says: "or more than one"},
		"a company's own":       {jars: []string{"spark-core_2.12-3.5.4-amzn-0.jar"}, says: `of version "3.5.4-amzn-0", which the native engine does not know`},
		"one that is too new":   {jars: []string{"spark-core_2.13-9.0.0.jar"}, says: `of version "9.0.0", which the native engine does not know`},
		"a library of no build": {jars: []string{"spark-core_x.jar"}, says: `of version "", which the native engine does not know`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			for _, jar := range test.jars {
				write(t, filepath.Join(home, "jars", jar), 0)
			}
			got, err := distribution(home)
			if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
