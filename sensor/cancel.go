// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// OnCancel is what becomes of the driver when the one who follows it is asked to end.
type OnCancel string

// The ways to treat the driver.
const (
	// CancelAuto kills it when the caller was cancelled and leaves it when the caller's node was drained.
	CancelAuto OnCancel = "auto"
	// CancelLeave leaves it running.
	CancelLeave OnCancel = "leave"
	// CancelKill ends it.
	CancelKill OnCancel = "kill"
)

// ParseOnCancel reads the value of --on-cancel.
func ParseOnCancel(s string) (OnCancel, error) {
	switch o := OnCancel(s); o {
	case CancelAuto, CancelLeave, CancelKill:
		return o, nil
	default:
		return "", fmt.Errorf("%q is none of auto, leave, kill", s)
	}
}

// Kills says whether the driver is to be killed, and why or why not, in words. own is the pod of the
// one who was asked to end, nil when it cannot be read or is none.
func (o OnCancel) Kills(own *corev1.Pod) (kill bool, why string) {
	switch {
	case o == CancelKill:
		return true, "--on-cancel=kill"
	case o == CancelLeave:
		return false, "--on-cancel=leave"
	case own == nil:
		return true, "cancelled: this process was asked to end, and it could not be seen that it is being moved"
	}
	if c := driver.Condition(own, corev1.DisruptionTarget); c != nil && c.Status == corev1.ConditionTrue {
		return false, "drained: this pod is being moved (" + c.Reason + "), the next one can go on with the driver"
	}
	return true, "cancelled: this pod was deleted"
}
