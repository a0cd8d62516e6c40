// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/submitter/refused"
	"github.com/sparkctl/sparkctl/xcom"
)

// isRefusal reports whether an answer is the API server's own word that it did nothing, and would do nothing if it were asked again.
func isRefusal(err error) bool {
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		return false
	}
	switch code := status.Status().Code; {
	case apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse):
		// Not the API server's words: something in between has answered.
		return false
	case code == http.StatusConflict, code == http.StatusRequestTimeout, code == http.StatusTooManyRequests:
		return false
	default:
		return code >= http.StatusBadRequest && code < http.StatusInternalServerError
	}
}

// isNoKind reports whether an answer can be the API server's about a kind that it does not know: of those it speaks in plain text,
// as anybody else might who stands in between.
func isNoKind(err error, object Object) bool {
	group := object.GetObjectKind().GroupVersionKind().Group
	custom := group != "" && !strings.HasSuffix(group, ".k8s.io")
	return custom && apierrors.IsNotFound(err) && apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}

func isPodObject(object Object) bool { return objectKind(object) == "Pod" }

func objectKind(object Object) string { return object.GetObjectKind().GroupVersionKind().Kind }

// explain makes an error of a refusal, of the same kinds as of a spark-submit that was refused.
func explain(err error) error {
	said := secret.Mask(err.Error())
	if kind, known := refused.Of(refused.Kinds(), said); known {
		return kind.Error("the API server refused: " + said)
	}
	switch {
	case apierrors.IsForbidden(err):
		return refused.Forbidden().Error("the API server refused: " + said)
	case apierrors.IsUnauthorized(err):
		return refused.Unauthorized().Error("the API server refused: " + said)
	case apierrors.IsNotFound(err):
		kind := refused.Invalid()
		kind.Hint = "install what serves that kind, or take out the setting that asks for it"
		return kind.Error("the API server does not know what is to be made: " + said)
	default:
		return refused.Invalid().Error("the API server refused: " + said)
	}
}

// unreachable is the end of trying: for so long no call had a usable answer.
func unreachable(timeout time.Duration, err error) error {
	said := secret.Mask(err.Error())
	kind, known := refused.Of(refused.Kinds(), said)
	if !known {
		kind = refused.Unreachable()
		kind.Hint = "check the network to the API server, or raise --api-timeout"
	}
	return kind.Error("the API server gave no usable answer for " + timeout.String() + ": " + said)
}

// taken is the failure of a create whose name another object has.
func taken(object Object, err error) error {
	return refused.Exists().Error(strings.ToLower(objectKind(object)) + " " + object.GetName() + " stands there already, and is not ours: " + err.Error())
}

// interrupted is the end of a delivery that was asked to stop, and had its grace.
func interrupted(ctx context.Context) error {
	return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "stopped before the driver's objects were made: %w", context.Cause(ctx))
}
