// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/submitter/native"
)

// etl is an application of a driver and two executors, with 1 and 2 cores, and 1 and 2 GiB.
func etl() *Application {
	return &Application{
		Name: "etl", Spark: native.Version{Major: 4, Minor: 0, Patch: 1}, Executors: 2,
		Driver: &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "driver", Resources: corev1.ResourceRequirements{Requests: amounts("cpu", "1", "memory", "1Gi"), Limits: amounts("memory", "1Gi")},
		}}}},
		Executor: &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "executor", Resources: corev1.ResourceRequirements{Requests: amounts("cpu", "2", "memory", "2Gi"), Limits: amounts("memory", "2Gi")},
		}}}},
	}
}

// quota is one of that name with amounts that are hard, and others that are used.
func quota(hard, used corev1.ResourceList, scopes ...corev1.ResourceQuotaScope) corev1.ResourceQuota {
	return corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "team"}, Spec: corev1.ResourceQuotaSpec{Hard: hard, Scopes: scopes},
		Status: corev1.ResourceQuotaStatus{Hard: hard, Used: used},
	}
}

func TestAQuotaIsHeldAgainstWhatTheApplicationAsksFor(t *testing.T) {
	const show = "kubectl describe resourcequota team -n jobs"
	ranges := func(kind corev1.LimitType) Read[[]corev1.LimitRange] {
		return got([]corev1.LimitRange{{Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{Type: kind, Default: amounts("cpu", "4")}}}}})
	}
	for name, test := range map[string]struct {
		quota  corev1.ResourceQuota
		change func(*Facts)
		want   []Finding
	}{
		"there is room for all": {quota: quota(amounts("requests.cpu", "5", "memory", "5Gi", "pods", "3"), nil)},
		"there is room for the driver and not for all executors": {
			quota: quota(amounts("requests.cpu", "8", "limits.memory", "5Gi"), amounts("requests.cpu", "4")),
			want:  []Finding{{"quota", Warning, "quota team has room for the driver and not for all its executors (requests.cpu: 4 of 8 left, 5 needed)", show}},
		},
		"there is no room for the driver": {
			quota: quota(amounts("memory", "10Gi", "pods", "10"), amounts("memory", "9728Mi", "pods", "10")),
			want:  []Finding{{"quota", Problem, "quota team has no room for a driver (memory: 512Mi of 10Gi left, 1Gi needed; pods: 0 of 10 left, 1 needed)", show}},
		},
		"the executors' own ConfigMap is one too many": {
			quota: quota(amounts("configmaps", "4"), amounts("configmaps", "3")),
			want:  []Finding{{"quota", Warning, "quota team has room for the driver and not for all its executors (configmaps: 1 of 4 left, 2 needed)", show}},
		},
		"without an application only what is full is told": {
			quota:  quota(amounts("requests.cpu", "8", "count/pods", "5", "memory", "1Gi"), amounts("requests.cpu", "8", "count/pods", "4")),
			change: func(f *Facts) { f.Application = nil },
			want: []Finding{
				{"quota", Problem, "quota team has no room for a driver (requests.cpu: 0 of 8 left)", show},
				{"quota", Warning, "quota team has room for the driver and not for all its executors (count/pods: 1 of 5 left)", show},
			},
		},
		"it counts limits of processors, and the application names none": {
			quota: quota(amounts("limits.cpu", "8"), nil),
			want: []Finding{{
				"quota", Problem, "quota team refuses pods that do not say their limits.cpu, and this application's do not",
				"submit with --conf spark.kubernetes.driver.limit.cores=1 --conf spark.kubernetes.executor.limit.cores=1, or more",
			}},
		},
		"a limit range names the limits that the application does not": {
			quota:  quota(amounts("limits.cpu", "8"), nil),
			change: func(f *Facts) { f.LimitRanges = ranges(corev1.LimitTypeContainer) },
		},
		"a limit range of pods names none": {
			quota:  quota(amounts("limits.cpu", "8"), nil),
			change: func(f *Facts) { f.LimitRanges = ranges(corev1.LimitTypePod) },
			want: []Finding{{
				"quota", Problem, "quota team refuses pods that do not say their limits.cpu, and this application's do not",
				"submit with --conf spark.kubernetes.driver.limit.cores=1 --conf spark.kubernetes.executor.limit.cores=1, or more",
			}},
		},
		"a sidecar says nothing of its memory": {
			quota: quota(amounts("memory", "8Gi"), nil),
			change: func(f *Facts) {
				f.Application.Driver.Spec.Containers = append(f.Application.Driver.Spec.Containers, corev1.Container{Name: "sidecar"})
			},
			want: []Finding{{
				"quota", Problem, "quota team refuses pods that do not say their memory, and this application's do not",
				"give every container of the pod templates its memory",
			}},
		},
		"a full quota of pods without requests is not for these": {quota: quota(amounts("pods", "1"), amounts("pods", "1"), corev1.ResourceQuotaScopeBestEffort)},
		"a full quota of pods without a deadline is": {
			quota: quota(amounts("pods", "1"), amounts("pods", "1"), corev1.ResourceQuotaScopeNotTerminating),
			want:  []Finding{{"quota", Problem, "quota team has no room for a driver (pods: 0 of 1 left, 1 needed)", show}},
		},
		"a quota of priorities may be": {
			quota: quota(amounts("pods", "1"), amounts("pods", "1"), corev1.ResourceQuotaScopePriorityClass),
			want:  []Finding{{"quota", Unknown, "quota team is for pods of some priorities, and whether it is for these is not known", show}},
		},
		"devices are limited, which is to ask for them": {
			quota: quota(amounts("requests.nvidia.com/gpu", "3"), nil),
			change: func(f *Facts) {
				f.Application.Executor.Spec.Containers[0].Resources.Limits = amounts("memory", "2Gi", "nvidia.com/gpu", "2")
			},
			want: []Finding{{"quota", Warning, "quota team has room for the driver and not for all its executors (requests.nvidia.com/gpu: 3 of 3 left, 4 needed)", show}},
		},
		"what it counts of disks is none of Spark's": {quota: quota(amounts("requests.storage", "0", "gold.storageclass.storage.k8s.io/requests.storage", "0", "count/jobs.batch", "0"), nil)},
	} {
		t.Run(name, func(t *testing.T) {
			f := well()
			f.Application, f.Quotas = etl(), got([]corev1.ResourceQuota{test.quota})
			if test.change != nil {
				test.change(&f)
			}
			if diff := cmp.Diff(test.want, only("quota", found(f))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// only are the findings of one check.
func only(check string, all []Finding) []Finding {
	var some []Finding
	for _, one := range all {
		if one.Check == check {
			some = append(some, one)
		}
	}
	return some
}

func TestALimitRangeIsHeldAgainstWhatTheApplicationAsksFor(t *testing.T) {
	const driver, executor = "limit range team refuses the driver's container driver: ", "limit range team refuses the executors' container executor: "
	item := func(kind corev1.LimitType, of func(*corev1.LimitRangeItem)) corev1.LimitRangeItem {
		i := corev1.LimitRangeItem{Type: kind}
		of(&i)
		return i
	}
	for name, test := range map[string]struct {
		item corev1.LimitRangeItem
		want []string
	}{
		"it lets all be as it is": {item(corev1.LimitTypeContainer, func(i *corev1.LimitRangeItem) {
			i.Min, i.Max = amounts("memory", "1Gi"), amounts("memory", "2Gi")
		}), nil},
		"an executor is too large": {
			item(corev1.LimitTypeContainer, func(i *corev1.LimitRangeItem) { i.Max = amounts("memory", "1Gi") }),
			[]string{executor + "its limit of memory is 2Gi, and the most is 1Gi"},
		},
		"a driver is too small": {
			item(corev1.LimitTypeContainer, func(i *corev1.LimitRangeItem) { i.Min = amounts("cpu", "2") }),
			[]string{driver + "it asks for 1 of cpu, and the least is 2"},
		},
		"a limit that is not named is too large": {
			item(corev1.LimitTypeContainer, func(i *corev1.LimitRangeItem) { i.Max = amounts("cpu", "4") }),
			[]string{driver + "its limit of cpu is nothing, and the most is 4", executor + "its limit of cpu is nothing, and the most is 4"},
		},
		"a limit that is not named has a default": {item(corev1.LimitTypeContainer, func(i *corev1.LimitRangeItem) {
			i.Max, i.Default = amounts("cpu", "4"), amounts("cpu", "4")
		}), nil},
		"a default of limits is far from the request": {item(corev1.LimitTypeContainer, func(i *corev1.LimitRangeItem) {
			i.Default, i.MaxLimitRequestRatio = amounts("cpu", "3"), amounts("cpu", "2")
		}), []string{driver + "its limit of cpu is 3 and its request 1, and the one may be 2 times the other at most"}},
		"a pod is too large": {
			item(corev1.LimitTypePod, func(i *corev1.LimitRangeItem) { i.Max = amounts("memory", "1536Mi") }),
			[]string{"limit range team refuses the executors' pod: its limit of memory is 2Gi, and the most is 1536Mi"},
		},
		"claims are none of Spark's pods": {item(corev1.LimitTypePersistentVolumeClaim, func(i *corev1.LimitRangeItem) { i.Max = amounts("storage", "1Gi") }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := well()
			f.Application = etl()
			f.LimitRanges = got([]corev1.LimitRange{{ObjectMeta: metav1.ObjectMeta{Name: "team"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{test.item}}}})
			var got []string
			for _, one := range only("limit range", found(f)) {
				got = append(got, one.Message)
				if one.Level != Problem || one.Mend == "" {
					t.Errorf("%+v", one)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
