// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/pattern"
	"github.com/sparkctl/sparkctl/xcom"
)

const registryHint = "check that the node reaches the registry that spark.kubernetes.container.image names"

// neverPulledHint says what to change for an image that no registry is asked for.
func neverPulledHint(reason string) string {
	switch reason {
	case "ErrImageNeverPull":
		return "put the image on the node, or change spark.kubernetes.container.image.pullPolicy"
	case "SignatureValidationFailed":
		return "sign the image as the cluster asks for, or name one that is: spark.kubernetes.container.image"
	default:
		return "correct spark.kubernetes.container.image"
	}
}

const imageHint = "check spark.kubernetes.container.image, and spark.kubernetes.container.image.pullSecrets for a private registry"

// pullObstacle reads why an image cannot be pulled. The kubelet's back-off keeps the
// reason to itself in some versions; the event that it wrote before has it, and so has what was seen before.
func pullObstacle(o Observation, status corev1.ContainerStatus, waiting *corev1.ContainerStateWaiting) *obstacle {
	message := waiting.Message
	told := waiting.Reason == "ErrImagePull" || strings.Contains(message, "ErrImagePull")
	if event := latest(o.Events, "Failed"); !told && event != nil && strings.Contains(event.Message, "pull") {
		message, told = event.Message, true
	}
	_, seenBefore := o.History.first[noImage]
	ob := &obstacle{key: "pull", cause: xcom.Cause{
		Category: xcom.CategoryImage, Reason: "ErrImagePull", Hint: imageHint,
		Message: fmt.Sprintf("image %s cannot be pulled: %s", status.Image, pullError(message, status.Image)),
	}}
	if certain(message) || !told && seenBefore {
		ob.key, ob.patience = noImage, untilStuck
		ob.cause.Retryable = no()
		if strings.Contains(message, "platform") {
			ob.cause.Hint = architectureHint
		}
	} else if told {
		ob.cause.Hint = registryHint
	}
	return ob
}

// noImage is the key of an image that a registry will not give.
const noImage = "no image"

// certain reports whether a registry's answer says that asking again will not help: there is no
// such image, or we may not have it. A registry that is not reached, or that is too busy, may answer yet.
func certain(message string) bool {
	passing := pattern.Of(`(?i)toomanyrequests|too many requests|\b429\b|\b5\d\d\b|timeout|timed out|deadline exceeded|refused|reset by peer|no such host|EOF|TLS handshake|unreachable`)
	answered := pattern.Of(`(?i)not found|manifest unknown|name unknown|unauthorized|access denied|\bdenied\b|forbidden|authentication required|no match for platform|no matching manifest`)
	return answered.MatchString(message) && !passing.MatchString(message)
}
