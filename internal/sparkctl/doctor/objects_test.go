// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/xcom"
)

func TestEveryObjectThatThePodsNameIsLookedFor(t *testing.T) {
	yes := true
	named := func(name string) corev1.LocalObjectReference { return corev1.LocalObjectReference{Name: name} }
	volume := func(source corev1.VolumeSource) corev1.Volume { return corev1.Volume{Name: "v", VolumeSource: source} }
	a := etl()
	a.Makes = []Reference{{"ConfigMap", "made"}}
	a.Driver.Spec.ImagePullSecrets = []corev1.LocalObjectReference{named("pull")}
	a.Driver.Spec.Volumes = []corev1.Volume{
		volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "files"}}),
		volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "optional", Optional: &yes}}),
		volume(corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: named("made")}}),
		volume(corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: named("hadoop")}}),
		volume(corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "lake"}}),
		volume(corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}),
		volume(corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{Secret: &corev1.SecretProjection{LocalObjectReference: named("projected")}}, {ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: named("projected")}},
		}}}),
	}
	a.Driver.Spec.InitContainers = []corev1.Container{{EnvFrom: []corev1.EnvFromSource{
		{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named("all")}}, {ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: named("all")}},
	}}}
	a.Executor.Spec.Containers[0].Env = []corev1.EnvVar{
		{Name: "PLAIN"},
		{Name: "A", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: named("one")}}},
		{Name: "B", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: named("one")}}},
		{Name: "C", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: named("files")}}},
	}
	want := []Reference{
		{"Secret", "files"},
		{"ConfigMap", "hadoop"},
		{"PersistentVolumeClaim", "lake"},
		{"Secret", "projected"},
		{"ConfigMap", "projected"},
		{"Secret", "all"},
		{"ConfigMap", "all"},
		{"Secret", "pull"},
		{"Secret", "one"},
		{"ConfigMap", "one"},
	}
	if diff := cmp.Diff(want, a.References()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatAnApplicationIsMissingIsFound(t *testing.T) {
	secret, claim, settings, pull := Reference{"Secret", "db"}, Reference{"PersistentVolumeClaim", "lake"}, Reference{"ConfigMap", "hadoop"}, Reference{"Secret", "hub"}
	naming := func(f *Facts) {
		f.Application.Driver.Spec.Volumes = []corev1.Volume{
			{Name: "lake", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim.Name}}},
			{Name: "hadoop", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: settings.Name}}}},
		}
		f.Application.Executor.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: secret.Name}},
		}}}
		f.Application.Driver.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: pull.Name}}
		f.Objects = map[Reference]Read[bool]{secret: got(true), claim: got(true), settings: got(true), pull: got(true)}
	}
	absent, hidden := Read[bool]{Err: errAbsent}, Read[bool]{Err: errForbidden}
	policy := Access{"create", "networking.k8s.io", "networkpolicies", ""}
	for name, test := range map[string]struct {
		change func(*Facts)
		want   []Finding
	}{
		"nothing": {func(*Facts) {}, nil},
		"a Secret of the executors": {func(f *Facts) { f.Objects[secret] = absent }, []Finding{
			{"secret", Problem, "secret db, which the executors' variable PASSWORD names, is not there", "kubectl create secret generic db -n jobs --from-literal=KEY=VALUE"},
		}},
		"a ConfigMap": {func(f *Facts) { f.Objects[settings] = absent }, []Finding{
			{"configmap", Problem, "configmap hadoop, which the driver's volume hadoop names, is not there", "kubectl create configmap hadoop -n jobs --from-file=FILE"},
		}},
		"a claim": {func(f *Facts) { f.Objects[claim] = absent }, []Finding{
			{"persistentvolumeclaim", Problem, "persistentvolumeclaim lake, which the driver's volume lake names, is not there", "kubectl apply -n jobs -f FILE, with a PersistentVolumeClaim called lake in it"},
		}},
		"a pull secret, without which the image may be had": {func(f *Facts) { f.Objects[pull] = absent }, []Finding{
			{"pull secret", Warning, "pull secret hub, which the driver's image names, is not there", "kubectl create secret docker-registry hub -n jobs --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD"},
		}},
		"a right to look": {func(f *Facts) { f.Objects[secret] = hidden }, []Finding{
			{"secret", Unknown, "whether secret db, which the executors' variable PASSWORD names, is there is not known: you have no right to see it", "kubectl get secret db -n jobs"},
		}},
		"the API server's consent": {func(f *Facts) {
			f.Application.Tried = &Read[int]{Err: problem.Usage("change it", "the webhook says no")}
		}, []Finding{{"dry run", Problem, "the API server would not take the submission: the webhook says no", "change it"}}},
		"a name that is its own": {func(f *Facts) {
			f.Application.Tried = &Read[int]{Err: problem.New(xcom.ExitConflict, xcom.CategoryConfig, "AlreadyExists", "", "pod etl stands there already")}
		}, []Finding{{
			"dry run", Warning, "the name that the application fixes is taken, so that nothing else was tried: pod etl stands there already", "see whose it is with: sparkctl list -n jobs -o wide",
		}}},
		"the API server's answer": {func(f *Facts) {
			f.Application.Tried = &Read[int]{Err: problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "check the network", "the API server gave no usable answer")}
		}, []Finding{{"dry run", Unknown, "whether the API server would take the submission is not known: the API server gave no usable answer", "check the network"}}},
		"the network policies of its Spark": {func(f *Facts) {
			f.Mine[policy], f.Application.Spark = got(false), native.Version{Major: 4, Minor: 2}
		}, []Finding{{
			"network policies", Problem, "Spark 4.2.0 makes one, and you cannot submit: you may not create networkpolicies",
			"sparkctl rbac --for launcher -n jobs | kubectl apply -f - && kubectl create rolebinding spark-launcher -n jobs --role spark-launcher --user alice",
		}}},
		"a network policy that its Spark does not make": {func(f *Facts) { f.Mine[policy] = got(false) }, nil},
		"what it would make is not known": {func(f *Facts) {
			f.Objects = nil
			f.Application = &Application{Name: "etl", Unmade: errors.New("a JVM is needed")}
		}, []Finding{{"spark", Unknown, "what etl would make is not known, so that only the namespace is judged: a JVM is needed", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := well()
			f.Application = etl()
			naming(&f)
			test.change(&f)
			if diff := cmp.Diff(test.want, found(f)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
