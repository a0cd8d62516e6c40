// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"encoding/hex"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Source is where a run key comes from.
type Source string

// The sources of a run key.
const (
	// SourceGiven: by flag or environment variable.
	SourceGiven Source = "given"
	// SourceAirflow: the labels that Airflow's KubernetesPodOperator gives the launcher's pod. They hold no generation.
	SourceAirflow Source = "airflow"
	// SourceArgo: the workflow and the node of Argo Workflows that the launcher's pod is of.
	SourceArgo Source = "argo"
	// SourceTekton: the TaskRun that the launcher's pod is of.
	SourceTekton Source = "tekton"
	// SourceJob: the Job that the launcher's pod is of, and its completion index.
	SourceJob Source = "job"
	// SourcePod: the launcher's pod itself. Only a restart of its container comes to the same key.
	SourcePod Source = "pod"
	// SourceRandom: none; nobody comes to the same key again.
	SourceRandom Source = "random"
)

// Protects says in words which second start of a launcher finds the driver of the first.
func (s Source) Protects() string {
	switch s {
	case SourceGiven:
		return "every launcher that is given the same key"
	case SourceAirflow:
		return "every try of this task; a success is run again, because the labels do not tell a retry from a cleared task: give --generation '{{ ti.max_tries }}'"
	case SourceArgo:
		return "every retry of this node of the workflow"
	case SourceTekton:
		return "every retry of this TaskRun"
	case SourceJob:
		return "every pod of this Job with this completion index"
	case SourcePod:
		return "a restart of this container alone; a new pod submits the application again: give --run-key"
	default:
		return "nothing: another start submits the application again: give --run-key"
	}
}

// Whole reports whether a later start of the same run, and no other, comes to the same key.
func (s Source) Whole() bool {
	return s != SourceAirflow && s != SourcePod && s != SourceRandom
}

// Naming is what the caller says about a run's name.
type Naming struct {
	// Key and Generation as they were given; empty if they were not.
	Key, Generation string
	// Step tells apart the submissions of one task, Scope the orchestrators of one namespace.
	Step, Scope string
}

// Found is a run's name and where it comes from.
type Found struct {
	Run
	Source Source
}

// FindRun names the run: as the caller says, else by what the launcher's own pod tells of its orchestrator. own is nil where
// there is no pod or it cannot be read. It returns false when nothing tells.
func FindRun(n Naming, own *corev1.Pod) (Found, bool) {
	found := Found{Run: Run{Key: n.Key, Generation: n.Generation, Attempt: 1}, Source: SourceGiven}
	if found.Key == "" && own != nil {
		for _, ask := range []func(*corev1.Pod) (string, Source){airflowKey, argoKey, tektonKey, jobKey} {
			if found.Key, found.Source = ask(own); found.Key != "" {
				break
			}
		}
	}
	if found.Key == "" {
		return Found{}, false
	}
	found.Key = n.around(found.Key)
	return found, true
}

// around puts scope and step around a key.
func (n Naming) around(key string) string {
	if n.Scope != "" {
		key = n.Scope + "/" + key
	}
	if n.Step != "" {
		key += "/" + n.Step
	}
	return key
}

// PodRun names the run of an application after the launcher's own container: where that is the container's first
// process, a second start in the pod is a restart.
func PodRun(n Naming, uid string, app Application) Found {
	key := strings.Join([]string{"pod", uid, digest("", fingerprint(app))[:8]}, "/")
	return Found{Run: Run{Key: n.around(key), Generation: n.Generation, Attempt: 1}, Source: SourcePod}
}

// RandomRun names a run so that it is no other run's name.
func RandomRun(n Naming, app Application, random [6]byte) Found {
	key := strings.Trim(slug(app.Name(), 40)+"-"+hex.EncodeToString(random[:]), "-")
	return Found{Run: Run{Key: key, Generation: n.Generation, Attempt: 1}, Source: SourceRandom}
}

// airflowKey reads the labels that KubernetesPodOperator gives a pod (its _get_ti_pod_labels). try_number is none of a
// key: a retry is the same run. execution_date stands for run_id before Airflow 2.2.
func airflowKey(own *corev1.Pod) (string, Source) {
	dag, task, run := own.Labels["dag_id"], own.Labels["task_id"], own.Labels["run_id"]
	if run == "" {
		run = own.Labels["execution_date"]
	}
	if dag == "" || task == "" || run == "" {
		return "", ""
	}
	parts := []string{dag, task, run}
	if index := own.Labels["map_index"]; index != "" {
		parts = append(parts, index)
	}
	return strings.Join(parts, "/"), SourceAirflow
}

// argoKey reads the workflow's UID and the node's name, whose last number in brackets is that of a retry.
func argoKey(own *corev1.Pod) (string, Source) {
	node := own.Annotations["workflows.argoproj.io/node-name"]
	owner := ownedBy(own, "Workflow")
	if node == "" || owner == nil {
		return "", ""
	}
	return string(owner.UID) + "/" + regexp.MustCompile(`\(\d+\)$`).ReplaceAllString(node, ""), SourceArgo
}

// tektonKey reads the TaskRun's UID, which its retries keep.
func tektonKey(own *corev1.Pod) (string, Source) {
	owner := ownedBy(own, "TaskRun")
	if owner == nil {
		return "", ""
	}
	return owner.Name + "/" + string(owner.UID), SourceTekton
}

// jobKey reads the Job's UID and the completion index of an Indexed Job.
func jobKey(own *corev1.Pod) (string, Source) {
	owner := ownedBy(own, "Job")
	if owner == nil {
		return "", ""
	}
	key := owner.Name + "/" + string(owner.UID)
	if index := own.Annotations["batch.kubernetes.io/job-completion-index"]; index != "" {
		key += "/" + index
	}
	return key, SourceJob
}

func ownedBy(own *corev1.Pod, kind string) *metav1.OwnerReference {
	for i := range own.OwnerReferences {
		if own.OwnerReferences[i].Kind == kind {
			return &own.OwnerReferences[i]
		}
	}
	return nil
}
