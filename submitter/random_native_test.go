// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// podGroups are the objects that are made before their pod (Spark: VolcanoFeatureStep).
var podGroups = apiserver.Resource{Group: "scheduling.volcano.sh", Version: "v1beta1", Name: "podgroups", Kind: "PodGroup"}

// engine is what makes a launcher's driver: one that makes spark-submit's calls, or the production engine with the launcher's own client.
func (p *process) engine(client *kube.Client) submitter.Engine {
	like := likeSparkSubmit{p, p.mutation.name != noGate || p.token == lastToken}
	if !p.native {
		return like
	}
	api := native.API(client)
	if p.mutation.api != nil && p.token != lastToken {
		api = p.mutation.api(api)
	}
	return native.Engine{API: api, Build: like.objects, APITimeout: time.Minute, Log: slog.New(slog.NewTextHandler(&p.log, nil))}
}

// objects are those of a driver, as spark-submit would make them: what matters here of them.
func (e likeSparkSubmit) objects(plan submitter.Plan) (native.Objects, error) {
	pod := e.pod(plan)
	conf := pod.Spec.Volumes[0].ConfigMap.Name
	service := serviceOf(conf)
	made := native.Objects{Pod: pod, Owned: []native.Object{
		&corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: service}},
		&corev1.ConfigMap{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: metav1.ObjectMeta{Name: conf},
			Data: map[string]string{"spark.properties": fmt.Sprintf("spark.driver.host=%s.%s.svc\n", service, plan.Namespace)},
		},
	}}
	if e.process.groups {
		group := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "scheduling.volcano.sh/v1beta1", "kind": "PodGroup"}}
		group.SetName(conf + "-podgroup")
		pod.Annotations["scheduling.k8s.io/group-name"] = group.GetName()
		made.Before = []native.Object{group}
	}
	return made, nil
}

// The mistakes of an engine that carries objects to the API server itself.
type (
	// credulous takes a create that was not answered for one that was carried out.
	credulous struct{ native.API }
	// disowning gives no object to the pod.
	disowning struct{ native.API }
	// forgetful leaves what was made before the pod without an owner.
	forgetful struct{ native.API }
)

func (c credulous) Create(ctx context.Context, namespace string, object kube.Object) (metav1.ObjectMeta, error) {
	made, err := c.API.Create(ctx, namespace, object)
	if err != nil && apierrors.ReasonForError(err) == metav1.StatusReasonUnknown {
		return metav1.ObjectMeta{Name: object.GetName()}, nil
	}
	return made, err
}

func (d disowning) Create(ctx context.Context, namespace string, object kube.Object) (metav1.ObjectMeta, error) {
	object.SetOwnerReferences(nil)
	return d.API.Create(ctx, namespace, object)
}

func (forgetful) Own(context.Context, string, kube.Object, types.UID, metav1.OwnerReference) error {
	return nil
}

// checkGroups: what was made before a pod is the pod's when that is committed.
func (p *play) checkGroups(by *process, uid types.UID, own seen) {
	for _, object := range p.server.All(podGroups.Name, "default") {
		if object.GetName() != own.group {
			continue
		}
		if owners := object.GetOwnerReferences(); len(owners) != 1 || owners[0].UID != uid {
			p.wrong("%s commits %s whose PodGroup has the owners %v", by.token, own, owners)
		}
		return
	}
	if own.group != "" {
		p.wrong("%s commits %s without its PodGroup", by.token, own)
	}
}

// checkLeftGroups: one that no pod owns, because its launcher was killed or not answered in between, is known by its labels.
func (p *play) checkLeftGroups() {
	for _, object := range p.server.All(podGroups.Name, "default") {
		labels := object.GetLabels()
		if len(object.GetOwnerReferences()) == 0 && (labels[driver.LabelRun] == "" || labels[driver.LabelManagedBy] != driver.ManagedBy) {
			p.wrong("PodGroup %s is left, and nobody knows whose it is: %v", object.GetName(), labels)
		}
	}
}
