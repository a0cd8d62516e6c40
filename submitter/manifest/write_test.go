// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/manifest"
)

func TestWhatWasReadIsWrittenAsTheSame(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		submissions, err := manifest.Read(archive.Files[0].Data, folder)
		if err != nil {
			continue
		}
		for _, s := range submissions {
			if s.APIVersion == manifest.ApacheVersion && len(s.DriverTemplate) > 0 {
				continue // Its container has another name than kubeflow's operator asks for.
			}
			tried++
			text, err := manifest.Write(s)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			again, err := manifest.Read(text, folder)
			if err != nil {
				t.Errorf("%s: %v\n%s", path, err, text)
				continue
			}
			if diff := cmp.Diff(whole(s), whole(again[0])); diff != "" {
				t.Errorf("%s: %s: -want +got:\n%s", path, s.Name, diff)
			}
		}
	}
	if tried < 7 {
		t.Errorf("tried %d only", tried)
	}
}

// whole is a submission with Spark's own defaults written out, and without the order of its options and the version of its kind.
func whole(s manifest.Submission) manifest.Submission {
	conf := map[string]string{"spark.driver.cores": "1", "spark.driver.memory": "1g", "spark.executor.cores": "1", "spark.executor.memory": "1g"}
	if s.Application.Conf["spark.dynamicAllocation.enabled"] != "true" {
		conf["spark.executor.instances"] = "2"
	}
	maps.Copy(conf, s.Application.Conf)
	// The operator gives the image to each role as well.
	if image := conf["spark.kubernetes.container.image"]; image != "" {
		for _, role := range []string{"driver", "executor"} {
			if key := "spark.kubernetes." + role + ".container.image"; conf[key] == "" {
				conf[key] = image
			}
		}
	}
	s.Application.Conf, s.APIVersion = conf, ""
	class, _ := s.Application.Option("--class")
	user, _ := s.Application.Option("--proxy-user")
	s.Application.Options = []submitter.Option{{Name: "--class", Value: class}, {Name: "--proxy-user", Value: user}}
	return s
}

func TestArgumentsBecomeAManifest(t *testing.T) {
	t.Parallel()
	got, err := manifest.Write(submission(t, "--name", "spark-pi", "--class", "org.example.Pi", "--conf", "spark.kubernetes.namespace=team", "--conf", "spark.kubernetes.container.image=apache/spark:4.0.1",
		"--conf", "spark.ui.port=4041", "--num-executors", "3", "--driver-memory", "2g", "--jars", "local:///a.jar,local:///b.jar", "local:///pi.jar", "10"))
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata:
  name: spark-pi
  namespace: team
spec:
  arguments:
  - "10"
  deps:
    jars:
    - local:///a.jar
    - local:///b.jar
  driver:
    cores: 1
    memory: 2g
  executor:
    cores: 1
    instances: 3
    memory: 1g
  image: apache/spark:4.0.1
  mainApplicationFile: local:///pi.jar
  mainClass: org.example.Pi
  mode: cluster
  sparkConf:
    spark.ui.port: "4041"
  sparkVersion: 4.0.1
  type: Scala
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatAManifestCannotSayIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv []string
		want string
	}{
		"a name that is none of an object": {[]string{"--name", "Spark Pi", "a.py"}, `write SparkApplication: "Spark Pi" cannot be metadata.name` + "\n"},
		"an option without a field":        {[]string{"--name", "pi", "--verbose", "a.py"}, "write SparkApplication: --verbose has no field there\n"},
		"a number that is none":            {[]string{"--name", "pi", "--executor-cores", "two", "a.py"}, `write SparkApplication: spark.executor.cores is "two", which is no whole number` + "\n"},
		"a template that nobody read":      {[]string{"--name", "pi", "--conf", "spark.kubernetes.driver.podTemplateFile=/a.yaml", "a.py"}, `write SparkApplication: spark.kubernetes.driver.podTemplateFile names "/a.yaml", which could not be read` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := manifest.Write(submission(t, test.argv...))
			if err == nil {
				t.Fatal("it was written")
			}
			if sentence, _ := told(t, err); sentence != test.want {
				t.Errorf("-want +got:\n-%s+%s", test.want, sentence)
			}
		})
	}
}

func TestAContainerOfAnotherNameCannotBeSaid(t *testing.T) {
	t.Parallel()
	s := submission(t, "--name", "pi", "--conf", "spark.kubernetes.driver.podTemplateFile=a.yaml", "--conf", "spark.kubernetes.driver.podTemplateContainerName=main", "a.py")
	s.DriverTemplate = []byte("spec: {containers: [{name: main}]}")
	_, err := manifest.Write(s)
	if err == nil {
		t.Fatal("it was written")
	}
	want := "write SparkApplication: spark.kubernetes.driver.podTemplateContainerName is \"main\", and an operator sets it to spark-kubernetes-driver\n"
	if sentence, _ := told(t, err); sentence != want {
		t.Errorf("-want +got:\n-%s+%s", want, sentence)
	}
}

// submission is one of Spark 4.0.1 by the arguments of spark-submit.
func submission(t *testing.T, argv ...string) manifest.Submission {
	t.Helper()
	app, err := submitter.ParseArguments(argv)
	if err != nil {
		t.Fatal(err)
	}
	return manifest.Submission{SparkVersion: "4.0.1", Application: app}
}
