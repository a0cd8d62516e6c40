// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// world is a double of the API server with a driver in it, and a follower of that driver,
// in virtual time.
type world struct {
	t      *testing.T
	server *apiserver.Server
	config *rest.Config
	client *kube.Client
	log    bytes.Buffer
	down   atomic.Bool // the API server refuses every connection
	uid    types.UID

	pod     *corev1.Pod
	verdict sensor.Verdict
	err     error
	done    chan struct{}
}

const (
	namespace = "default"
	name      = "etl-driver"
	container = "spark-kubernetes-driver"
)

// inWorld runs a test in virtual time.
func inWorld(t *testing.T, options apiserver.Options, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, done: make(chan struct{})}
		fault := options.Fault
		options.Fault = func(r *apiserver.Request) apiserver.Action {
			if w.down.Load() {
				return apiserver.Action{Skip: true, Lose: apiserver.Refused}
			}
			if fault != nil {
				return fault(r)
			}
			return apiserver.Action{}
		}
		w.server = apiserver.New(options)
		w.config = &rest.Config{Host: "http://apiserver.test", Transport: w.server.Transport(), QPS: -1}
		client, err := kube.NewClient(w.config)
		if err != nil {
			t.Fatal(err)
		}
		w.client = client
		w.uid = w.makeDriver()
		test(w)
	})
}

// makeDriver makes the driver pod and returns its UID.
func (w *world) makeDriver() types.UID {
	w.t.Helper()
	pods, err := dynamic.NewForConfig(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	pod := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": name},
		"spec":     map[string]any{"restartPolicy": "Never", "containers": []any{map[string]any{"name": container, "image": "spark"}}},
	}}
	made, err := pods.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(namespace).Create(w.t.Context(), pod, metav1.CreateOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return made.GetUID()
}

// follow starts to follow; the outcome is there after wait.
func (w *world) follow(ctx context.Context, edit func(*sensor.Follower)) {
	f := sensor.Follower{
		Pods: w.client, Target: sensor.Target{Namespace: namespace, Name: name, UID: w.uid}, APITimeout: time.Hour,
		Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}
	if edit != nil {
		edit(&f)
	}
	go func() {
		defer close(w.done)
		w.pod, w.verdict, w.err = f.Follow(ctx)
	}()
	synctest.Wait()
}

// after lets virtual time pass.
func (w *world) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) mustNotHaveEnded() {
	w.t.Helper()
	synctest.Wait()
	select {
	case <-w.done:
		w.t.Fatalf("it ended: %+v, cause %+v, error %v", w.verdict, w.verdict.Cause, w.err)
	default:
	}
}

// want waits for the verdict and compares it; within bounds how late it may come.
func (w *world) want(state xcom.State, exit xcom.ExitCode, within time.Duration) {
	w.t.Helper()
	start := time.Now()
	<-w.done
	if w.err != nil {
		w.t.Fatal(w.err)
	}
	if w.verdict.State != state || w.verdict.ExitCode != exit {
		w.t.Errorf("verdict is %s with exit code %d, want %s with %d; cause %+v", w.verdict.State, w.verdict.ExitCode, state, exit, w.verdict.Cause)
	}
	if late := time.Since(start); late > within {
		w.t.Errorf("the verdict came after %s, want it within %s", late, within)
	}
}

func (w *world) run() {
	w.must(w.server.Schedule(namespace, name, "node-1") && w.server.Run(namespace, name))
}

func (w *world) terminate(code int32) { w.must(w.server.Terminate(namespace, name, container, code)) }
func (w *world) remove()              { w.must(w.server.Remove("pods", namespace, name)) }

func (w *world) must(done bool) {
	w.t.Helper()
	if !done {
		w.t.Fatal("the pod is not there, or cannot do that")
	}
	synctest.Wait()
}

// watches fits the requests that watch.
func watches(r apiserver.Request) bool { return r.Verb == "watch" }

func TestFollowEndsWithTheDriver(t *testing.T) {
	t.Parallel()
	for code, exit := range map[int32]xcom.ExitCode{0: 0, 3: 3, 200: xcom.ExitDriver} {
		inWorld(t, apiserver.Options{}, func(w *world) {
			w.follow(w.t.Context(), nil)
			w.run()
			w.after(3 * time.Hour)
			w.mustNotHaveEnded()
			w.terminate(code)
			state := xcom.Failed
			if code == 0 {
				state = xcom.Succeeded
			}
			w.want(state, exit, 0)
		})
	}
}

func TestFollowIsCheapWhileNothingHappens(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.after(time.Minute)
		w.server.ForgetRequests()
		w.after(10 * time.Hour)
		if n := w.server.Count(func(apiserver.Request) bool { return true }); n > 240 {
			t.Errorf("%d requests in ten hours, want at most 24 in an hour", n)
		}
		w.terminate(0)
		w.want(xcom.Succeeded, 0, 0)
	})
}

func TestFollowOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.down.Store(true)
		w.server.CutStreams(apiserver.Reset, watches)
		w.after(20 * time.Minute)
		w.mustNotHaveEnded()
		w.terminate(3)
		w.down.Store(false)
		w.want(xcom.Failed, 3, time.Minute)
		for _, told := range []string{"cannot be read; trying on", "can be read again"} {
			if !strings.Contains(w.log.String(), told) {
				t.Errorf("the log does not say %q:\n%s", told, &w.log)
			}
		}
	})
}

func TestFollowGivesUpOnAnAPIServerThatStaysAway(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.down.Store(true)
		w.server.CutStreams(apiserver.Reset, watches)
		w.want(xcom.Unknown, xcom.ExitBlind, 61*time.Minute)
	})
}

// The pod ends and is deleted while the API server is away: its end was seen by nobody.
func TestFollowNeverTakesAMissedEndForSuccess(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{History: 1}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.down.Store(true)
		w.server.CutStreams(apiserver.Reset, watches)
		w.after(time.Minute)
		w.terminate(0)
		w.remove()
		w.down.Store(false)
		// The next read of an outage, and the longest wait for a last version.
		w.want(xcom.Lost, xcom.ExitLost, (30+65)*time.Second)
	})
}

func TestFollowOutlivesExpiredWatches(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		for range 50 {
			w.server.CutStreams(apiserver.Expired, watches)
			w.after(time.Minute)
		}
		w.terminate(0)
		w.want(xcom.Succeeded, 0, time.Minute)
	})
}

func TestFollowJudgesADeletedDriverByTheLastThatWasSeen(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.remove()
		w.want(xcom.Lost, xcom.ExitLost, 10*time.Second)
		if w.pod == nil || w.pod.Status.Phase != corev1.PodRunning {
			t.Errorf("the last version is not handed over: %v", w.pod)
		}
	})
}

func TestFollowDoesNotTakeASuccessorForTheDriver(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.down.Store(true)
		w.server.CutStreams(apiserver.Reset, watches)
		w.remove()
		w.down.Store(false)
		w.makeDriver()
		w.down.Store(true)
		w.run()
		w.terminate(0)
		w.down.Store(false)
		w.want(xcom.Lost, xcom.ExitLost, time.Minute)
	})
}

func TestFollowEndsSoonWithoutTheRightToRead(t *testing.T) {
	t.Parallel()
	for name, granted := range map[string][]string{"no verb at all": nil, "list and watch, but not get": {"list", "watch"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, apiserver.Options{}, func(w *world) {
				w.server.SetAuthorize(func(a apiserver.Attributes) bool { return slices.Contains(granted, a.Verb) })
				w.follow(w.t.Context(), nil)
				// A server that has just started refuses everybody for a moment: three reads are refused before we believe it.
				w.want(xcom.Unknown, xcom.ExitBlind, 5*time.Second)
				if w.verdict.Cause.Category != xcom.CategoryPermission {
					t.Errorf("cause is %+v", w.verdict.Cause)
				}
			})
		})
	}
}

func TestFollowGoesOnByReadsWithoutTheRightToWatch(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.server.SetAuthorize(func(a apiserver.Attributes) bool { return a.Verb == "get" })
		w.follow(w.t.Context(), nil)
		w.run()
		w.after(time.Hour)
		w.mustNotHaveEnded()
		w.terminate(3)
		w.want(xcom.Failed, 3, 16*time.Second)
		if n := strings.Count(w.log.String(), "give the service account the verbs list and watch"); n != 1 {
			t.Errorf("the missing right is told %d times, want once:\n%s", n, &w.log)
		}
	})
}

func TestFollowTakesALaterLossOfTheRightForAnOutage(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.server.SetAuthorize(func(apiserver.Attributes) bool { return false })
		w.server.CutStreams(apiserver.Reset, watches)
		w.after(30 * time.Minute)
		w.mustNotHaveEnded()
		w.server.SetAuthorize(nil)
		w.terminate(0)
		w.want(xcom.Succeeded, 0, time.Minute)
	})
}

func TestFollowGivesUpOnAnAPIServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.server.SetFault(func(*apiserver.Request) apiserver.Action {
			return apiserver.Action{Skip: true, Lose: apiserver.Silence}
		})
		w.follow(w.t.Context(), func(f *sensor.Follower) { f.APITimeout = 3 * time.Second })
		w.want(xcom.Unknown, xcom.ExitBlind, 4*time.Second)
	})
}

func TestFollowKeepsItsDeadlines(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), func(f *sensor.Follower) { f.Criteria.PendingTimeout = 10 * time.Minute })
		w.want(xcom.Failed, xcom.ExitDeadline, 10*time.Minute+time.Second)
	})
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), func(f *sensor.Follower) { f.Criteria.RunningTimeout = 2 * time.Hour })
		w.run()
		w.want(xcom.Failed, xcom.ExitDeadline, 2*time.Hour+time.Second)
	})
}

func TestFollowEndsWithItsContext(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		ctx, cancel := context.WithCancelCause(w.t.Context())
		w.follow(ctx, nil)
		w.run()
		why := errors.New("asked to end")
		cancel(why)
		<-w.done
		if !errors.Is(w.err, why) || w.verdict.Final || w.verdict.State != xcom.Running {
			t.Errorf("error %v, verdict %+v", w.err, w.verdict)
		}
	})
}
