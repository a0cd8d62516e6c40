// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// got is a read that brought a value.
func got[T any](value T) Read[T] { return Read[T]{Value: value} }

var (
	errForbidden = apierrors.NewForbidden(schema.GroupResource{Resource: "things"}, "it", errors.New("no"))
	errAbsent    = apierrors.NewNotFound(schema.GroupResource{Resource: "things"}, "it")
)

// well are facts with which nothing is wrong.
func well() Facts {
	f := Facts{
		Namespace: "jobs", Server: got("v1.32.1"), AccountName: "spark", AccountMeant: true, User: "alice",
		Object:  got(&corev1.Namespace{}),
		Account: got(&corev1.ServiceAccount{}),
		DNS:     got(&corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "kube-dns"}}),
		Mine:    map[Access]Read[bool]{}, Driver: map[Access]Read[bool]{},
	}
	for _, a := range f.Wanted() {
		f.Mine[a] = got(true)
	}
	for _, a := range DriverWanted() {
		f.Driver[a] = got(true)
	}
	return f
}

// found are the findings that are not ok.
func found(f Facts) []Finding {
	var all []Finding
	for _, one := range Examine(f).Findings {
		if one.Level != OK {
			all = append(all, one)
		}
	}
	return all
}

func TestNothingIsInTheWayWhereAllIsWell(t *testing.T) {
	r := Examine(well())
	if r.Level != OK || len(r.Findings) == 0 || r.Count(OK) != len(r.Findings) {
		t.Errorf("%+v", r)
	}
}

func TestEachFindingHasItsSentenceAndWhatMendsIt(t *testing.T) {
	const grant = "sparkctl rbac --for launcher -n jobs | kubectl apply -f - && kubectl create rolebinding spark-launcher -n jobs --role spark-launcher --user "
	create, policy, watch := Access{"create", "", "pods", ""}, Access{"create", "networking.k8s.io", "networkpolicies", ""}, Access{"watch", "", "pods", ""}
	collect := Access{"deletecollection", "", "pods", ""}
	driverRole := "sparkctl rbac --for driver -n jobs --service-account spark | kubectl apply -f -"
	for name, test := range map[string]struct {
		change func(*Facts)
		want   []Finding
	}{
		"Kubernetes without scheduling gates": {
			func(f *Facts) { f.Server = got("v1.26.9+k3s1") },
			[]Finding{{"kubernetes", Problem, "Kubernetes v1.26.9+k3s1 has no scheduling gates: 1.27 and newer have", "upgrade the cluster"}},
		},
		"a version that is none": {
			func(f *Facts) { f.Server = got("main") },
			[]Finding{{"kubernetes", Unknown, `the server calls its version "main", which is no version of Kubernetes`, "kubectl version"}},
		},
		"a minor version with a plus sign": {func(f *Facts) { f.Server = got("v1.27+") }, nil},
		"a newer major version":            {func(f *Facts) { f.Server = got("v2.0.0") }, nil},
		"a namespace that is not there hides what is in it": {
			func(f *Facts) {
				f.Object, f.Account, f.Quotas = Read[*corev1.Namespace]{Err: errAbsent}, Read[*corev1.ServiceAccount]{Err: errAbsent}, Read[[]corev1.ResourceQuota]{Err: errForbidden}
			},
			[]Finding{{"namespace", Problem, "namespace jobs does not exist", "kubectl create namespace jobs"}},
		},
		"a namespace that goes": {
			func(f *Facts) {
				f.Object = got(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}})
			},
			[]Finding{{"namespace", Problem, "namespace jobs is being deleted: nothing can be made in it", "submit into another namespace with -n"}},
		},
		"a namespace that may not be read": {
			func(f *Facts) { f.Object = Read[*corev1.Namespace]{Err: errForbidden} },
			[]Finding{{"namespace", Unknown, "whether namespace jobs exists, and what it enforces, is not known: you have no right to see it", "kubectl get namespace jobs --show-labels"}},
		},
		"a person without a right to submit": {
			func(f *Facts) { f.Mine[create], f.User = got(false), "alice o'neill" },
			[]Finding{{"launcher", Problem, "you cannot submit: you may not create pods", grant + `'alice o'\''neill'`}},
		},
		"a service account without a right to submit": {
			func(f *Facts) { f.Mine[create], f.User = got(false), "system:serviceaccount:airflow:worker" },
			[]Finding{{
				"launcher", Problem, "you cannot submit: you may not create pods",
				"sparkctl rbac --for launcher -n jobs --service-account worker --service-account-namespace airflow | kubectl apply -f -",
			}},
		},
		"nobody answers about a right": {
			func(f *Facts) { f.Mine[create], f.User = Read[bool]{Err: errors.New("broken")}, "" },
			[]Finding{{"launcher", Unknown, "whether you may create pods is not known: broken", "kubectl auth can-i --list -n jobs"}},
		},
		"no right to make network policies": {
			func(f *Facts) { f.Mine[policy], f.User = got(false), "" },
			[]Finding{{"network policies", Warning, "you can submit no application of Spark 4.2 or newer, which makes one: you may not create networkpolicies", grant + "USER"}},
		},
		"a right that launcher, sensor and person share": {
			func(f *Facts) { f.Mine[watch] = got(false) },
			[]Finding{
				{"launcher", Problem, "you cannot submit: you may not watch pods", grant + "alice"},
				{"sensor", Warning, "you cannot follow a driver in every respect: you may not watch pods", "sparkctl rbac --for sensor -n jobs | kubectl apply -f - && kubectl create rolebinding spark-sensor -n jobs --role spark-sensor --user alice"},
				{"cli", Warning, "not every command that looks at applications works: you may not watch pods", "sparkctl rbac --for cli -n jobs | kubectl apply -f - && kubectl create rolebinding spark-cli -n jobs --role spark-cli --user alice"},
			},
		},
		"a service account that is not there": {
			func(f *Facts) { f.Account = Read[*corev1.ServiceAccount]{Err: errAbsent} },
			[]Finding{{"service account", Problem, "the driver's service account spark is not there: its pod would be refused", driverRole}},
		},
		"a driver that may not run executors": {
			func(f *Facts) { f.Driver[create] = got(false) },
			[]Finding{{"driver", Problem, "a driver with the service account spark cannot run executors: it may not create pods", driverRole}},
		},
		"the account that drivers have unless they name another": {
			func(f *Facts) { f.Driver[create], f.AccountName, f.AccountMeant = got(false), "default", false },
			[]Finding{{
				"driver", Warning, "a driver with the service account default, which is that of an application that names none, cannot run executors: it may not create pods",
				"sparkctl rbac --for driver -n jobs --service-account spark | kubectl apply -f -; then submit with --conf spark.kubernetes.authenticate.driver.serviceAccountName=spark",
			}},
		},
		"a driver that may not clean up": {
			func(f *Facts) { f.Driver[collect] = got(false) },
			[]Finding{{"driver", Warning, "a driver with the service account spark cannot clean up at its end: it may not deletecollection pods", driverRole}},
		},
		"nobody may ask for a driver": {
			func(f *Facts) { f.Driver[create] = Read[bool]{Err: errForbidden} },
			[]Finding{{
				"driver", Unknown, "whether a driver with the service account spark may run executors is not known: you have no right to see it",
				"kubectl auth can-i --list -n jobs --as system:serviceaccount:jobs:spark",
			}},
		},
		"a pull secret that is not there": {
			func(f *Facts) {
				f.Account.Value.ImagePullSecrets, f.Secrets = []corev1.LocalObjectReference{{Name: "hub"}}, map[string]Read[bool]{"hub": {Err: errAbsent}}
			},
			[]Finding{{
				"pull secret", Warning, "service account spark names the pull secret hub, which is not there",
				"kubectl create secret docker-registry hub -n jobs --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD",
			}},
		},
		"no DNS where most clusters have it": {
			func(f *Facts) { f.DNS = Read[*corev1.Service]{Err: errAbsent} },
			[]Finding{{
				"dns", Warning, "there is no service kube-system/kube-dns, as most clusters call their DNS: executors find their driver by the name of its Service",
				"kubectl run dns --rm -it --restart=Never --image=busybox -n jobs -- nslookup kubernetes.default.svc",
			}},
		},
		"quotas and ranges that may not be read": {
			func(f *Facts) {
				f.Quotas, f.LimitRanges = Read[[]corev1.ResourceQuota]{Err: errForbidden}, Read[[]corev1.LimitRange]{Err: errForbidden}
			},
			[]Finding{
				{"quota", Unknown, "the quotas of namespace jobs are not known: you have no right to see it", "kubectl describe resourcequota -n jobs"},
				{"limit range", Unknown, "the limit ranges of namespace jobs are not known: you have no right to see it", "kubectl describe limitrange -n jobs"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := well()
			test.change(&f)
			if diff := cmp.Diff(test.want, found(f)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// amounts are pairs of a resource and how much of it.
func amounts(pairs ...string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		list[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return list
}
