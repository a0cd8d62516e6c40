// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// likeSparkSubmit is an engine that talks to the API server as spark-submit does (Spark: KubernetesClientApplication's
// Client.run): POST of the driver pod, apply of the Service and the ConfigMap, owned by it; the pod deleted by name when
// one of these fails; every request repeated three times by the client when it is not answered or answered by a 5xx.
type likeSparkSubmit struct {
	process *process
	gated   bool // false: a mutation
}

func (likeSparkSubmit) Name() string { return "spark-submit" }

// Submit does what spark-submit does with these arguments.
func (e likeSparkSubmit) Submit(ctx context.Context, plan submitter.Plan) (submitter.Made, error) {
	return submitter.Made{}, e.run(ctx, plan)
}

func (e likeSparkSubmit) run(ctx context.Context, plan submitter.Plan) error {
	e.process.inChild = true
	defer func() {
		e.process.inChild = false
		if e.process.dead {
			runtime.Goexit() // it has outlived its launcher
		}
	}()
	select { // two JVMs start
	case <-time.After(time.Duration(e.process.pace) * 300 * time.Millisecond):
	case <-ctx.Done():
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "ended")
	}
	base := "http://apiserver.test/api/v1/namespaces/" + plan.Namespace
	pod := e.pod(plan)
	made := &corev1.Pod{}
	if code, text := e.send(ctx, http.MethodPost, base+"/pods", pod, made); code != http.StatusCreated {
		return refusal(code, text)
	}
	owner := metav1.OwnerReference{APIVersion: "v1", Kind: "Pod", Name: made.Name, UID: made.UID, Controller: new(true)}
	conf := pod.Spec.Volumes[0].ConfigMap.Name
	service := serviceOf(conf)
	for _, object := range []struct {
		path  string
		value any
	}{
		{"/services/" + service, map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": service, "ownerReferences": []any{owner}}}},
		{"/configmaps/" + conf, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": conf, "ownerReferences": []any{owner}},
			"data": map[string]string{"spark.properties": fmt.Sprintf("spark.driver.host=%s.%s.svc\n", service, plan.Namespace)},
		}},
	} {
		if e.process.lies && object.path[1] == 'c' {
			e.process.lies = false
			continue // SPARK-44050: no ConfigMap, and no exception
		}
		code, text := e.send(ctx, http.MethodPatch, base+object.path+"?fieldManager=fabric8&force=true", object.value, nil)
		if code != http.StatusOK && code != http.StatusCreated {
			e.send(ctx, http.MethodDelete, base+"/pods/"+plan.PodName, nil, nil)
			return refusal(code, text)
		}
	}
	return nil
}

// serviceOf is the name of the Service beside a ConfigMap: random as that, and never the pod's.
func serviceOf(conf string) string { return strings.Replace(conf, "conf-map", "driver-svc", 1) }

// pod is the driver pod that spark-submit makes of its configuration and the template.
func (e likeSparkSubmit) pod(plan submitter.Plan) *corev1.Pod {
	pod := &corev1.Pod{}
	if err := yaml.Unmarshal(plan.Template, pod); err != nil {
		panic(err)
	}
	pod.APIVersion, pod.Kind = "v1", "Pod"
	pod.Name, pod.Labels, pod.Annotations = plan.PodName, plan.Labels, maps.Clone(plan.Annotations)
	if !e.gated {
		pod.Spec.SchedulingGates = nil
	}
	pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	pod.Spec.Containers = []corev1.Container{{Name: driver.DefaultContainer, Image: "spark:4.0.5"}}
	e.process.confs++
	name := corev1.LocalObjectReference{Name: fmt.Sprintf("spark-drv-%s-%d-conf-map", e.process.token, e.process.confs)}
	pod.Spec.Volumes = []corev1.Volume{{Name: "spark-conf-volume-driver", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: name}}}}
	return pod
}

// send sends a request as Spark's client does, and returns the last answer's code, 0 where none came, and text.
func (e likeSparkSubmit) send(ctx context.Context, method, url string, body, into any) (int, string) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			panic(err)
		}
	}
	for again := 0; ; again++ {
		code, answer := e.once(ctx, method, url, text)
		if code != 0 && code < http.StatusInternalServerError || again == 3 {
			if into != nil && code == http.StatusCreated && json.Unmarshal([]byte(answer), into) != nil {
				return 0, "no JSON: " + answer
			}
			return code, answer
		}
		time.Sleep(time.Second << again)
	}
}

func (e likeSparkSubmit) once(ctx context.Context, method, url string, body []byte) (int, string) {
	call, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(call, method, url, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		request.Header.Set("Content-Type", "application/apply-patch+yaml")
	}
	answer, err := e.process.RoundTrip(request)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(text)
}

// refusal is what the text of a failed spark-submit is explained as.
func refusal(code int, text string) error {
	switch code {
	case http.StatusConflict:
		return problem.New(xcom.ExitConflict, xcom.CategoryConfig, "AlreadyExists", "", "%s", text)
	case http.StatusForbidden:
		return problem.New(xcom.ExitRetry, xcom.CategoryQuota, "QuotaExceeded", "", "%s", text)
	default:
		return problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "", "%d %s", code, text)
	}
}
