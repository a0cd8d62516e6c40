// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

const (
	patience = 30 * time.Second // for the API server
	grace    = 25 * time.Second // after a cancel
)

// errEngine is how the engine fails.
var errEngine = problem.New(xcom.ExitRefused, xcom.CategoryConfig, "Refused", "", "the engine failed")

// engine is an engine that does what a test says.
type engine func(ctx context.Context, plan submitter.Plan) error

func (engine) Name() string { return "engine" }
func (e engine) Submit(ctx context.Context, plan submitter.Plan) (submitter.Made, error) {
	return submitter.Made{}, e(ctx, plan)
}

// world is a double of the API server and a plan to submit to it, in virtual time.
type world struct {
	t      *testing.T
	server *apiserver.Server
	config *rest.Config
	plan   submitter.Plan
	cancel context.CancelCauseFunc
	log    bytes.Buffer
	ran    int // how often the engine ran
}

// inWorld runs a test in virtual time.
func inWorld(t *testing.T, test func(w *world, ctx context.Context)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, server: apiserver.New(apiserver.Options{})}
		w.config = &rest.Config{Host: "http://apiserver.test", Transport: w.server.Transport(), QPS: -1}
		app, err := submitter.ParseArguments([]string{"local:///app.jar"})
		if err != nil {
			t.Fatal(err)
		}
		w.plan, err = submitter.NewPlan(app, submitter.Run{Key: "etl", Attempt: 1}, submitter.Surroundings{
			DefaultNamespace: "default", Server: w.config.Host, Launcher: submitter.Launcher{Namespace: "default", Pod: "launcher", UID: "uid", Start: time.Now()},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		w.cancel = cancel
		test(w, ctx)
	})
}

// submit has e carry the plan out.
func (w *world) submit(ctx context.Context, e engine) (*corev1.Pod, error) {
	w.t.Helper()
	found, err := w.submitter(e).Submit(ctx, w.plan)
	return found.Pod, err
}

// submitter is what submits, with e as its engine.
func (w *world) submitter(e engine) submitter.Submitter {
	w.t.Helper()
	client, err := kube.NewClient(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	counted := engine(func(ctx context.Context, plan submitter.Plan) error {
		w.ran++
		return e(ctx, plan)
	})
	return submitter.Submitter{
		Cluster: client, Engine: counted, Patience: 2 * time.Minute, APITimeout: patience, Grace: grace,
		Policy: submitter.Policy{OnActive: submitter.ActiveAuto, OnSucceeded: submitter.SucceededAuto},
		Log:    slog.New(slog.NewTextHandler(&w.log, nil)),
	}
}

// makePod makes a pod of the plan's name with these annotations, as an engine or a stranger does: gated if it is one of the plan's.
func (w *world) makePod(plan submitter.Plan, annotations map[string]string) types.UID {
	w.t.Helper()
	made, err := w.tryPod(plan, annotations)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) tryPod(plan submitter.Plan, annotations map[string]string) (types.UID, error) {
	w.t.Helper()
	pods, err := dynamic.NewForConfig(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	spec := map[string]any{"containers": []any{map[string]any{"name": driver.DefaultContainer, "image": "spark"}}}
	pod := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": plan.PodName}, "spec": spec,
	}}
	if annotations[driver.AnnotationRunKey] == plan.Run.Key {
		spec["schedulingGates"] = []any{map[string]any{"name": driver.GateSubmission}}
		pod.SetLabels(plan.Labels)
	}
	pod.SetAnnotations(annotations)
	made, err := pods.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(plan.Namespace).Create(context.WithoutCancel(w.t.Context()), pod, metav1.CreateOptions{})
	if err != nil {
		return "", problem.New(xcom.ExitConflict, xcom.CategoryConfig, string(apierrors.ReasonForError(err)), "", "%w", err)
	}
	return made.GetUID(), nil
}

// makesDriver is an engine that makes the driver pod and ends with err, or with what kept it from making it.
func (w *world) makesDriver(err error) engine {
	return func(_ context.Context, plan submitter.Plan) error {
		if _, failed := w.tryPod(plan, plan.Annotations); failed != nil {
			return failed
		}
		return err
	}
}

// there is the UID of the pod that has the plan's name, empty if none has.
func (w *world) there() types.UID {
	if pod := w.server.Get("pods", w.plan.Namespace, w.plan.PodName); pod != nil {
		return pod.GetUID()
	}
	return ""
}

// refused checks that err is a *problem.Error of that code whose sentence begins so.
func (w *world) refused(err error, code xcom.ExitCode, sentence string) {
	w.t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) {
		w.t.Fatalf("%v is no *problem.Error", err)
	}
	if p.ExitCode() != code || !strings.HasPrefix(p.Error(), sentence) {
		w.t.Errorf("%d %q, want %d %q", p.ExitCode(), p, code, sentence)
	}
}

func TestSubmitReturnsThePodThatTheEngineMade(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		pod, err := w.submit(ctx, w.makesDriver(nil))
		if err != nil {
			t.Fatal(err)
		}
		if pod.UID != w.there() || pod.UID == "" || w.ran != 1 {
			t.Errorf("pod %q, in the cluster %q, engine ran %d times", pod.UID, w.there(), w.ran)
		}
	})
}

func TestSubmitMakesNothingWhereTheNameIsTaken(t *testing.T) {
	t.Parallel()
	for whose, annotations := range map[string]map[string]string{
		`that of run key "other"`: {driver.AnnotationRunKey: "other"},
		"not made by submitter":   nil,
	} {
		t.Run(whose, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				before := w.makePod(w.plan, annotations)
				_, err := w.submit(ctx, w.makesDriver(nil))
				w.refused(err, xcom.ExitConflict, "driver pod default/"+w.plan.PodName+" exists already, in phase Pending, and is "+whose)
				if w.there() != before {
					t.Errorf("pod %q, was %q", w.there(), before)
				}
			})
		})
	}
}

func TestSubmitGivesTheEnginesFailureWhereItLeftNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		_, err := w.submit(ctx, func(context.Context, submitter.Plan) error { return errEngine })
		if !errors.Is(err, errEngine) {
			t.Error(err)
		}
	})
}

func TestSubmitRemovesWhatAFailedEngineLeft(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		_, err := w.submit(ctx, w.makesDriver(errEngine))
		if !errors.Is(err, errEngine) || w.there() != "" {
			t.Errorf("%v, left %q", err, w.there())
		}
		if !strings.Contains(w.log.String(), "removing the driver that was announced") {
			t.Errorf("it was not told:\n%s", w.log.String())
		}
	})
}

func TestSubmitRemovesNobodyElsesPod(t *testing.T) {
	t.Parallel()
	stranger := map[string]string{driver.AnnotationRunKey: "other"}
	t.Run("that took the name while the engine ran", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			var made types.UID
			_, err := w.submit(ctx, func(_ context.Context, plan submitter.Plan) error {
				made = w.makePod(plan, stranger)
				return w.makesDriver(nil)(ctx, plan)
			})
			w.refused(err, xcom.ExitConflict, "driver pod default/"+w.plan.PodName+" exists already")
			if w.there() != made {
				t.Error("the stranger's pod is gone")
			}
		})
	})
	t.Run("that took the name before the removal arrived", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			var made types.UID
			w.server.SetFault(func(r *apiserver.Request) apiserver.Action {
				if r.Verb == "delete" {
					w.server.Remove("pods", "default", w.plan.PodName)
					made = w.makePod(w.plan, stranger)
				}
				return apiserver.Action{}
			})
			_, err := w.submit(ctx, w.makesDriver(errEngine))
			if !errors.Is(err, errEngine) || made == "" || w.there() != made {
				t.Errorf("%v; the stranger's pod %q, there is %q", err, made, w.there())
			}
		})
	})
}

func TestSubmitBelievesNoEngineThatSaysItWentWell(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		_, err := w.submit(ctx, func(context.Context, submitter.Plan) error { return nil })
		w.refused(err, xcom.ExitRetry, "engine ended well, but its driver pod default/"+w.plan.At(3).PodName+" is not there")
		if w.ran != 3 {
			t.Errorf("the engine ran %d times", w.ran)
		}
		var p *problem.Error
		if errors.As(err, &p); !cmp.Equal(p.Cause.Retryable, new(true)) {
			t.Errorf("retryable: %v", p.Cause.Retryable)
		}
	})
}
