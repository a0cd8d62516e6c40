// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/sensor/progress"
)

// site is an API server, and through its proxy or by its own address a driver's web UI: paths and what they answer.
type site struct {
	mu      sync.Mutex
	answers map[string]string // by the end of the path and the query; a number is a code
	asked   []string
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := strings.TrimPrefix(r.URL.Path, "/api/v1/namespaces/jobs/")
	what = strings.Replace(what, "api/v1/applications/spark-1", "*", 1)
	if r.URL.Query().Has("status") {
		what += "?" + r.URL.RawQuery
	}
	s.asked = append(s.asked, what)
	answer, known := s.answers[what]
	code, err := strconv.Atoi(answer)
	switch {
	case !known:
		w.WriteHeader(http.StatusNotFound)
	case err == nil:
		w.WriteHeader(code)
	default:
		w.Header().Set("Content-Type", "application/json")
		if answer == refused {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte(answer))
	}
}

// world is a reader with its site, and what it told.
type world struct {
	site   *site
	reader progress.Reader
	pod    *corev1.Pod
	told   []string
}

func newWorld(t *testing.T, answers map[string]string) *world {
	t.Helper()
	w := &world{site: &site{answers: answers}}
	server := httptest.NewServer(w.site)
	t.Cleanup(server.Close)
	client, err := kube.NewClient(&rest.Config{Host: server.URL, Transport: &http.Transport{DisableKeepAlives: true}, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ip, port, _ := net.SplitHostPort(address.Host)
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	w.pod = &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "etl", Namespace: "jobs", Labels: map[string]string{driver.LabelSelector: "spark-1"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Ports: []corev1.ContainerPort{{Name: "spark-ui", ContainerPort: int32(number)}}}}},
		Status:     corev1.PodStatus{PodIP: ip},
	}
	w.reader = progress.Reader{
		API: client, Tell: func(sentence string) { w.told = append(w.told, sentence) },
		Direct: func(ctx context.Context, url string) ([]byte, error) { return progress.Get(ctx, url, kube.MaxAnswer) },
	}
	// The driver's port is another one each time.
	for what, answer := range answers {
		if rest, ok := strings.CutPrefix(what, "proxy:"); ok {
			w.site.answers["pods/etl:"+port+"/proxy/"+rest] = answer
		}
	}
	return w
}

// asks reads once, and returns what was said and asked for.
func (w *world) asks(t *testing.T) (report string, asked []string) {
	t.Helper()
	w.site.asked = nil
	report = w.reader.Read(t.Context(), w.pod).String()
	for _, what := range w.site.asked {
		if before, after, ok := strings.Cut(what, "/proxy/"); ok && strings.HasPrefix(before, "pods/etl:") {
			what = "proxy:" + after
		}
		asked = append(asked, what)
	}
	return report, asked
}

const (
	runs    = `[{"jobId":2,"stageIds":[1],"numTasks":40,"numCompletedIndices":10,"numActiveTasks":4}]`
	listed  = `{"kind":"Table","columnDefinitions":[{"name":"Name"},{"name":"Status"}],"rows":[{"cells":["a","Running"]},{"cells":["b","Pending"]}]}`
	waits   = `{"kind":"Pod","apiVersion":"v1","status":{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes"}]}}`
	refused = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"pods \"etl\" is forbidden"}`
	active  = `[{"id":"driver","isActive":true},{"id":"1","isActive":true},{"id":"2","isActive":false}]`
	jobs    = "job 2 runs (2 done), 0 of 1 stage, 10 of 40 tasks (4 run)"
	noProxy = "jobs and tasks cannot be shown: the driver's web UI does not answer: "
)

func TestReader(t *testing.T) {
	const running, failed = "*/jobs?status=running", "*/jobs?status=failed"
	for name, test := range map[string]struct {
		answers map[string]string
		direct  bool // is tried first
		want    string
		asked   []string // the second time
		told    string   // what the one sentence holds
	}{
		"through the API server's proxy, with what waits": {
			answers: map[string]string{"pods": listed, "pods/b": waits, "proxy:" + running: runs, "proxy:" + failed: "[]"},
			want:    "1 executor runs, 1 waits (Unschedulable: 0/3 nodes); " + jobs,
			asked:   []string{"pods", "pods/b", "proxy:" + running, "proxy:" + failed},
		},
		"at the driver's own address, when that is near": {
			answers: map[string]string{"pods": listed, "/" + running: runs, "/" + failed: "[]"}, direct: true,
			want:  "1 executor runs, 1 waits (Pending); " + jobs,
			asked: []string{"pods", "pods/b", "/" + running, "/" + failed},
		},
		"without the verb get on pods/proxy, at the driver's address": {
			answers: map[string]string{"pods": listed, "proxy:" + running: refused, "/" + running: runs, "/" + failed: "[]"},
			want:    "1 executor runs, 1 waits (Pending); " + jobs,
			asked:   []string{"pods", "pods/b", "/" + running, "/" + failed},
		},
		"without that verb and without a way to the address, the verb is named": {
			answers: map[string]string{"pods": listed, "proxy:" + running: refused},
			want:    "1 executor runs, 1 waits (Pending)",
			asked:   []string{"pods", "pods/b", "/" + running},
			told:    noProxy + "the service account has not the verb get on pods/proxy; ",
		},
		"a web UI that itself forbids is no missing verb": {
			answers: map[string]string{"pods": listed, "proxy:" + running: "403", "/" + running: "403"},
			want:    "1 executor runs, 1 waits (Pending)",
			asked:   []string{"pods", "pods/b", "proxy:" + running, "/" + running},
			told:    noProxy + "get pods/proxy jobs/etl:",
		},
		"without the verb list on pods, Spark's executors are counted": {
			answers: map[string]string{"pods": refused, "proxy:" + running: runs, "proxy:" + failed: "[]", "proxy:*/executors": active},
			want:    "1 executor runs; " + jobs,
			asked:   []string{"proxy:" + running, "proxy:" + failed, "proxy:*/executors"},
		},
		"failed jobs that cannot be read are left out": {
			answers: map[string]string{"pods": listed, "proxy:" + running: runs, "proxy:" + failed: strings.Repeat("x", kube.MaxAnswer+1)},
			want:    "1 executor runs, 1 waits (Pending); " + jobs,
			asked:   []string{"pods", "pods/b", "proxy:" + running, "proxy:" + failed, "/" + failed},
		},
		"an answer that is none is told": {
			answers: map[string]string{"pods": "<html>", "proxy:" + running: "<html>", "proxy:" + failed: "[]"},
			asked:   []string{"pods", "proxy:" + running, "proxy:" + failed},
			told:    noProxy + "the answer is not the JSON that was asked for",
		},
		"a web UI that is there before its SparkContext is no failure": {
			answers: map[string]string{"pods": listed, "proxy:" + running: "<div>Spark is starting up. Please wait a while until it's ready.</div>"},
			want:    "1 executor runs, 1 waits (Pending)",
			asked:   []string{"pods", "pods/b", "proxy:" + running},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.answers)
			w.reader.DirectFirst = test.direct
			w.asks(t)
			got, asked := w.asks(t)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.asked, asked); diff != "" {
				t.Errorf("asked: -want +got:\n%s", diff)
			}
			w.asks(t)
			if said := strings.Join(w.told, "\n"); len(w.told) > 1 || (said == "") != (test.told == "") || !strings.Contains(said, test.told) {
				t.Errorf("told %q, want one sentence with %q", w.told, test.told)
			}
		})
	}
}

func TestReaderTellsThatAWebUIIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pods": listed, "/*/jobs?status=running": runs, "/*/jobs?status=failed": "[]"})
	w.asks(t)
	w.site.answers = map[string]string{"pods": listed}
	if got, _ := w.asks(t); got != "1 executor runs, 1 waits (Pending); the driver's web UI does not answer any more" || len(w.told) > 0 {
		t.Errorf("%q, told %q", got, w.told)
	}
}

func TestReaderIsPatientWithADriverThatHasJustStarted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		since time.Duration
		told  int
	}{
		"a driver of ten seconds has no web UI yet": {10 * time.Second, 0},
		"a driver of a minute should have one":      {time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]string{"pods": listed})
			w.pod.Spec.Containers = []corev1.Container{{Name: driver.DefaultContainer}}
			w.pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
				Name:  driver.DefaultContainer,
				State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(time.Now().Add(-test.since))}},
			}}
			for range 3 {
				w.asks(t)
			}
			if len(w.told) != test.told {
				t.Errorf("told %q, want %d sentences", w.told, test.told)
			}
		})
	}
}

func TestReaderAsksNothingOfADriverThatIsNotSparks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.pod.Labels = nil
	if got, asked := w.asks(t); got != "" || asked != nil {
		t.Errorf("%q, asked %q", got, asked)
	}
}
