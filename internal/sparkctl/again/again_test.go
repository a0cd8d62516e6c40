// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package again

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/submitter"
)

const m = secret.Masked

func driverPod(args ...string) *corev1.Pod {
	return &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "proxy"}, {
		Name: "spark-kubernetes-driver", Args: append([]string{"driver", "--class", "A", "local:///a.jar"}, args...),
		Env: []corev1.EnvVar{{Name: "DB_PASSWORD", Value: "hunter2"}},
	}}}}
}

func TestApplication(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		recorded []string
		pod      *corev1.Pod
		conf     map[string]string
		want     []string
		restored []string
		lost     []Lost
	}{
		"nothing is masked": {
			recorded: []string{"--class", "A", "local:///a.jar", "x"}, pod: driverPod("x"),
			want: []string{"--class", "A", "local:///a.jar", "x"},
		},
		"a key stands in the configuration": {
			recorded: []string{"--conf", "spark.my.token=" + m, "local:///a.jar"}, pod: driverPod(), conf: map[string]string{"spark.my.token": "a=b"},
			want: []string{"--conf", "spark.my.token=a=b", "local:///a.jar"}, restored: []string{"spark.my.token"},
		},
		"a key does not": {
			recorded: []string{"--conf", "spark.my.token=" + m, "local:///a.jar"}, pod: driverPod(), conf: map[string]string{"spark.other": "x"},
			want: []string{"--conf", "spark.my.token=" + m, "local:///a.jar"}, lost: []Lost{{"spark.my.token", "spark.my.token"}},
		},
		"a password in a URL, of which the configuration may hold another form": {
			recorded: []string{"--conf", "spark.my.url=https://me:" + m + "@host/", "local:///a.jar"}, pod: driverPod(), conf: map[string]string{"spark.my.url": "x"},
			want: []string{"--conf", "spark.my.url=https://me:" + m + "@host/", "local:///a.jar"}, lost: []Lost{{"spark.my.url", "spark.my.url"}},
		},
		"an option and the main file": {
			recorded: []string{"--jars", "https://me:" + m + "@host/b.jar", "https://me:" + m + "@host/a.jar"}, pod: driverPod(),
			want: []string{"--jars", "https://me:" + m + "@host/b.jar", "https://me:" + m + "@host/a.jar"}, lost: []Lost{{What: "--jars"}, {What: "the main file"}},
		},
		"arguments stand in the pod": {
			recorded: []string{"local:///a.jar", "--token", m, "--key-password=" + m, "x"}, pod: driverPod("--token", "hunter2", "--key-password=hunter3", "x"),
			want:     []string{"local:///a.jar", "--token", "hunter2", "--key-password=hunter3", "x"},
			restored: []string{"argument 2 (behind --token)", "argument 3 (--key-password)"},
		},
		"the pod's arguments are others": {
			recorded: []string{"local:///a.jar", "--token", m, "x"}, pod: driverPod("--token", "hunter2", "y"),
			want: []string{"local:///a.jar", "--token", m, "x"}, lost: []Lost{{What: "argument 2 (behind --token)"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorded, err := submitter.ParseArguments(test.recorded)
			if err != nil {
				t.Fatal(err)
			}
			app, restored, lost := Application(recorded, test.pod, test.conf)
			if diff := cmp.Diff(test.want, app.Argv()); diff != "" {
				t.Errorf("application -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.restored, restored); diff != "" {
				t.Errorf("restored -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.lost, lost); diff != "" {
				t.Errorf("lost -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.recorded, recorded.Argv()); diff != "" {
				t.Errorf("the record was changed:\n%s", diff)
			}
		})
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ record, there, away string }{
		"nothing is masked":                      {`{"spec":{"runtimeClassName":"kata"}}`, `"kata"`, "hunter"},
		"a variable of the driver's container":   {`{"spec":{"containers":[{"name":"spark-kubernetes-driver","env":[{"name":"DB_PASSWORD","value":"` + m + `"}]}]}}`, "hunter2", m},
		"a container that has no name as yet":    {`{"spec":{"containers":[{"env":[{"name":"DB_PASSWORD","value":"` + m + `"}]}]}}`, "hunter2", m},
		"a variable that the pod does not have":  {`{"spec":{"containers":[{"name":"spark-kubernetes-driver","env":[{"name":"TOKEN","value":"` + m + `"}]}]}}`, m, "hunter2"},
		"a container that the pod does not have": {`{"spec":{"initContainers":[{"name":"init","env":[{"name":"DB_PASSWORD","value":"` + m + `"}]}]}}`, m, "hunter2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, lost, err := Template(test.record, driverPod())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), test.there) || strings.Contains(string(text), test.away) {
				t.Errorf("it is %s", text)
			}
			if got, want := len(lost) > 0, test.there == m; got != want {
				t.Errorf("lost is %v", lost)
			}
		})
	}
	if _, _, err := Template(m, driverPod()); err == nil {
		t.Error("a record that is none was read")
	}
}

func TestInherited(t *testing.T) {
	t.Parallel()
	app, err := submitter.ParseArguments([]string{"--conf", "spark.given=here", "local:///a.jar"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ live, rendered, want map[string]string }{
		"nothing":                               {nil, nil, map[string]string{}},
		"what the arguments make is no legacy":  {map[string]string{"spark.jars": "a.jar"}, map[string]string{"spark.jars": "a.jar"}, map[string]string{}},
		"what they do not make is":              {map[string]string{"spark.eventLog.dir": "s3a://x"}, nil, map[string]string{"spark.eventLog.dir": "s3a://x"}},
		"what they make of another default too": {map[string]string{"spark.app.name": "x"}, map[string]string{"spark.app.name": "a.jar"}, map[string]string{"spark.app.name": "x"}},
		"what was given stays as it is":         {map[string]string{"spark.given": "there"}, nil, map[string]string{}},
		"what each submission has for itself": {
			map[string]string{"spark.master": "k8s://x", "spark.kubernetes.driver.pod.name": "p", "spark.kubernetes.driver.annotation.sparkctl.dev/launcher": "l", "spark.app.submitTime": "1"}, nil, map[string]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Inherited(app, test.live, test.rendered)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
