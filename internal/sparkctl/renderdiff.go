// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/sparkctl/render"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/xcom"
)

// differs ends render --diff, as kubectl diff does, where something differs.
const differs xcom.ExitCode = 1

// diff compares what would be made with what stands there.
func (o *renderOptions) diff(ctx context.Context, env cli.Env, log *slog.Logger, jobs []cli.Job) error {
	var out bytes.Buffer
	for _, job := range jobs {
		text, err := o.diffOne(ctx, env, log, job, len(jobs) > 1)
		if err != nil {
			return aboutJob(jobs, job, err)
		}
		out.Write(text)
	}
	if _, err := env.Stdout.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	if out.Len() > 0 {
		return cli.Ended(differs)
	}
	return nil
}

func (o *renderOptions) diffOne(ctx context.Context, env cli.Env, log *slog.Logger, job cli.Job, several bool) ([]byte, error) {
	l, err := o.launch.Launch(env, log, job, cli.InCluster)
	if err != nil {
		return nil, err
	}
	step := ""
	if several {
		step = job.Name
	}
	if err := l.Name(step, true); err != nil {
		return nil, err
	}
	sample, err := l.Objects(l.Plan(), cli.Sample())
	if err != nil {
		return nil, err
	}
	d := differ{l: l, env: env}
	live, err := d.standing(ctx, appName(sample))
	if err != nil {
		return nil, unreadable(err)
	}
	var pairs []render.Pair
	if live == nil {
		tell(env, "no driver of it stands in namespace %s: all would be new", l.Plan().Namespace)
		for _, object := range sample {
			pairs = append(pairs, render.Pair{New: object})
		}
	} else if pairs, err = d.pairs(ctx, live); err != nil {
		return nil, err
	}
	return render.Diff(pairs, l.Plan().Namespace, l.Job().Application.Secrets())
}

// appName is the label that Spark gives a driver for its application's name.
func appName(objects []native.Object) string {
	for _, object := range objects {
		if name := object.GetLabels()[driver.LabelAppName]; name != "" {
			return name
		}
	}
	return ""
}

// differ finds what stands there of one submission.
type differ struct {
	l   *cli.Launch
	env cli.Env
}

// standing is the driver to compare with: of the run that was named its latest attempt, else the one of the name that is fixed, else the newest
// of the application's name; nil if there is none.
func (d differ) standing(ctx context.Context, name string) (*corev1.Pod, error) {
	plan := d.l.Plan()
	if d.l.Fresh() && plan.Fixed {
		pod, err := d.l.Client().Pod(ctx, plan.Namespace, plan.PodName)
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		return pod, err
	}
	with := labels.Set{driver.LabelRole: driver.RoleDriver, driver.LabelAppName: name}
	if !d.l.Fresh() {
		with = labels.Set{driver.LabelRun: submitter.RunLabel(plan.Namespace, plan.Run.Key)}
	}
	var newest *corev1.Pod
	err := d.l.Client().EachPod(ctx, plan.Namespace, with.String(), func(pod *corev1.Pod) {
		if !d.l.Fresh() && pod.Annotations[driver.AnnotationRunKey] != plan.Run.Key {
			return
		}
		if newest == nil || later(pod, newest) {
			newest = pod.DeepCopy()
		}
	})
	return newest, err
}

// later reports whether a driver was made after another; of one second the higher attempt was.
func later(a, b *corev1.Pod) bool {
	order := a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	return cmp.Or(order, cmp.Compare(attempt(a), attempt(b)), strings.Compare(a.Name, b.Name)) > 0
}

// attempt is the number of a driver for its run, at least 1.
func attempt(pod *corev1.Pod) int {
	number, err := strconv.Atoi(pod.Labels[driver.LabelAttempt])
	if err != nil {
		return 1
	}
	return max(1, number)
}

// pairs are the objects that stand there for a driver, each with the one that would be made in its place.
func (d differ) pairs(ctx context.Context, live *corev1.Pod) ([]render.Pair, error) {
	live.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
	plan, err := d.l.At(submitter.Run{
		Key:        cmp.Or(live.Annotations[driver.AnnotationRunKey], d.l.Plan().Run.Key),
		Generation: cmp.Or(d.l.Plan().Run.Generation, live.Annotations[driver.AnnotationGeneration]), Attempt: attempt(live),
	})
	if err != nil {
		return nil, err
	}
	plan = plan.Called(live.Name)
	own := belongings{d.l.Client(), live}
	conf := own.conf(ctx)
	objects, err := d.l.Objects(plan, drawn(live, conf))
	if err != nil {
		return nil, err
	}
	pairs := []render.Pair{}
	known := map[string]bool{}
	for _, object := range objects {
		known[object.GetObjectKind().GroupVersionKind().Kind+"/"+object.GetName()] = true
		if _, is := object.(*corev1.Pod); is {
			pairs = append(pairs, render.Pair{Live: live, New: object})
			continue
		}
		stands, readable := d.read(ctx, object)
		_, service := object.(*corev1.Service)
		switch {
		case !readable || stands == nil && service && driver.Over(live, driver.Container(live, "")):
			// A driver takes its Service away when it stops, KubernetesClusterSchedulerBackend.stop.
		case stands == nil:
			pairs = append(pairs, render.Pair{New: object})
		default:
			pairs = append(pairs, render.Pair{Live: stands, New: object})
		}
	}
	for _, object := range own.named(conf) {
		if known[object.GetObjectKind().GroupVersionKind().Kind+"/"+object.GetName()] {
			continue
		}
		stands, readable := d.read(ctx, object)
		if readable && stands != nil && slices.ContainsFunc(stands.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == live.UID }) {
			pairs = append(pairs, render.Pair{Live: stands})
		}
	}
	return pairs, nil
}

// read reads an object that stands there; nil if it does not. readable is false, and that is told, where it cannot be known.
func (d differ) read(ctx context.Context, object native.Object) (stands native.Object, readable bool) {
	found, err := d.l.Client().Read(ctx, d.l.Plan().Namespace, object)
	switch {
	case apierrors.IsNotFound(err):
		return nil, true
	case err != nil:
		tell(d.env, "note: not compared: %v", err)
		return nil, false
	default:
		return found, true
	}
}

// drawn is what a submission drew that made a driver.
func drawn(live *corev1.Pod, conf map[string]string) cli.Drawn {
	found := cli.Sample()
	found.ApplicationID = cmp.Or(live.Labels[driver.LabelSelector], found.ApplicationID)
	found.Launcher = cmp.Or(live.Annotations[driver.AnnotationLauncher], found.Launcher)
	for _, volume := range live.Spec.Volumes {
		if volume.Name == confVolume && volume.ConfigMap != nil {
			id := strings.TrimSuffix(strings.TrimPrefix(volume.ConfigMap.Name, "spark-drv-"), "-conf-map")
			found.UniqueID = id
		}
	}
	for _, container := range live.Spec.Containers {
		for _, mount := range container.VolumeMounts {
			if id, is := strings.CutPrefix(mount.MountPath, "/var/data/spark-"); is {
				found.LocalDirID = id
			}
		}
	}
	if milliseconds, err := strconv.ParseInt(conf["spark.app.submitTime"], 10, 64); err == nil {
		found.Submitted = time.UnixMilli(milliseconds)
	}
	return found
}
