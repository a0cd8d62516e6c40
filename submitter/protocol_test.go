// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// stands makes a driver of the run as another launcher left it.
func (w *world) stands(number int, generation, launcher string, committed bool) submitter.Plan {
	w.t.Helper()
	plan := w.plan.At(number)
	annotations := maps.Clone(plan.Annotations)
	annotations[driver.AnnotationLauncher], annotations[driver.AnnotationGeneration] = launcher, generation
	w.makePod(plan, annotations)
	if committed {
		w.server.ChangePod("default", plan.PodName, func(pod *corev1.Pod) { pod.Spec.SchedulingGates = nil })
		w.server.Schedule("default", plan.PodName, "node-1")
		w.server.Run("default", plan.PodName)
	}
	return plan
}

// gates are the names of the gates on the driver of that attempt.
func (w *world) gates(number int) string {
	object := w.server.Get("pods", "default", w.plan.At(number).PodName)
	if object == nil {
		return "no pod"
	}
	gates, _, err := unstructured.NestedSlice(object.Object, "spec", "schedulingGates")
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(len(gates))
}

func TestSubmitTakesTheGateOffWhatItHasAnnounced(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		found, err := w.submitter(w.makesDriver(nil)).Submit(ctx, w.plan)
		if err != nil || w.gates(1) != "0" || found.Attempt != 1 || found.Adopted || found.Held {
			t.Errorf("%+v, %v, gates %s", found, err, w.gates(1))
		}
	})
}

// Where the engine tells at which version it made the driver, the first look asks for what stood there then, or later; where
// the API server cannot say, as one that is behind, it asks for what stands.
func TestTheFirstLookNeedsNoQuorum(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"answered": ` since own,`,
		"behind":   ` since own, "",`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				var asked []string
				w.server.SetFault(func(r *apiserver.Request) apiserver.Action {
					since := r.Query["resourceVersion"]
					switch {
					case r.Verb != "list":
					case since == nil:
						asked = append(asked, `""`)
					case name == "behind":
						asked = append(asked, "since own")
						return apiserver.Action{Skip: true, Answer: &apierrors.NewTimeoutError("Too large resource version", 1).ErrStatus}
					case since[0] == w.server.Get("pods", "default", w.plan.PodName).GetResourceVersion():
						asked = append(asked, "since own")
					default:
						asked = append(asked, "since "+since[0])
					}
					return apiserver.Action{}
				})
				s := w.submitter(nil)
				s.Engine = knowing{w.makesDriver(nil), w}
				if _, err := s.Submit(ctx, w.plan); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(asked, ", ") + ","; got != `"",`+want {
					t.Errorf("lists %s want %s", got, `"",`+want)
				}
			})
		})
	}
}

// knowing is an engine that knows what it made.
type knowing struct {
	engine

	w *world
}

func (k knowing) Submit(ctx context.Context, plan submitter.Plan) (submitter.Made, error) {
	err := k.engine(ctx, plan)
	return submitter.Made{Whole: true, Version: k.w.server.Get("pods", "default", plan.PodName).GetResourceVersion()}, err
}

// An undisturbed submission takes three requests beside those that confirm the driver's objects.
func TestSubmitAsksFewQuestions(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		p := &process{play: &play{server: w.server}, token: "x", launch: launch{pace: 1}}
		made := likeSparkSubmit{p, true}
		if _, err := w.submitter(made.run).Submit(ctx, w.plan); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range w.server.Requests() {
			got = append(got, r.Verb+" "+r.Resource)
		}
		want := "list pods, create pods, patch services, patch configmaps, list pods, get configmaps, get services, patch pods"
		if said := strings.Join(got, ", "); said != want {
			t.Errorf("%s\nwant %s", said, want)
		}
	})
}

func TestSubmitWaitsForAnotherLauncherAsLongAsItMayBeAlive(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		launcher string
		pod      func(w *world) // that the launcher lives in
		want     time.Duration
		taken    bool
	}{
		"until its patience is over, where the launcher cannot be looked up": {launcher: "/laptop//2000-01-01T00:00:00Z", want: 2 * time.Minute},
		"no longer, where the launcher's pod is gone":                        {launcher: "default/other/uid/2000-01-01T00:00:00Z"},
		"no longer, where another pod has its name": {
			launcher: "default/other/uid/2000-01-01T00:00:00Z", pod: func(w *world) { w.makeLauncher("other") },
		},
		"no longer, where it is an earlier life of this one":                    {launcher: "default/launcher/uid/1999-12-31T00:00:00Z"},
		"until its patience is over, where it is a later start in the same pod": {launcher: "default/launcher/uid/2000-01-01T00:00:01Z", want: 2 * time.Minute},
		"until it has completed it, and takes the driver over":                  {launcher: "/laptop//2000-01-01T00:00:00Z", want: 30 * time.Second, taken: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				if test.pod != nil {
					test.pod(w)
				}
				other := w.stands(1, "", test.launcher, false)
				if test.taken {
					time.AfterFunc(test.want, func() {
						w.server.ChangePod("default", other.PodName, func(pod *corev1.Pod) { pod.Spec.SchedulingGates = nil })
					})
				}
				start := time.Now()
				found, err := w.submitter(w.makesDriver(nil)).Submit(ctx, w.plan)
				if err != nil || found.Adopted != test.taken {
					t.Fatalf("%+v, %v", found, err)
				}
				if took := time.Since(start); took < test.want || took > test.want+3*time.Second {
					t.Errorf("took %s, want %s", took, test.want)
				}
				if !test.taken && (w.gates(1) != "no pod" || w.gates(2) != "0") {
					t.Errorf("gates of the first %s, of the second %s", w.gates(1), w.gates(2))
				}
			})
		})
	}
}

// makeLauncher makes a launcher's pod, which runs.
func (w *world) makeLauncher(name string) {
	w.t.Helper()
	plan := w.plan
	plan.PodName = name
	w.makePod(plan, nil)
	w.server.Schedule("default", name, "node-1")
	w.server.Run("default", name)
}

func TestSubmitRecognisesWhatItsOwnSilentRetryFound(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		// The first POST was carried out and its answer lost; the client's second one says that the pod exists.
		lossy := 1
		found, err := w.submitter(func(ctx context.Context, plan submitter.Plan) error {
			if err := w.makesDriver(nil)(ctx, plan); err != nil || lossy == 0 {
				return err
			}
			lossy--
			return w.makesDriver(nil)(ctx, plan)
		}).Submit(ctx, w.plan)
		if err != nil || found.Attempt != 2 || w.gates(1) != "no pod" || w.gates(2) != "0" {
			t.Errorf("%+v, %v; gates %s, %s", found, err, w.gates(1), w.gates(2))
		}
	})
}

func TestADeletedDriverThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	for name, force := range map[string]bool{"blocks the next one": false, "is removed with --force": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				old := w.stands(1, "1", "default/other/uid/2000-01-01T00:00:00Z", true)
				w.server.Delete("default", old.PodName)
				s := w.submitter(w.makesDriver(nil))
				s.Policy.Force = force
				start := time.Now()
				found, err := s.Submit(ctx, w.plan)
				took := time.Since(start)
				switch {
				case force && (err != nil || found.Attempt != 2 || w.gates(1) != "no pod"):
					t.Errorf("%+v, %v", found, err)
				case !force:
					w.refused(err, xcom.ExitConflict, "driver default/"+old.PodName+" of this run was deleted and has not ended long after its grace period; it may still run on node node-1")
				}
				if took < 90*time.Second || took > 95*time.Second {
					t.Errorf("took %s, want the grace of 30 s and a minute", took)
				}
			})
		})
	}
}

func TestTheQuotaHasRoomForOneDriverOnly(t *testing.T) {
	t.Parallel()
	full := problem.New(xcom.ExitRetry, xcom.CategoryQuota, "QuotaExceeded", "", "exceeded quota")
	crowded := func(w *world) engine {
		return func(ctx context.Context, plan submitter.Plan) error {
			if pods := w.server.All("pods", "default"); len(pods) > 0 {
				return full
			}
			return w.makesDriver(nil)(ctx, plan)
		}
	}
	t.Run("the one that is replaced goes first", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			old := w.stands(1, "1", "default/other/uid/2000-01-01T00:00:00Z", true)
			time.AfterFunc(20*time.Second, func() { w.server.FinishDeletion("default", old.PodName, 143) })
			w.plan.Run.Generation = "2"
			found, err := w.submitter(crowded(w)).Submit(ctx, w.plan)
			if err != nil || w.gates(1) != "no pod" || w.gates(found.Attempt) != "0" {
				t.Errorf("%+v, %v", found, err)
			}
		})
	})
	t.Run("where nothing is to be replaced it is a failure that may pass", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			w.makeLauncher("other")
			_, err := w.submitter(crowded(w)).Submit(ctx, w.plan)
			if !errors.Is(err, full) {
				t.Error(err)
			}
		})
	})
}

func TestWhatMayNotBeChangedIsTold(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		w.server.SetAuthorize(func(a apiserver.Attributes) bool { return a.Verb != "patch" })
		_, err := w.submit(ctx, w.makesDriver(nil))
		w.refused(err, xcom.ExitRefused, "the launcher lacks a right: patch pod default/"+w.plan.PodName)
		if w.there() != "" {
			t.Error("it is left, and cannot run")
		}
	})
}

func TestACancelBeforeTheGateIsTakenOff(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]bool{"holds the driver back": false, "lets it run where it is to be left": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				time.AfterFunc(2*time.Second, func() { w.cancel(errSIGTERM) })
				s := w.submitter(w.lasting(10*time.Second, false))
				s.Leave = func(context.Context) bool { return leave }
				found, err := s.Submit(ctx, w.plan)
				want := "1"
				if leave {
					want = "0"
				}
				if err != nil || found.Held == leave || found.Pod.UID != w.there() || w.gates(1) != want {
					t.Errorf("%+v, %v, gates %s", found, err, w.gates(1))
				}
			})
		})
	}
}

func TestAGateThatDidNotHoldIsTold(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world, ctx context.Context) {
		_, err := w.submit(ctx, func(ctx context.Context, plan submitter.Plan) error {
			err := w.makesDriver(nil)(ctx, plan)
			w.server.ChangePod("default", plan.PodName, func(pod *corev1.Pod) { pod.Spec.SchedulingGates = nil })
			return err
		})
		if err != nil || !strings.Contains(w.log.String(), "the driver was not held back by its scheduling gate") {
			t.Errorf("%v\n%s", err, w.log.String())
		}
	})
}
