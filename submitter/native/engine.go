// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/submitter"
)

// API is what the engine needs of a cluster. Errors are those of apimachinery's api/errors.
type API interface {
	// Create makes object, and returns the metadata that it has then. It sends one request.
	Create(ctx context.Context, namespace string, object kube.Object) (metav1.ObjectMeta, error)
	// Metadata reads what stands under object's kind and name.
	Metadata(ctx context.Context, namespace string, object kube.Object) (metav1.ObjectMeta, error)
	// Own gives the object of that UID an owner.
	Own(ctx context.Context, namespace string, object kube.Object, uid types.UID, owner metav1.OwnerReference) error
	// Remove asks for the end of the object of that UID.
	Remove(ctx context.Context, namespace string, object kube.Object, uid types.UID) error
}

// Engine makes a driver's objects in the order of Spark's Client.run: what must stand before the pod, the pod, gated, and then all that
// the pod owns from birth. It removes no driver: what it leaves by halves is the protocol's to remove.
type Engine struct {
	API API
	// Build makes the objects of a plan, others for each attempt; see [Builder].
	Build func(submitter.Plan) (Objects, error)
	// APITimeout is how long the API server may be away.
	APITimeout time.Duration
	Log        *slog.Logger
}

// Name is the engine's name in results.
func (Engine) Name() string { return "native" }

// Submit makes the driver's objects. Whatever a create was answered, what became of it is read. When ctx ends before all of them are there,
// it says so; after an end without an error every one is there, for the API server has said so of each. Every error is a [*problem.Error].
func (e Engine) Submit(ctx context.Context, plan submitter.Plan) (submitter.Made, error) {
	objects, err := e.Build(plan)
	if err != nil {
		return submitter.Made{}, err
	}
	start := time.Now()
	d := &delivery{Engine: e, plan: plan}
	pod, err := d.deliver(ctx, objects)
	if err != nil {
		return submitter.Made{}, err
	}
	e.Log.Info("the driver's objects are made", "objects", len(objects.Before)+1+len(objects.Owned), "after", time.Since(start).Round(time.Millisecond).String())
	return submitter.Made{Whole: true, Version: pod.ResourceVersion}, nil
}

// deliver makes all objects, and returns the pod's metadata as it was made.
func (d *delivery) deliver(ctx context.Context, objects Objects) (metav1.ObjectMeta, error) {
	var before []made
	for _, object := range objects.Before {
		mark(d.plan, object)
		meta, err := d.create(ctx, object, d.isOurs)
		if err != nil {
			d.takeBack(ctx, before)
			return metav1.ObjectMeta{}, err
		}
		before = append(before, made{object, meta.UID})
	}
	pod, err := d.create(ctx, objects.Pod, d.isOurs)
	if err != nil {
		d.takeBack(ctx, before)
		return metav1.ObjectMeta{}, err
	}
	owner := ownerOf(pod)
	for _, one := range before {
		if err := d.own(ctx, one, owner); err != nil {
			d.takeBack(ctx, before)
			return metav1.ObjectMeta{}, err
		}
	}
	for _, object := range objects.Owned {
		object.SetOwnerReferences([]metav1.OwnerReference{owner})
		isOwned := func(found metav1.ObjectMeta) bool {
			return len(found.OwnerReferences) > 0 && found.OwnerReferences[0].UID == pod.UID
		}
		if _, err := d.create(ctx, object, isOwned); err != nil {
			return metav1.ObjectMeta{}, err
		}
	}
	return pod, nil
}

// isOurs reports whether what stands under an object's name was made by this launcher for this attempt.
func (d *delivery) isOurs(found metav1.ObjectMeta) bool {
	return found.Annotations[driver.AnnotationLauncher] == d.plan.Annotations[driver.AnnotationLauncher] &&
		found.Labels[driver.LabelRun] == d.plan.Labels[driver.LabelRun] &&
		found.Labels[driver.LabelAttempt] == d.plan.Labels[driver.LabelAttempt]
}

// Builder is the Build of an engine for a version of Spark: each call draws the identifiers that Spark draws for a submission.
func Builder(spark Version, launcher Launcher) func(submitter.Plan) (Objects, error) {
	return func(plan submitter.Plan) (Objects, error) {
		now := time.Now()
		return Build(Input{
			Plan: plan, Spark: spark, Launcher: launcher, Submitted: now,
			ApplicationID: "spark-" + hex.EncodeToString(random(16)),
			// Spark: KubernetesUtils.uniqueID, three random bytes and 40 bits of the time in milliseconds.
			UniqueID:   hex.EncodeToString(random(3)) + strconv.FormatInt(now.UnixMilli()&0xFFFFFFFFFF, 16),
			LocalDirID: uuid(),
		})
	}
}

// uuid is a random one (RFC 9562, version 4), as java.util.UUID.randomUUID makes it.
func uuid() string {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// random is so many random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	// It never fails (crypto/rand).
	_, _ = rand.Read(b)
	return b
}
