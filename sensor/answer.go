// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// refused reports whether the API server refuses a call: we may not, or it does not know us.
func refused(err error) bool { return apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) }

// saysGone reports whether the API server itself said that there is no such pod: a proxy without a server
// behind it says 404 too, in other words.
func saysGone(err error) bool {
	return apierrors.IsNotFound(err) && !apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}

// podMissing reports the same of the answer to a request for a pod's log: a kubelet that was just restarted answers 404
// as well, of pods that it has not seen yet, and the API server passes that on as one about pods/log.
func podMissing(err error) bool {
	var status apierrors.APIStatus
	if !saysGone(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details != nil && details.Kind == "pods"
}
