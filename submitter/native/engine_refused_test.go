// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/test/ends"
	"github.com/sparkctl/sparkctl/xcom"
)

// refusing is a server that refuses to make these objects.
func refusing(resource string, err error) *apiserver.Server {
	return apiserver.New(apiserver.Options{Resources: []apiserver.Resource{podGroups}, Admit: func(r *apiserver.Request, _ *unstructured.Unstructured) error {
		if r.Verb == "create" && r.Resource == resource {
			return err
		}
		return nil
	}})
}

// said is a 403 of an admission plugin.
func said(resource, text string) error {
	return apierrors.NewForbidden(schema.GroupResource{Resource: resource}, "x", errors.New(text))
}

// What the API server refuses is told in the categories that a refused spark-submit has.
func TestRefusalsAreToldAsWithSparkSubmit(t *testing.T) {
	t.Parallel()
	unnamed := func(code xcom.ExitCode, category xcom.Category, reason string) ends.End {
		return ends.End{Exit: code, Category: category, Reason: reason}
	}
	row := func(name string) ends.End {
		end, known := ends.Named(name)
		if !known {
			t.Fatalf("there is no row %s", name)
		}
		return end
	}
	pods := schema.GroupResource{Resource: "pods"}
	for name, test := range map[string]struct {
		resource string
		err      error
		want     ends.End
		says     string
	}{
		"a quota": {"pods", said("pods", "exceeded quota: team-b, requested: pods=1, used: pods=2, limited: pods=2"), row("refused-by-quota"), ""},
		"a quota of services": {
			"services", said("services", "exceeded quota: team-b, requested: services=1, used: services=2, limited: services=2"),
			row("refused-by-quota"), "create service default/",
		},
		"limits":             {"pods", said("pods", "maximum cpu usage per Container is 1, but limit is 2"), row("refused-by-limits"), ""},
		"a policy":           {"pods", said("pods", "ValidatingAdmissionPolicy 'team' with binding 'team' denied request: pods need the label team of the team that pays for them"), row("refused-by-policy"), ""},
		"no service account": {"pods", said("pods", `error looking up service account default/no-such-account: serviceaccount "no-such-account" not found`), row("refused-service-account"), ""},
		"Pod Security":       {"pods", said("pods", `violates PodSecurity "restricted:latest": runAsNonRoot != true`), row("refused-pod-security"), ""},
		"no right": {
			"pods", apierrors.NewForbidden(pods, "", errors.New(`User "system:serviceaccount:a:b" cannot create resource "pods" in API group "" in the namespace "default"`)),
			row("refused-rights"), "",
		},
		"no right to make ConfigMaps": {
			"configmaps", apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "", errors.New(`User "u" cannot create resource "configmaps" in API group "" in the namespace "default"`)),
			unnamed(xcom.ExitRefused, xcom.CategoryPermission, "Forbidden"), `cannot create resource "configmaps"`,
		},
		"a webhook that says no": {
			"pods", apierrors.NewBadRequest(`admission webhook "v.example.com" denied the request: not on a Friday`),
			unnamed(xcom.ExitRefused, xcom.CategoryAdmission, "WebhookDenied"), "not on a Friday",
		},
		"an object that is wrong": {
			"pods", apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "x", field.ErrorList{field.Invalid(field.NewPath("spec", "containers"), "Ü", "no")}),
			unnamed(xcom.ExitRefused, xcom.CategoryConfig, "Refused"), "spec.containers: Invalid value",
		},
		"credentials": {"pods", apierrors.NewUnauthorized("Unauthorized"), unnamed(xcom.ExitRefused, xcom.CategoryPermission, "Unauthorized"), ""},
		"a namespace that is not there": {
			"pods", apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "jobs"),
			unnamed(xcom.ExitRefused, xcom.CategoryConfig, "NamespaceNotFound"), "",
		},
		"a PodGroup": {
			"podgroups", apierrors.NewBadRequest(`admission webhook "validatepodgroup.volcano.sh" denied the request: unable to find queue`),
			unnamed(xcom.ExitRefused, xcom.CategoryAdmission, "WebhookDenied"), "unable to find queue",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := refusing(test.resource, test.err)
			var log strings.Builder
			_, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t, volcano))
			check(t, err, test.want)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "the API server refused: create ") {
				t.Errorf("it says: %v", err)
			}
			if slices.Contains(standing(server), "PodGroup, nobody's") {
				t.Errorf("a PodGroup is left: %v", standing(server))
			}
			if log.Len() > 0 {
				t.Errorf("a refusal is not to be tried again:\n%s", log.String())
			}
		})
	}
}

// check compares what an error says with a row.
func check(t *testing.T, err error, want ends.End) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) {
		t.Fatalf("%v is no *problem.Error", err)
	}
	if p.Code != want.Exit || p.Cause.Category != want.Category || p.Cause.Reason != want.Reason || p.Hint() == "" {
		t.Errorf("code %d, category %s, reason %s, hint %q; want %d, %s, %s", p.Code, p.Cause.Category, p.Cause.Reason, p.Hint(), want.Exit, want.Category, want.Reason)
	}
	if want.Name != "" {
		code := int(p.Code)
		for _, wrong := range want.Compare(xcom.Result{State: xcom.NotSubmitted, ExitCode: &code, Cause: &p.Cause}, p.Code) {
			t.Error(wrong)
		}
	}
}

// A quota is asked before the name is looked at: after a lost answer its refusal hides that the driver is made.
func TestARefusalAfterALostAnswerIsNotBelieved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		server.SetFault(func(r *apiserver.Request) apiserver.Action {
			switch r.Number {
			case 1: // comes late, when it was asked for once already
				return apiserver.Action{Hold: true, Lose: apiserver.Reset}
			case 3: // the repetition; the first one has just come
				server.Release(1)
				synctest.Wait()
				quota := said("pods", "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1")
				var status apierrors.APIStatus
				errors.As(quota, &status)
				answer := status.Status()
				return apiserver.Action{Skip: true, Answer: &answer}
			}
			return apiserver.Action{}
		})
		var log strings.Builder
		if _, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t)); err != nil {
			t.Error(err)
		}
		if got := standing(server); len(got) != 3 {
			t.Errorf("what stands: %v", got)
		}
	})
}

func TestANameThatIsTaken(t *testing.T) {
	t.Parallel()
	server := apiserver.New(apiserver.Options{})
	var log strings.Builder
	plan := planOf(t, "spark.kubernetes.driver.pod.name=fixed")
	engine := engineFor(t, server, &log)
	if _, err := engine.Submit(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	_, err := engine.Submit(t.Context(), plan.At(2))
	check(t, err, ends.End{Exit: xcom.ExitConflict, Category: xcom.CategoryConfig, Reason: "AlreadyExists"})
	if got := standing(server); len(got) != 3 {
		t.Errorf("what stands: %v", got)
	}
}

func TestAKindThatTheClusterDoesNotKnow(t *testing.T) {
	t.Parallel()
	server := apiserver.New(apiserver.Options{})
	var log strings.Builder
	_, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t, volcano))
	check(t, err, ends.End{Exit: xcom.ExitRefused, Category: xcom.CategoryConfig, Reason: "Refused"})
	if got := standing(server); err == nil || !strings.Contains(err.Error(), "podgroup") || len(got) != 0 {
		t.Errorf("it says %v, and there stands %v", err, got)
	}
}

// A webhook that cannot be asked is waited for, and told when that is over.
func TestAWebhookThatIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := refusing("pods", apierrors.NewInternalError(errors.New(`failed calling webhook "v.example.com": connect: connection refused`)))
		var log strings.Builder
		_, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t))
		check(t, err, ends.End{Exit: xcom.ExitRetry, Category: xcom.CategoryAdmission, Reason: "WebhookUnavailable"})
	})
}
