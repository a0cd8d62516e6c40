// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"context"
	"errors"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// refusing answers every create of one kind with an error, and takes all others.
type refusing struct {
	API
	kind  string
	err   error
	taken int
}

func (r *refusing) Create(_ context.Context, _ string, object kube.Object) (metav1.ObjectMeta, error) {
	if objectKind(object) == r.kind {
		return metav1.ObjectMeta{}, r.err
	}
	r.taken++
	return metav1.ObjectMeta{Name: object.GetName(), UID: "uid"}, nil
}

func TestATrialEndsWithWhatTheServerSaysOfTheFirstObjectThatItDoesNotTake(t *testing.T) {
	t.Parallel()
	pods := schema.GroupResource{Resource: "pods"}
	for name, test := range map[string]struct {
		kind   string
		err    error
		code   xcom.ExitCode
		reason string
	}{
		"a name that is taken":       {"Pod", apierrors.NewAlreadyExists(pods, "driver"), xcom.ExitConflict, "AlreadyExists"},
		"a right that is missing":    {"Pod", apierrors.NewForbidden(pods, "driver", errors.New("no")), xcom.ExitRefused, "Forbidden"},
		"a server that is not there": {"Pod", errors.New("connection refused"), xcom.ExitRetry, "Unreachable"},
		"a server that is in need":   {"Service", apierrors.NewInternalError(errors.New("no leader")), xcom.ExitRetry, "Unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := inputOf(t, "4.0.1", "--class", "C", "local:///app.jar")
			objects, err := Build(in)
			if err != nil {
				t.Fatal(err)
			}
			api := &refusing{kind: test.kind, err: test.err}
			_, err = Try(t.Context(), api, in.Plan, objects)
			wrong, is := errors.AsType[*problem.Error](err)
			if !is || wrong.Code != test.code || wrong.Cause.Reason != test.reason {
				t.Errorf("%v, want %s with exit code %d", err, test.reason, test.code)
			}
		})
	}
	in := inputOf(t, "4.0.1", "--class", "C", "local:///app.jar")
	objects, err := Build(in)
	if err != nil {
		t.Fatal(err)
	}
	api := &refusing{}
	tried, err := Try(t.Context(), api, in.Plan, objects)
	if err != nil || len(tried) < 3 || api.taken != len(tried) {
		t.Errorf("%d of %d objects were tried: %v", api.taken, len(tried), err)
	}
	for _, object := range tried {
		if owned := len(object.GetOwnerReferences()) > 0; owned == isPodObject(object) {
			t.Errorf("%s %s has %d owners", objectKind(object), object.GetName(), len(object.GetOwnerReferences()))
		}
	}
}
