// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

func TestChoose(t *testing.T) {
	pod := func(namespace, name, id, key string, attempt int, resource, created string) view.Application {
		return view.Application{
			Namespace: namespace, Name: name, UID: namespace + name, ApplicationID: id, RunKey: key, Attempt: attempt,
			Resource: resource, Created: created,
		}
	}
	called := func(name string, a view.Application) view.Application {
		a.ApplicationName = name
		return a
	}
	standing := []view.Application{
		pod("a", "pi", "spark-1", "", 0, "", "2026-01-01T00:00:01Z"),
		pod("b", "pi", "spark-2", "", 0, "", "2026-01-01T00:00:02Z"),
		pod("a", "k-1", "spark-3", "daily", 1, "", "2026-01-01T00:00:03Z"),
		pod("a", "k-3", "spark-5", "daily", 3, "", "2026-01-01T00:00:05Z"),
		pod("a", "k-2", "spark-4", "daily", 2, "", "2026-01-01T00:00:04Z"),
		pod("b", "etl-driver", "spark-6", "", 0, "etl", "2026-01-01T00:00:09Z"),
		pod("a", "other", "spark-7", "etl", 1, "", "2026-01-01T00:00:00Z"),
		pod("a", "spark-6", "spark-8", "", 0, "", "2026-01-01T00:00:00Z"),
		pod("a", "twin-1", "spark-9", "", 0, "", "2026-01-01T00:00:09Z"),
		pod("a", "twin-2", "spark-9", "", 0, "", "2026-01-01T00:00:00Z"),
		pod("a", "same-1", "spark-a", "monthly", 1, "", "2026-01-01T00:00:00Z"),
		pod("b", "same-1-of-b", "spark-b", "monthly", 2, "", "2026-01-01T00:00:00Z"),
		called("sales", pod("a", "s-1", "spark-c", "s", 1, "", "2026-01-01T00:00:00Z")),
		called("sales", pod("a", "s-2", "spark-d", "s", 2, "", "2026-01-01T00:00:01Z")),
		called("stock", pod("a", "t-1", "spark-e", "t", 1, "", "2026-01-01T00:00:00Z")),
		called("stock", pod("a", "u-1", "spark-f", "u", 1, "", "2026-01-01T00:00:01Z")),
		called("daily", pod("a", "d-1", "spark-0", "d", 1, "", "2026-01-01T00:00:00Z")),
	}
	for name, test := range map[string]struct {
		called     string
		want       string
		candidates []string
	}{
		"by a pod's name":                                   {"k-1", "a/k-1", nil},
		"by an application ID":                              {"spark-2", "b/pi", nil},
		"a run key means its last attempt":                  {"daily", "a/k-3", nil},
		"a pod's name is more exact than an application ID": {"spark-6", "a/spark-6", nil},
		"the newest, and of two in one second the first":    {"@latest", "a/twin-1", nil},
		"nobody": {"nobody", "", nil},
		"an empty name is nobody's, not everybody's who has no key": {"", "", nil},
		"a pod's name in two namespaces":                            {"pi", "", []string{"b/pi", "a/pi"}},
		"an application ID that two pods have":                      {"spark-9", "", []string{"a/twin-1", "a/twin-2"}},
		"a run key and a SparkApplication are equally exact":        {"etl", "", []string{"b/etl-driver", "a/other"}},
		"an application's name, of the last attempt":                {"sales", "a/s-2", nil},
		"an application's name that two runs have":                  {"stock", "", []string{"a/u-1", "a/t-1"}},
		"one run key in two namespaces is two different runs":       {"monthly", "", []string{"a/same-1", "b/same-1-of-b"}},
	} {
		t.Run(name, func(t *testing.T) {
			chosen, ok, err := view.Choose(test.called, standing)
			var got string
			if ok {
				got = chosen.FullName()
			}
			var candidates []string
			if ambiguous, is := errors.AsType[*view.AmbiguousError](err); is {
				candidates = view.List{Items: ambiguous.Candidates}.Names()
			}
			if got != test.want {
				t.Errorf("chose %q, want %q", got, test.want)
			}
			if diff := cmp.Diff(test.candidates, candidates); diff != "" {
				t.Errorf("candidates: -want +got:\n%s", diff)
			}
		})
	}
}

func TestParseReference(t *testing.T) {
	for text, want := range map[string]view.Reference{
		"pi":                  {Name: "pi"},
		"jobs/pi":             {Namespace: "jobs", Name: "pi"},
		"pod/pi":              {Name: "pi"},
		"jobs/@latest":        {Namespace: "jobs", Name: "@latest"},
		"jobs/":               {Name: "jobs/"},
		"My_Dag/task/run":     {Name: "My_Dag/task/run"},
		"dag/task/2026-01-01": {Namespace: "dag", Name: "task/2026-01-01"},
	} {
		want.Text = text
		if diff := cmp.Diff(want, view.ParseReference(text)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
}

func TestAmbiguousErrorLeavesOutWhatIsOlderWhereThereAreMany(t *testing.T) {
	var standing []view.Application
	for i := range 30 {
		standing = append(standing, view.Application{
			Namespace: "a", Name: fmt.Sprintf("etl-%02d", i), UID: strconv.Itoa(i), ApplicationName: "etl", State: "Failed",
			Created: fmt.Sprintf("2026-01-01T00:%02d:00Z", i),
		})
	}
	_, _, err := view.Choose("etl", standing)
	if err == nil {
		t.Fatal("one was chosen")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 12 || lines[1] != "  a/etl-29  Failed  made 2026-01-01T00:29:00Z" || lines[11] != "  and 20 that are older" {
		t.Errorf("%s", err)
	}
}
