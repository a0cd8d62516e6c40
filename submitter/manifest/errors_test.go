// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest_test

import (
	"strings"
	"testing"

	"github.com/sparkctl/sparkctl/submitter/manifest"
)

// head begins a document of kubeflow's kind, up to what a case adds to its spec.
const head = "apiVersion: sparkoperator.k8s.io/v1beta2\nkind: SparkApplication\nmetadata: {name: pi, namespace: team}\nspec:\n  sparkVersion: 4.0.1\n  mainApplicationFile: local:///pi.py\n"

func TestWhatCannotBeReadIsToldWithItsPath(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"a field that nobody knows":            {head + "  drivers: {}\n", "document 1 (pi): spec.drivers: unknown field"},
		"an unknown field far down":            {head + "  driver: {core: 1}\n  executor: {template: {spec: {containers: [{nome: a}]}}}\n", "document 1 (pi): spec.driver.core, spec.executor.template.spec.containers[0].nome: unknown field"},
		"other capitals":                       {head + "  Driver: {}\n", "document 1 (pi): spec.Driver: unknown field"},
		"an unknown field beside the spec":     {head + "specs: {}\n", "document 1 (pi): specs: unknown field"},
		"a number where text belongs":          {head + "  sparkConf: {spark.executor.instances: 2}\n", "document 1 (pi): spec.sparkConf[spark.executor.instances]: is a number and must be a string"},
		"a version that is a number":           {strings.Replace(head, "4.0.1", "4.0", 1), "document 1 (pi): spec.sparkVersion: is a number and must be a string"},
		"text where a number belongs":          {head + "  executor: {instances: two}\n", "document 1 (pi): spec.executor.instances: is a string and must be a whole number"},
		"a field that stands twice":            {head + "  driver: {}\n  driver: {}\n", "document 1: read YAML: "},
		"what is no YAML":                      {"a: [", "document 1: read YAML: "},
		"a document that is no object":         {"just text", "document 1: is a string and must be an object"},
		"a schedule":                           {"apiVersion: sparkoperator.k8s.io/v1beta2\nkind: ScheduledSparkApplication\nmetadata: {name: pi}\n", "document 1 (pi): kind: ScheduledSparkApplication is a schedule, which needs its operator"},
		"another kind behind a good one":       {head + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", `document 2 (c): apiVersion and kind: "v1" "ConfigMap" is not a SparkApplication that is known`},
		"an older version":                     {"apiVersion: sparkoperator.k8s.io/v1beta1\nkind: SparkApplication\n", `document 1: apiVersion and kind: "sparkoperator.k8s.io/v1beta1" "SparkApplication" is not a SparkApplication that is known`},
		"an unknown field of a list's item":    {"apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n- {apiVersion: spark.apache.org/v1, kind: SparkApplication, metadata: {name: pi}, spec: {jar: local:///a.jar}}\n", "document 1, item 1 (pi): spec.jar: unknown field"},
		"one name twice":                       {head + "---\n" + head, `document 2 (pi): metadata.name: "pi" stands twice in this file`},
		"an empty file":                        {"---\n# nothing\n", "the file has no SparkApplication in it"},
		"no name":                              {strings.Replace(head, "name: pi, ", "", 1), "document 1: metadata.name: is missing"},
		"retries":                              {head + "  restartPolicy: {type: OnFailure, onFailureRetries: 3}\n", `document 1 (pi): spec.restartPolicy.type: "OnFailure" cannot be honoured: a submission makes one driver`},
		"metrics without an exporter":          {head + "  monitoring: {exposeDriverMetrics: true, exposeExecutorMetrics: true}\n", "document 1 (pi): spec.monitoring.prometheus: is missing, and without it the operator exposes nothing"},
		"a key that a field sets otherwise":    {head + "  sparkConf: {spark.driver.memory: 8g}\n  driver: {memory: 2g}\n", `document 1 (pi): spec.sparkConf[spark.driver.memory]: is "8g", and another field sets the same key to "2g"`},
		"another namespace in the keys":        {head + "  sparkConf: {spark.kubernetes.namespace: other}\n", `document 1 (pi): spec.sparkConf[spark.kubernetes.namespace]: is "other", and metadata.namespace is "team"`},
		"a template file beside a template":    {head + "  sparkConf: {spark.kubernetes.driver.podTemplateFile: /mine.yaml}\n  driver: {hostNetwork: true}\n", `document 1 (pi): spec.sparkConf[spark.kubernetes.driver.podTemplateFile]: is "/mine.yaml", and another field sets the same key to "templates/team/pi-driver-pod-template.yaml"`},
		"a main file that looks as an option":  {strings.Replace(head, "local:///pi.py", "-pi.py", 1), "document 1 (pi): spec.mainApplicationFile: begins with a -, which spark-submit takes for an option"},
		"a mount that Spark's keys cannot say": {head + "  volumes: [{name: spark-local-dir-1, emptyDir: {}}]\n  driver: {volumeMounts: [{name: spark-local-dir-1, mountPath: /a, subPathExpr: $(A)}]}\n", "document 1 (pi): spec.driver.volumeMounts[0]: has a field that Spark's keys for volumes do not have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := manifest.Read([]byte(test.text), folder)
			if err == nil {
				t.Fatal("it was read")
			}
			sentence, _ := told(t, err)
			if !strings.HasPrefix(sentence, test.want) {
				t.Errorf("-want +got:\n-%s\n+%s", test.want, sentence)
			}
		})
	}
}
