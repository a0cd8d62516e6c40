// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// tokenExpires lets the sensor's token expire, and cuts its connections: what goes on over
// an open one is not asked for its token again.
func tokenExpires(t *testing.T, f *faults) {
	t.Helper()
	t.Run("and it is renewed in place", func(t *testing.T) {
		d := f.driver(t, "token-renewed")
		w := f.follow(t, d, how{token: 15 * time.Second})
		w.outlive(t, 15*time.Second)
		w.says(t, "cannot be read")
		w.renew(t, time.Hour)
		w.says(t, "can be read again")
		since := d.end(t, 8)
		w.endsWhole(t, exited("Failed, exit code 8, of the driver 8"), since)
	})
	t.Run("for good", func(t *testing.T) {
		d := f.driver(t, "token-expired")
		w := f.follow(t, d, how{token: 15 * time.Second, flags: []string{"--api-timeout=20s"}})
		w.outlive(t, 15*time.Second)
		since := time.Now()
		want{"Unknown, exit code 85, of the driver none", "permission", "Unauthorized", ""}.check(t, w.ends(t), since)
	})
}

// outlive waits until a token is refused, also by the API server's cache of tokens, which
// holds one for 10 s, and then cuts all connections.
func (w *watching) outlive(t *testing.T, life time.Duration) {
	t.Helper()
	time.Sleep(life + 12*time.Second)
	w.tunnel.cut()
}

// rightsWithdrawn takes the sensor's rights away.
func rightsWithdrawn(t *testing.T, f *faults) {
	t.Helper()
	t.Run("and gives them back", func(t *testing.T) {
		d := f.driver(t, "withdrawn-back")
		w := f.follow(t, d, how{})
		binding := f.withdraw(t)
		w.tunnel.cut()
		w.says(t, "cannot be read")
		f.giveBack(t, binding)
		w.says(t, "can be read again")
		since := d.end(t, 9)
		w.endsWhole(t, exited("Failed, exit code 9, of the driver 9"), since)
	})
	t.Run("for good", func(t *testing.T) {
		d := f.driver(t, "withdrawn")
		w := f.follow(t, d, how{flags: []string{"--api-timeout=15s"}})
		binding := f.withdraw(t)
		t.Cleanup(func() { f.giveBack(t, binding) })
		w.tunnel.cut()
		since := time.Now()
		want{"Unknown, exit code 85, of the driver none", "permission", "Forbidden", "get"}.check(t, w.ends(t), since)
	})
}

// withdraw removes the sensor's RoleBinding, and returns it.
func (f *faults) withdraw(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	in := f.objects.Resource(resources["RoleBinding"]).Namespace(f.namespace)
	binding, err := in.Get(t.Context(), "spark-sensor", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Delete(t.Context(), "spark-sensor", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	return binding
}

func (f *faults) giveBack(t *testing.T, binding *unstructured.Unstructured) {
	t.Helper()
	made := binding.DeepCopy()
	made.SetResourceVersion("")
	made.SetUID("")
	if _, err := f.objects.Resource(resources["RoleBinding"]).Namespace(f.namespace).Create(context.Background(), made, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
}

// aRightMissing holds every right of the published Role against what is said when it is missing.
func aRightMissing(t *testing.T, f *faults) {
	t.Helper()
	rights := publishedRights(t, "sensor")
	for _, missing := range rights {
		t.Run(missing.String(), func(t *testing.T) {
			account := "without-" + strings.NewReplacer(" ", "-", "/", "-", "*", "all").Replace(missing.String())
			f.createAccount(t, account, slices.DeleteFunc(slices.Clone(rights), func(r right) bool { return r == missing }))
			d := f.driver(t, account)
			w := f.follow(t, d, how{account: account, early: true})
			if missing == (right{"", "pods", "get"}) {
				since := time.Now()
				want{"Unknown, exit code 85, of the driver none", "permission", "Forbidden", "get"}.check(t, w.ends(t), since)
				return
			}
			w.until(t, "naming "+missing.String(), func() bool { return names(w.said(), missing) })
			d.end(t, 3)
			since := time.Now()
			exited("Failed, exit code 3, of the driver 3").check(t, w.ends(t), since)
		})
	}
}

// names reports whether a line names the verb and the resource.
func names(said string, missing right) bool {
	for line := range strings.SplitSeq(said, "\n") {
		if strings.Contains(line, missing.verb) && strings.Contains(line, missing.resource) {
			return true
		}
	}
	return false
}
