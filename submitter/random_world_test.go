// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

const queueGate = "kueue.x-k8s.io/admission"

// driverPods are the drivers that stand in the API. They are not to be changed.
func (p *play) driverPods() []*corev1.Pod {
	var all []*corev1.Pod
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, object := range p.server.All("pods", "default") {
		version := object.GetResourceVersion()
		if p.pods[version] == nil {
			pod := &corev1.Pod{}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, pod); err != nil {
				panic(err)
			}
			p.pods[version] = pod
		}
		all = append(all, p.pods[version])
	}
	return all
}

// admit is a webhook that puts a gate or a finalizer on every driver.
func (p *play) admit(r *apiserver.Request, object *unstructured.Unstructured) error {
	if r.Verb != "create" || r.Resource != "pods" || r.Namespace != "default" {
		return nil
	}
	if p.foreign {
		gates, _, err := unstructured.NestedSlice(object.Object, "spec", "schedulingGates")
		if err != nil {
			return err
		}
		gates = append([]any{map[string]any{"name": queueGate}}, gates...)
		if err := unstructured.SetNestedSlice(object.Object, gates, "spec", "schedulingGates"); err != nil {
			return err
		}
	}
	if p.finalizer {
		object.SetFinalizers([]string{"example.com/keep"})
	}
	return nil
}

// kubelet is scheduler, kubelet, queue and garbage collector: every two seconds they have their turn.
func (p *play) kubelet() {
	for second := 2; ; second += 2 {
		select {
		case <-p.over:
			return
		case <-time.After(2 * time.Second):
		}
		for _, pod := range p.driverPods() {
			p.tend(pod)
		}
		if second%20 == 0 {
			p.server.CollectGarbage()
		}
		p.look("the cluster", nil)
	}
}

// tend does what is due for one driver.
func (p *play) tend(pod *corev1.Pod) {
	age := time.Since(pod.CreationTimestamp.Time)
	gate := slices.IndexFunc(pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool { return g.Name == queueGate })
	switch {
	case pod.DeletionTimestamp != nil:
		p.finish(pod)
	case gate >= 0 && age > 15*time.Second:
		p.server.ChangePod("default", pod.Name, func(pod *corev1.Pod) {
			pod.Spec.SchedulingGates = slices.Delete(pod.Spec.SchedulingGates, gate, gate+1)
		})
	case len(pod.Spec.SchedulingGates) > 0, pod.Status.Phase == corev1.PodSucceeded, pod.Status.Phase == corev1.PodFailed:
	case pod.Spec.NodeName == "":
		p.server.Schedule("default", pod.Name, "node")
		if p.life(pod).reject {
			p.server.ChangePod("default", pod.Name, func(pod *corev1.Pod) {
				pod.Status.Phase, pod.Status.Reason = corev1.PodFailed, "OutOfcpu"
			})
		}
	case pod.Status.Phase == corev1.PodPending:
		p.server.Run("default", pod.Name)
	case time.Since(pod.Status.StartTime.Time) >= p.life(pod).length:
		p.server.Terminate("default", pod.Name, driver.DefaultContainer, p.life(pod).code)
	}
}

// finish is the end of a driver that was deleted.
func (p *play) finish(pod *corev1.Pod) {
	since, seen := p.ending[pod.UID]
	if !seen {
		since = time.Now()
		p.ending[pod.UID] = since
	}
	if time.Since(since) < p.life(pod).linger {
		return
	}
	p.server.ChangePod("default", pod.Name, func(pod *corev1.Pod) { pod.Finalizers = nil })
	p.server.FinishDeletion("default", pod.Name, 143)
}

// life is that of a driver: the next one of the schedule when it is seen first.
func (p *play) life(pod *corev1.Pod) life {
	if l, known := p.lives[pod.UID]; known {
		return l
	}
	l := p.schedule.lives[min(len(p.lives), len(p.schedule.lives)-1)]
	p.lives[pod.UID] = l
	return l
}

// happen is something that others do.
func (p *play) happen(e event) {
	pods := p.driverPods()
	p.note("somebody", e.what)
	switch e.what {
	case "quota is used up":
		p.setQuota(-1)
	case "quota is freed":
		p.setQuota(0)
	case "launcher's pod goes":
		p.server.Remove("pods", "launchers", fmt.Sprintf("launcher-%d", e.pod))
	}
	if e.pod < len(pods) {
		name := pods[e.pod].Name
		if see(pods[e.pod]).gated && e.what != "touch" {
			p.leave(name)
		}
		switch e.what {
		case "delete":
			p.server.Delete("default", name)
		case "remove":
			p.server.Remove("pods", "default", name)
		case "touch":
			p.server.ChangePod("default", name, func(pod *corev1.Pod) { pod.Annotations["example.com/touched"] = e.at.String() })
		}
	}
	p.look("somebody", nil)
}

// setQuota lets the namespace have so many pods; 0: any number, less: none.
func (p *play) setQuota(pods int) {
	hard := map[string]any{"pods": fmt.Sprint(max(pods, 0))}
	if pods == 0 {
		hard["pods"] = "1000"
	}
	p.world(http.MethodPatch, "/namespaces/default/resourcequotas/room?fieldManager=w&force=true", map[string]any{
		"apiVersion": "v1", "kind": "ResourceQuota", "metadata": map[string]any{"name": "room"}, "spec": map[string]any{"hard": hard},
	})
	p.server.CollectGarbage() // counts what is used
}

// launcherPod is the pod that a launcher lives in; it is made if it is not there.
func (p *play) launcherPod(name string) types.UID {
	p.making.Lock()
	defer p.making.Unlock()
	if there := p.server.Get("pods", "launchers", name); there != nil {
		return there.GetUID()
	}
	p.world(http.MethodPost, "/namespaces/launchers/pods", map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"containers": []any{map[string]any{"name": "base", "image": "launcher:1"}}},
	})
	p.server.Schedule("launchers", name, "node")
	p.server.Run("launchers", name)
	return p.server.Get("pods", "launchers", name).GetUID()
}

// world makes a request that nobody disturbs.
func (p *play) world(method, path string, object any) {
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	request, err := http.NewRequest(method, "http://apiserver.test/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer world")
	request.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		request.Header.Set("Content-Type", "application/apply-patch+yaml")
	}
	answer, err := p.server.Transport().RoundTrip(request)
	if err != nil {
		panic(err)
	}
	answer.Body.Close()
	if answer.StatusCode >= 300 {
		panic(answer.Status)
	}
}
