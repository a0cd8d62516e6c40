// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
)

// ConfTemplate is the key of the driver's pod template (Spark: Config.KUBERNETES_DRIVER_PODTEMPLATE_FILE).
const ConfTemplate = "spark.kubernetes.driver.podTemplateFile"

// ConfExecutorTemplate is the key of the executors' pod template (Spark: Config.KUBERNETES_EXECUTOR_PODTEMPLATE_FILE).
const ConfExecutorTemplate = "spark.kubernetes.executor.podTemplateFile"

// TemplatePath is the file of the driver's pod template that the application names; empty if it names none. Spark reads
// templates from elsewhere too, but ours must be added to it here. Every error is a [*problem.Error] with exit code 2.
func (a Application) TemplatePath() (string, error) {
	return a.localFile(ConfTemplate, "the driver's scheduling gate has to be added to it before spark-submit reads it")
}

// ExecutorTemplatePath is the file of the executors' pod template that the application names; empty if it names none. Every
// error is a [*problem.Error] with exit code 2.
func (a Application) ExecutorTemplatePath() (string, error) {
	return a.localFile(ConfExecutorTemplate, "from elsewhere only a JVM fetches it")
}

// localFile is the path of a local file that is the value of key.
func (a Application) localFile(key, why string) (string, error) {
	path := a.Conf[key]
	scheme, rest, found := strings.Cut(path, ":")
	switch {
	case !found || strings.Contains(scheme, "/"):
		return path, nil
	case scheme == "file" || scheme == "local":
		if under, ok := strings.CutPrefix(rest, "//"); ok {
			rest = under[max(0, strings.IndexByte(under, '/')):]
		}
		return rest, nil
	default:
		return "", problem.Usage("mount it into the launcher's pod, from a ConfigMap for example, and name its path there",
			"%s is %q, which is no local file: %s", key, path, why)
	}
}

// Gated returns a driver's pod template with our scheduling gate added to it; all else stays as it is. text is
// the user's own template, empty if there is none. Every error is a [*problem.Error] with exit code 2.
func Gated(text []byte) ([]byte, error) {
	pod := map[string]any{}
	if err := yaml.Unmarshal(text, &pod); err != nil {
		return nil, problem.Usage("check the file with: kubectl create --dry-run=client -f FILE", "the driver's pod template is no pod: %w", err)
	}
	if len(pod) == 0 {
		pod = map[string]any{"apiVersion": "v1", "kind": "Pod"}
	}
	if pod["spec"] == nil {
		pod["spec"] = map[string]any{}
	}
	spec, isMap := pod["spec"].(map[string]any)
	if !isMap {
		return nil, problem.Usage("write under spec what a pod has there", "the driver's pod template is no pod: its spec is no mapping")
	}
	if node, _ := spec["nodeName"].(string); node != "" {
		return nil, problem.Usage("choose the node with nodeSelector kubernetes.io/hostname: "+node,
			"the driver's pod template sets spec.nodeName, and a pod that is bound to a node cannot be held back until its submission is complete")
	}
	gates, _ := spec["schedulingGates"].([]any)
	for _, gate := range gates {
		if named, _ := gate.(map[string]any); named["name"] == driver.GateSubmission {
			return nil, problem.Usage("take it out", "the driver's pod template has the scheduling gate %s, which is set for each submission", driver.GateSubmission)
		}
	}
	spec["schedulingGates"] = append(gates, map[string]any{"name": driver.GateSubmission})
	gated, err := yaml.Marshal(pod)
	if err != nil {
		return nil, problem.Usage("check the file", "the driver's pod template cannot be written again: %w", err)
	}
	return gated, nil
}
