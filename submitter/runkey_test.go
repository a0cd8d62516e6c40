// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func pod(labels, annotations map[string]string, owners ...metav1.OwnerReference) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: annotations, OwnerReferences: owners}}
}

func TestARunIsNamedByItsSurroundings(t *testing.T) {
	t.Parallel()
	airflow := map[string]string{
		"dag_id": "etl", "task_id": "load", "run_id": "scheduled__2026-11-21T0000000000-abc123def", "try_number": "2", "kubernetes_pod_operator": "True",
	}
	mapped := map[string]string{"dag_id": "etl", "task_id": "load", "run_id": "r", "map_index": "3", "try_number": "1"}
	argo := map[string]string{"workflows.argoproj.io/node-name": "etl-x7k.load(1)"}
	for name, test := range map[string]struct {
		naming Naming
		own    *corev1.Pod
		want   Found
	}{
		"as it is told": {Naming{Key: "k", Generation: "2"}, pod(airflow, nil), Found{Run{"k", "2", 1}, SourceGiven}},
		"as it is told, with a step and a scope": {
			Naming{Key: "k", Step: "second", Scope: "prod"}, nil, Found{Run{"prod/k/second", "", 1}, SourceGiven},
		},
		"by Airflow's labels, which a retry shares": {
			Naming{}, pod(airflow, nil), Found{Run{"etl/load/scheduled__2026-11-21T0000000000-abc123def", "", 1}, SourceAirflow},
		},
		"by Airflow's labels, with the index of a mapped task": {Naming{Generation: "1"}, pod(mapped, nil), Found{Run{"etl/load/r/3", "1", 1}, SourceAirflow}},
		"by the labels of Airflow before 2.2": {
			Naming{}, pod(map[string]string{"dag_id": "etl", "task_id": "load", "execution_date": "2021"}, nil), Found{Run{"etl/load/2021", "", 1}, SourceAirflow},
		},
		"by Airflow's labels before the Job that it made": {Naming{}, pod(mapped, nil, jobOwner()), Found{Run{"etl/load/r/3", "", 1}, SourceAirflow}},
		"by Argo's workflow and node, which a retry shares": {
			Naming{}, pod(nil, argo, metav1.OwnerReference{Kind: "Workflow", Name: "etl-x7k", UID: "w"}), Found{Run{"w/etl-x7k.load", "", 1}, SourceArgo},
		},
		"by Argo's node of a list of items": {
			Naming{},
			pod(nil, map[string]string{"workflows.argoproj.io/node-name": "etl.load(0:a)"}, metav1.OwnerReference{Kind: "Workflow", UID: "w"}),
			Found{Run{"w/etl.load(0:a)", "", 1}, SourceArgo},
		},
		"by Tekton's TaskRun, and the step of it": {
			Naming{Step: "load"}, pod(nil, nil, metav1.OwnerReference{Kind: "TaskRun", Name: "etl-run", UID: "t"}), Found{Run{"etl-run/t/load", "", 1}, SourceTekton},
		},
		"by the Job": {Naming{}, pod(nil, nil, jobOwner()), Found{Run{"nightly/j", "", 1}, SourceJob}},
		"by the index of an Indexed Job": {
			Naming{}, pod(nil, map[string]string{"batch.kubernetes.io/job-completion-index": "4"}, jobOwner()), Found{Run{"nightly/j/4", "", 1}, SourceJob},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, known := FindRun(test.naming, test.own)
			if diff := cmp.Diff(test.want, got); diff != "" || !known {
				t.Errorf("known %v, -want +got:\n%s", known, diff)
			}
		})
	}
}

func jobOwner() metav1.OwnerReference {
	return metav1.OwnerReference{Kind: "Job", Name: "nightly", UID: "j"}
}

func TestNothingTellsTheNameOfARun(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]*corev1.Pod{
		"without a pod":                  nil,
		"of a pod of its own":            pod(nil, nil),
		"of a Deployment's pod":          pod(nil, nil, metav1.OwnerReference{Kind: "ReplicaSet", UID: "r"}),
		"with half of Airflow's labels":  pod(map[string]string{"dag_id": "etl", "task_id": "load"}, nil),
		"with Argo's node, and no owner": pod(nil, map[string]string{"workflows.argoproj.io/node-name": "etl"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, known := FindRun(Naming{Step: "s"}, own); known {
				t.Errorf("found %+v", got)
			}
		})
	}
}

func TestARunThatNothingNames(t *testing.T) {
	t.Parallel()
	app, other := parse(t, "--name", "My ETL", "app.jar"), parse(t, "--name", "My ETL", "app.jar", "x")
	first, second := PodRun(Naming{}, "uid", app), PodRun(Naming{}, "uid", app)
	if first != second || first.Source != SourcePod || !strings.HasPrefix(first.Key, "pod/uid/") {
		t.Errorf("a restart comes to another key: %+v, %+v", first, second)
	}
	if third := PodRun(Naming{}, "uid", other); third.Key == first.Key {
		t.Errorf("another application of the pod comes to the same key %s", third.Key)
	}
	for name, want := range map[string]string{
		"org.example.Etl":       "org-example-etl-000102abcdef",
		"日次":                    "000102abcdef",
		strings.Repeat("x", 99): strings.Repeat("x", 40) + "-000102abcdef",
	} {
		if got := RandomRun(Naming{}, parse(t, "--name", name, "app.jar"), [6]byte{0, 1, 2, 0xab, 0xcd, 0xef}); got.Key != want || got.Source != SourceRandom {
			t.Errorf("RandomRun of %q is %+v, want %q", name, got, want)
		}
	}
}

func TestEverySourceSaysWhatItProtects(t *testing.T) {
	t.Parallel()
	for source, want := range map[Source]struct {
		whole bool
		says  string
	}{
		SourceGiven:   {true, "every launcher that is given the same key"},
		SourceAirflow: {false, "every try of this task; a success is run again, because the labels do not tell a retry from a cleared task: give --generation '{{ ti.max_tries }}'"},
		SourceArgo:    {true, "every retry of this node of the workflow"},
		SourceTekton:  {true, "every retry of this TaskRun"},
		SourceJob:     {true, "every pod of this Job with this completion index"},
		SourcePod:     {false, "a restart of this container alone; a new pod submits the application again: give --run-key"},
		SourceRandom:  {false, "nothing: another start submits the application again: give --run-key"},
	} {
		if source.Whole() != want.whole || source.Protects() != want.says {
			t.Errorf("%s: %v, %q", source, source.Whole(), source.Protects())
		}
	}
}
