// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/process"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/progress"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/render"
)

// patience is how long a part may take to become ready on a busy machine.
const patience = 2 * time.Minute

// runner starts the daemons and waits for them.
type runner struct {
	*Manager
	machine machine
	api     *api
	// found is set when a component was running already.
	found atomic.Bool
}

// errEnded says that a component ended while it was waited for.
var errEnded = errors.New("it has ended")

// all starts everything. A component that was found running may be about to
// end, because something killed it a moment ago: then all is started once more.
func (r *runner) all(ctx context.Context) error {
	err := r.once(ctx)
	if !errors.Is(err, errEnded) || !r.found.Load() {
		return err
	}
	r.Progress.Say("something that was running has ended, starting again: %v", errors.Unwrap(err))
	return r.once(ctx)
}

func (r *runner) once(ctx context.Context) error {
	var err error
	if r.api, err = newAPI(r.machine.cluster); err != nil {
		return err
	}
	control := func(ctx context.Context) error {
		// The API server waits for etcd itself.
		if err := r.one(ctx, "etcd"); err != nil {
			return err
		}
		return r.one(ctx, "kube-apiserver")
	}
	runtime := func(ctx context.Context) error {
		if err := r.one(ctx, "containerd"); err != nil {
			return err
		}
		_, err := r.loadArchive(ctx, r.machine.cluster, r.machine.cluster.State("pause.tar"))
		return err
	}
	if err := progress.Together(ctx, control, runtime); err != nil {
		return err
	}
	var works []func(context.Context) error
	for _, name := range []string{"kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "kubelet"} {
		works = append(works, func(ctx context.Context) error { return r.one(ctx, name) })
	}
	if err := progress.Together(ctx, works...); err != nil {
		return err
	}
	return r.readyNodes(ctx)
}

// one starts one component and waits until it is ready.
func (r *runner) one(ctx context.Context, name string) error {
	switch name {
	case "etcd":
		return r.start(ctx, name, started)
	case "containerd":
		return r.start(ctx, name, r.runtimeReady)
	case "kube-apiserver":
		return r.start(ctx, name, r.apiReady, "etcd")
	case "kube-controller-manager":
		return r.start(ctx, name, r.controllersReady, "kube-apiserver")
	case "coredns":
		return r.start(ctx, name, r.dnsReady, "kube-apiserver")
	case "kubelet":
		return r.start(ctx, name, r.nodeReady, "containerd", "kube-apiserver")
	case "ready-nodes":
		return r.readyNodes(ctx)
	default:
		return r.start(ctx, name, nil, "kube-apiserver")
	}
}

// started is for a component whose readiness another one waits for.
func started(context.Context) error { return nil }

// start starts a component unless it runs, and waits until it is ready. It
// gives up when the component, or one it cannot do without, has ended. Without
// ready it is enough that it still runs a moment later.
func (r *runner) start(ctx context.Context, name string, ready func(context.Context) error, needs ...string) error {
	d, err := r.machine.daemon(name)
	if err != nil {
		return err
	}
	return r.Progress.Do(ctx, name, d.Log, func(ctx context.Context) error {
		record, fresh, err := d.Ensure(ctx)
		if err != nil {
			return err
		}
		if !fresh {
			r.found.Store(true)
		}
		if ready == nil {
			ready = r.settled(name, fresh)
		}
		ended := func() error {
			if !record.Alive() {
				return errEnded
			}
			return r.anyEnded(needs)
		}
		return eventually(ctx, patience, ended, ready)
	})
}

// anyEnded blames the component that another waits for in vain.
func (r *runner) anyEnded(names []string) error {
	c := r.machine.cluster
	for _, name := range names {
		if !process.Load(recordFile(c, name)).Alive() {
			return &progress.Error{Part: name, Log: c.Log(name), Tail: progress.Tail(c.Log(name), 15), Err: errEnded}
		}
	}
	return nil
}

// settled is for components that tell nobody that they are ready: a mistake in
// their configuration ends them within a moment.
func (r *runner) settled(name string, fresh bool) func(context.Context) error {
	deadline := r.Now()
	if fresh {
		deadline = deadline.Add(500 * time.Millisecond)
	}
	return func(context.Context) error {
		if r.Now().Before(deadline) {
			return fmt.Errorf("%s has just been started", name)
		}
		return r.anyEnded([]string{name})
	}
}

func (r *runner) apiReady(ctx context.Context) error {
	if err := r.api.do(ctx, http.MethodGet, "/readyz", "", nil, nil); err != nil {
		return err
	}
	for _, o := range render.Objects(r.machine.cluster) {
		if err := r.api.apply(ctx, o.Path, o.Object); err != nil {
			return err
		}
	}
	return nil
}

// controllersReady waits for the first thing that every pod needs from them.
func (r *runner) controllersReady(ctx context.Context) error {
	return r.api.do(ctx, http.MethodGet, "/api/v1/namespaces/default/serviceaccounts/default", "", nil, new(any))
}

func (r *runner) dnsReady(ctx context.Context) error {
	url := "http://" + net.JoinHostPort(r.machine.cluster.NodeAddress().String(), "8181") + "/ready"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	client := http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("call DNS server: %w", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("DNS server answers %s", answer.Status)
	}
	return nil
}

func (r *runner) runtimeReady(ctx context.Context) error {
	if _, err := os.Stat(r.machine.cluster.ContainerdSocket()); err != nil {
		return fmt.Errorf("find socket of containerd: %w", err)
	}
	_, err := ctr(ctx, r.machine.cluster, "version")
	return err
}

func (r *runner) nodeReady(ctx context.Context) error {
	return r.api.nodeReady(ctx, r.machine.cluster.NodeName())
}

// ctr calls containerd's client on the images of Kubernetes.
func ctr(ctx context.Context, c layout.Cluster, args ...string) (string, error) {
	return host.Output(ctx, "ctr", append([]string{"--address", c.ContainerdSocket(), "--namespace", "k8s.io"}, args...)...)
}
