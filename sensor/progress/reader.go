// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tidwall/gjson"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// API is what reading progress needs of a cluster; see internal/kube's Client.
type API interface {
	Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error)
	Executors(ctx context.Context, namespace, application string) ([]byte, error)
	Proxy(ctx context.Context, namespace, pod string, port int32, path string) ([]byte, error)
}

// Direct reads a URL of the driver itself; see [Get].
type Direct func(ctx context.Context, url string) ([]byte, error)

// Reader reads the progress of one driver. It remembers which way to the driver's web UI works,
// and what it may not do: that is tried again every [askAgain]. It is for one goroutine.
type Reader struct {
	API API
	// Direct reads from the pod's own address; nil to use the API server's proxy alone.
	Direct Direct
	// DirectFirst: the pod's own address is tried before the proxy, as it should be within the cluster.
	DirectFirst bool
	// Tell is told once why there is no progress to show.
	Tell func(sentence string)

	way      way // the one that worked last
	answered bool
	begun    int // jobs known to have begun
	failures int // reads of the UI that failed, since one last succeeded
	told     bool

	noList, noProxy time.Time // when a right was last found missing
}

// askAgain is after how long something that was forbidden is asked for again.
const askAgain = 10 * time.Minute

type way int

const (
	proxied way = iota + 1
	direct
)

// Read reads the progress of a driver that runs.
func (r *Reader) Read(ctx context.Context, pod *corev1.Pod) *Report {
	application := pod.Labels[driver.LabelSelector]
	if application == "" {
		return nil
	}
	report := &Report{Executors: r.executors(ctx, pod.Namespace, application)}
	base := "api/v1/applications/" + application
	work, err := r.work(ctx, pod, base)
	if ctx.Err() != nil {
		return report
	}
	if err != nil {
		r.fail(pod, err)
		report.UIGone = r.answered
		return report
	}
	r.answered, r.failures = true, 0
	report.Work = work
	if report.Executors == nil {
		if text, err := r.ask(ctx, pod, base+"/executors"); err == nil {
			report.Executors, _ = ActiveExecutors(text)
		}
	}
	return report
}

// executors counts the executor pods and reads one that waits; nil when that cannot be done.
func (r *Reader) executors(ctx context.Context, namespace, application string) *Executors {
	if recent(r.noList) {
		return nil
	}
	table, err := r.API.Executors(ctx, namespace, application)
	if apierrors.IsForbidden(err) {
		r.noList = time.Now()
	}
	if err != nil {
		return nil
	}
	found, err := CountExecutors(table)
	if err != nil {
		return nil
	}
	if found.Waiting != "" {
		if pod, err := r.API.Pod(ctx, namespace, found.Waiting); err == nil {
			found.Why = WhyWaiting(pod)
		}
	}
	return found
}

func (r *Reader) work(ctx context.Context, pod *corev1.Pod, base string) (*Work, error) {
	running, err := r.ask(ctx, pod, base+"/jobs?status=running")
	if err != nil {
		return nil, err
	}
	failed, err := r.ask(ctx, pod, base+"/jobs?status=failed")
	if err != nil {
		// Of a thousand failed jobs the answer is too long; the running ones are worth telling alone.
		failed = []byte("[]")
	}
	work, err := Jobs(running, failed, r.begun)
	if err == nil {
		r.begun = max(r.begun, work.Jobs.Done+work.Jobs.Active)
	}
	return work, err
}

// starting is on every page of a web UI whose SparkContext is not ready (org.apache.spark.ui.SparkUI, initHandler).
const starting = "Spark is starting up"

var errStarting = errors.New("the driver's SparkContext is not ready")

// ask reads a path of the driver's web UI, first by the way that worked last.
func (r *Reader) ask(ctx context.Context, pod *corev1.Pod, path string) ([]byte, error) {
	ways := []way{proxied, direct}
	if r.DirectFirst {
		ways = []way{direct, proxied}
	}
	if r.way != 0 && r.way != ways[0] {
		ways[0], ways[1] = ways[1], ways[0]
	}
	var all error
	for _, w := range ways {
		text, err := r.by(ctx, w, pod, path)
		if err == nil && bytes.Contains(text, []byte(starting)) && !gjson.ValidBytes(text) {
			return nil, errStarting
		}
		if err == nil {
			r.way = w
			return text, nil
		}
		all = errors.Join(all, err)
	}
	return nil, all
}

func (r *Reader) by(ctx context.Context, w way, pod *corev1.Pod, path string) ([]byte, error) {
	port := driver.WebPort(pod)
	if w == direct {
		if r.Direct == nil || pod.Status.PodIP == "" {
			return nil, errors.New("the driver's own address is not known")
		}
		return r.Direct(ctx, address(pod.Status.PodIP, port)+path)
	}
	if recent(r.noProxy) {
		return nil, errNoProxy
	}
	text, err := r.API.Proxy(ctx, pod.Namespace, pod.Name, port, path)
	if refusedByServer(err) {
		r.noProxy = time.Now()
		return nil, errNoProxy
	}
	return text, err
}

// refusedByServer reports whether the API server refuses a call. Behind its proxy the web UI can refuse one as well
// (spark.acls.enable, spark.ui.filters); client-go marks an answer that is not the API server's own.
func refusedByServer(err error) bool {
	return apierrors.IsForbidden(err) && !apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}

var errNoProxy = errors.New("the service account has not the verb get on pods/proxy")

func recent(at time.Time) bool { return !at.IsZero() && time.Since(at) < askAgain }

// startsWithin is for how long a driver that runs need not have a web UI: its JVM loads Spark first.
const startsWithin = 30 * time.Second

// fail counts a failure, and tells of the second of a driver that has not just started.
func (r *Reader) fail(pod *corev1.Pod, err error) {
	if errors.Is(err, errStarting) {
		return
	}
	r.failures++
	runs := driver.Running(pod, driver.Container(pod, ""))
	if r.told || r.answered || r.failures < 2 || runs != nil && time.Since(runs.StartedAt.Time) < startsWithin {
		return
	}
	r.told = true
	r.Tell(fmt.Sprintf("jobs and tasks cannot be shown: the driver's web UI does not answer: %s", oneLine(err)))
}

// Get is a [Direct] that sends no credentials, follows nothing, and reads at most most bytes.
func Get(ctx context.Context, url string, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, directTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the driver's web UI: %w", err)
	}
	client := http.Client{
		// A connection for each call, so its buffers are garbage with it: small ones do for what is asked and answered.
		Transport:     &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the driver's web UI: %w", err)
	}
	return readAnswer(response, most)
}
