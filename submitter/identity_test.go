// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"
)

// These names are a promise: launchers of different releases must come to the same name for the same run.
func TestDriverNamesStayAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		namespace string
		run       Run
		want      string
	}{
		"a key that reads well":               {"jobs", Run{Key: "etl-daily", Attempt: 1}, "etl-daily-ba05b38cf0-1-driver"},
		"a key of Airflow's":                  {"jobs", Run{Key: "etl.transform/scheduled__2026-11-21T00:00:00+00:00/-1", Attempt: 2}, "etl-transform-scheduled-2026-11-21t00-00-00-f2eaa3643a-2-driver"},
		"a key without a letter for the name": {"default", Run{Key: "日次", Attempt: 1}, "e70b7be3f7-1-driver"},
		"no key at all":                       {"default", Run{Attempt: 12}, "bb9a03f342-12-driver"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := DriverName(test.namespace, test.run); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
	if got, want := RunLabel("jobs", "etl-daily"), "ba05b38cf02f41a4"; got != want {
		t.Errorf("label %s, want %s", got, want)
	}
}

func TestEveryKeyGivesAValidName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		namespace := rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?`).Draw(t, "namespace")
		run := Run{Key: rapid.String().Draw(t, "key"), Attempt: rapid.IntRange(1, 1<<31).Draw(t, "attempt")}
		name := DriverName(namespace, run)
		if wrong := validation.IsDNS1123Label(name); wrong != nil {
			t.Errorf("%q: %v", name, wrong)
		}
		if len(name) > maxDriverName {
			t.Errorf("%q has %d bytes", name, len(name))
		}
		if wrong := validation.IsValidLabelValue(RunLabel(namespace, run.Key)); wrong != nil {
			t.Errorf("%q: %v", RunLabel(namespace, run.Key), wrong)
		}
		if again := DriverName(namespace, Run{Key: run.Key, Generation: "other", Attempt: run.Attempt}); again != name {
			t.Errorf("the generation changes the name: %s, %s", name, again)
		}
	})
}

func TestRunsThatDifferHaveNamesThatDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, run := range []struct {
		namespace, key string
		attempt        int
	}{
		{"a", "etl", 1},
		{"b", "etl", 1},
		{"a", "etl", 2},
		{"a", "ETL", 1},
		{"a", "e-tl", 1},
		{"a", "e.tl", 1},
		{"a", "etl-1", 1},
		{"ab", "etl", 1},
		{"a", "betl", 1},
		{"a", strings.Repeat("x", 100), 1},
		{"a", strings.Repeat("x", 101), 1},
		{"a", "", 1},
	} {
		name := DriverName(run.namespace, Run{Key: run.key, Attempt: run.attempt})
		if other, taken := seen[name]; taken {
			t.Errorf("%s/%s and %s have the same name %s", run.namespace, run.key, other, name)
		}
		seen[name] = run.namespace + "/" + run.key
	}
}

func TestTheFingerprint(t *testing.T) {
	t.Parallel()
	digestOf := func(app Application) string {
		var read struct{ Digest string }
		if err := json.Unmarshal([]byte(fingerprint(app)), &read); err != nil {
			t.Fatal(err)
		}
		return read.Digest
	}
	short := parse(t, "-c", "spark.hadoop.fs.s3a.secret.key=hunter2", "app.jar", "--password", "hunter2", "<&>")
	const want = `{"digest":"v1:69400a673af9c994416960086e9732cb","arguments":["--conf","spark.hadoop.fs.s3a.secret.key=*********(redacted)","app.jar","--password","*********(redacted)","\u003c\u0026\u003e"]}`
	if diff := cmp.Diff(want, fingerprint(short)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a, b := digestOf(short), digestOf(parse(t, "-c", "spark.hadoop.fs.s3a.secret.key=other", "app.jar", "--password", "other", "<&>")); a != b {
		t.Errorf("another password is another application: %s, %s", a, b)
	}
	if a, b := digestOf(parse(t, "app.jar", "a b")), digestOf(parse(t, "app.jar", "a", "b")); a == b {
		t.Errorf("other arguments have the same digest %s", a)
	}
	long := parse(t, "app.jar", strings.Repeat("x", maxArguments))
	if got := fingerprint(long); len(got) > 100 || strings.Contains(got, "arguments") || digestOf(long) == digestOf(short) {
		t.Errorf("long arguments are not replaced by their digest alone: %.200s", got)
	}
}
