// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/submitter"
)

func configMap(key, value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, Data: map[string]string{key: value}}
}

func pod(container corev1.Container) *corev1.Pod {
	p := &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, Spec: corev1.PodSpec{Containers: []corev1.Container{container}}}
	p.Annotations = map[string]string{"sparkctl.dev/application": `{"arguments":["--token","x"]}`, "vault/token": "hunter2", "team": "a"}
	return p
}

func TestMasked(t *testing.T) {
	t.Parallel()
	const gone = secret.Masked
	for name, test := range map[string]struct {
		object  runtime.Object
		pattern string
		// there and away are what the written object holds and does not.
		there, away []string
	}{
		"every value of a Secret": {
			object: &corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, Data: map[string][]byte{"a": []byte("hunter2")}},
			there:  []string{"a: '" + gone + "'"}, away: []string{"aHVudGVyMg=="},
		},
		"a key of the configuration, and not its neighbours": {
			object: configMap("spark.properties", "#2026\nspark.my.password=hunter2\nspark.a=b\\:c\nspark.x=-Dtoken\\=hunter2\n"),
			there:  []string{"#2026", "spark.my.password=" + gone, `spark.a=b\:c`, "spark.x=" + gone}, away: []string{"hunter2"},
		},
		"the application in our annotation, which is masked already, stays": {
			object: configMap("spark.properties", "spark.kubernetes.driver.annotation.sparkctl.dev/application={\"arguments\"\\:[\"--token\",\"x\"]}\n"),
			there:  []string{`["--token","x"]`},
		},
		"a property of Hadoop's": {
			object: configMap("core-site.xml", "<property><name>fs.s3a.secret.key</name>\n<value>hunter2</value></property><property><name>a</name><value>b</value></property>"),
			there:  []string{"<value>" + gone + "</value>", "<value>b</value>"}, away: []string{"hunter2"},
		},
		"the executors' template": {
			object: configMap("podspec-configmap-key", "spec:\n  containers:\n  - name: x\n    env:\n    - {name: API_KEY, value: hunter2}\n    - {name: A, value: b}\n"),
			there:  []string{gone, "value: b"}, away: []string{"hunter2"},
		},
		"any other file": {
			object: configMap("metrics.properties", "sink.password=hunter2\n"),
			there:  []string{"sink.password=" + gone}, away: []string{"hunter2"},
		},
		"variables and arguments of containers, and annotations": {
			object: pod(corev1.Container{
				Name: "c", Env: []corev1.EnvVar{{Name: "DB_PASSWORD", Value: "hunter2"}, {Name: "A", Value: "b"}},
				Args: []string{"driver", "--token", "hunter2", "x=y"},
			}),
			there: []string{"value: b", "- x=y", "vault/token: '" + gone + "'", "team: a", `["--token","x"]`}, away: []string{"hunter2"},
		},
		"names that the user's pattern knows": {
			object: pod(corev1.Container{Name: "c", Env: []corev1.EnvVar{{Name: "BADGE", Value: "hunter2"}}}), pattern: "(?i)badge",
			away: []string{"hunter2 "}, there: []string{"value: '" + gone + "'"},
		},
		"a variable from a Secret stays": {
			object: pod(corev1.Container{Name: "c", Env: []corev1.EnvVar{{Name: "DB_PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{Key: "password"}}}}}),
			there:  []string{"key: password"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Masked(test.object, "jobs", secret.With(test.pattern))
			if err != nil {
				t.Fatal(err)
			}
			written, err := yaml.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range append(test.there, "namespace: jobs") {
				if !strings.Contains(string(written), want) {
					t.Errorf("%q is missing in:\n%s", want, written)
				}
			}
			for _, secret := range test.away {
				if strings.Contains(string(written), secret) {
					t.Errorf("%q is shown in:\n%s", secret, written)
				}
			}
		})
	}
}

func TestConcealMasksOptionsAndConfigurationAlike(t *testing.T) {
	t.Parallel()
	app, err := submitter.ParseArguments([]string{"--conf", "spark.my.token=hunter2", "--class", "A", "local:///a.jar", "--token", "hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	app = app.WithProperties(map[string]string{"spark.of.file.password": "hunter2"})
	shown, err := Conceal(app)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"--conf", "spark.my.token=" + secret.Masked, "--class", "A", "local:///a.jar", "--token", secret.Masked}
	if diff := cmp.Diff(want, shown.Argv()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"spark.my.token": secret.Masked, "spark.of.file.password": secret.Masked}, shown.Conf); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if app.Conf["spark.my.token"] != "hunter2" {
		t.Error("the application itself was changed")
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"":                   "''",
		"--class":            "--class",
		"a b":                "'a b'",
		"it's":               `'it'\''s'`,
		"$HOME":              "'$HOME'",
		"spark.x=y,z:1%2+@-": "spark.x=y,z:1%2+@-",
		"~/a":                "'~/a'",
		"a\nb":               "'a\nb'",
		"(a|b)*":             "'(a|b)*'",
		"größe":              "'größe'",
	} {
		if got := Quote(word); got != want {
			t.Errorf("Quote(%q) = %s, want %s", word, got, want)
		}
	}
}
