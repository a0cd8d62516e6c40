// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package settings

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text   string
		values map[string]string
		conf   map[string]string
	}{
		"nothing":                           {"", nil, nil},
		"comments alone":                    {"# namespace: jobs\n", nil, nil},
		"single settings":                   {"namespace: jobs\nimage: spark:4.0.5\n", map[string]string{"namespace": "jobs", "image": "spark:4.0.5"}, nil},
		"JSON":                              {`{"engine": "native"}`, map[string]string{"engine": "native"}, nil},
		"a key whose value was left out":    {"namespace:\nconf:\n", nil, nil},
		"whole numbers and booleans":        {"conf:\n  spark.a: 2\n  spark.b: true\n  spark.c: -1\n", nil, map[string]string{"spark.a": "2", "spark.b": "true", "spark.c": "-1"}},
		"texts that look like numbers":      {"spark-version: '3.5'\nconf:\n  spark.a: '0.10'\n", map[string]string{"spark-version": "3.5"}, map[string]string{"spark.a": "0.10"}},
		"an empty text is a value of Spark": {"conf:\n  spark.a: ''\n", nil, map[string]string{"spark.a": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := Parse("/c.yaml", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			want := File{Path: "/c.yaml", Values: map[string]string{}, Conf: map[string]string{}}
			maps.Copy(want.Values, test.values)
			maps.Copy(want.Conf, test.conf)
			if diff := cmp.Diff(want, file); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, says, hint string }{
		"a key that is misspelt":                 {"nmespace: jobs", "/c.yaml: nmespace: unknown key", "did you mean namespace?"},
		"a key in another style":                 {"serviceAccount: a", "/c.yaml: serviceAccount: unknown key", "did you mean service-account?"},
		"a key that is like none":                {"queue: a", "/c.yaml: queue: unknown key", "the keys are namespace, "},
		"an unknown key without a value":         {"queue:", "/c.yaml: queue: unknown key", "the keys are"},
		"a key of Spark's at the top":            {"spark.executor.instances: 2", "spark.executor.instances: unknown key", "write Spark's keys below conf:"},
		"a key twice":                            {"image: a\nimage: b", `key "image" already set`, "mend the YAML"},
		"a list":                                 {"[a]", "the whole of it is no object", "write lines such as"},
		"what is no YAML":                        {"a: [", "/c.yaml: ", "mend the YAML"},
		"a version that YAML takes for a number": {"spark-version: 4.0", "spark-version: is no text", "write it in quotes"},
		"a version that is none":                 {"spark-version: four", `spark-version: "four" is no version of Spark`, "such as 4.0.5"},
		"an engine that there is not":            {"engine: nativ", `engine: "nativ" is not known`, "give auto, native or spark-submit"},
		"a namespace that can be none":           {"namespace: Jobs", `namespace: "Jobs" can be no namespace: a lowercase`, "such as jobs"},
		"an account that can be none":            {"service-account: a/b", `"a/b" can be no ServiceAccount`, "such as spark-driver"},
		"a conf that is no object":               {"conf: a", "conf: is no object", "write below it lines"},
		"a key in conf that is not Spark's":      {"conf:\n  executor.instances: 2", "conf.executor.instances: is no key of Spark's", "such as spark.executor.instances"},
		"a key of Spark's that is taken apart":   {"conf:\n  spark.executor:\n    instances: 2", "conf.spark.executor: is neither text nor", "in quotes"},
		"a fraction without quotes":              {"conf:\n  spark.a: 0.10", "conf.spark.a: is neither text nor", `spark.a: "1.5"`},
		"a key of Spark's without a value":       {"conf:\n  spark.a:", "conf.spark.a: is neither text nor", "in quotes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("/c.yaml", []byte(test.text))
			p, ok := errors.AsType[*problem.Error](err)
			if !ok || !strings.Contains(p.Error(), test.says) || !strings.Contains(p.Hint(), test.hint) {
				t.Errorf("says %v, hint %q; want %q, %q", err, p.Hint(), test.says, test.hint)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	given := func(values map[string]string, mark string) Given {
		return Given{values, func(key string) string { return mark + key }}
	}
	all := map[string]string{Namespace: "jobs"}
	file := File{Path: "/c.yaml", Values: map[string]string{Namespace: "file"}}
	for name, test := range map[string]struct {
		flags, environment map[string]string
		file               File
		key                string
		want               Setting
	}{
		"a flag weighs most":                   {all, map[string]string{Namespace: "env"}, file, Namespace, Setting{Namespace, "jobs", FromFlag, "--namespace"}},
		"the environment more than the file":   {nil, map[string]string{Namespace: "env"}, file, Namespace, Setting{Namespace, "env", FromEnvironment, "$namespace"}},
		"the file more than what is built in":  {nil, nil, File{Path: "/c.yaml", Values: map[string]string{Engine: "native"}}, Engine, Setting{Engine, "native", FromFile, "/c.yaml"}},
		"what nobody gives and is built in":    {nil, nil, file, Engine, Setting{Engine, "auto", BuiltIn, ""}},
		"what nobody gives and is not":         {nil, nil, file, Image, Setting{Image, "", NotSet, ""}},
		"an empty variable counts for nothing": {nil, map[string]string{Namespace: ""}, file, Namespace, Setting{Namespace, "file", FromFile, "/c.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Resolve(given(test.flags, "--"), given(test.environment, "$"), test.file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.Get(test.key)); diff != "" {
				t.Error(diff)
			}
		})
	}
	_, err := Resolve(given(nil, ""), given(map[string]string{Engine: "x"}, "$"), File{})
	if err == nil || !strings.Contains(err.Error(), `environment variable $engine: "x" is not known`) {
		t.Errorf("a variable that cannot be: %v", err)
	}
}

func TestOtherwiseFillsWhatNobodyGives(t *testing.T) {
	t.Parallel()
	nobody := Given{From: func(string) string { return "" }}
	s, err := Resolve(nobody, nobody, File{Path: "/c.yaml", Values: map[string]string{Namespace: "jobs"}, Conf: map[string]string{"spark.b": "2", "spark.a": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	filled := s.Otherwise(Namespace, "other", FromKubeconfig, "it").Otherwise(Context, "prod", FromKubeconfig, "it").Otherwise(Image, "", FromKubeconfig, "it")
	want := []Setting{
		{Namespace, "jobs", FromFile, "/c.yaml"},
		{Context, "prod", FromKubeconfig, "it"},
		{Image, "", NotSet, ""},
		{ServiceAccount, "", NotSet, ""},
		{Engine, "auto", BuiltIn, ""},
		{SparkVersion, "", NotSet, ""},
		{"conf.spark.a", "1", FromFile, "/c.yaml"},
		{"conf.spark.b", "2", FromFile, "/c.yaml"},
	}
	if diff := cmp.Diff(want, filled.All()); diff != "" {
		t.Error(diff)
	}
	if s.Get(Context).Source != NotSet {
		t.Error("Otherwise changes what it was called on")
	}
}
