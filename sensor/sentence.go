// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/internal/pattern"
)

// sentence is what Kubernetes says, on one line and without what only repeats or numbers it, or else its reason.
func sentence(message, reason string) string {
	text := oneLine(message)
	if text == "" {
		return reason
	}
	// A container's ID, the code of a call in a chain of them, and the pod that everybody knows it is about.
	text = pattern.Of(` "[0-9a-f]{64}"|rpc error: code = \w+ desc = | \(pod: "[^"]*", container: [^)]*\)`).ReplaceAllString(text, "")
	// The scheduler ends what the API said with its reason.
	return strings.TrimSuffix(text, ". not found")
}

// runtimeError leaves out of a container runtime's chain of errors who passed it on.
func runtimeError(text string) string {
	for _, before := range []string{"unable to start container process: ", "runc create failed: ", "OCI runtime create failed: "} {
		if _, said, ok := strings.Cut(text, before); ok {
			text = said
			break
		}
	}
	return strings.TrimSuffix(text, ": unknown")
}

// pullError leaves out of containerd's chain of errors what repeats the image's name.
func pullError(message, image string) string {
	text := oneLine(message)
	for _, before := range []string{"failed to resolve image: ", "failed to resolve reference ", "failed to pull and unpack image "} {
		if at := strings.LastIndex(text, before); at >= 0 {
			text = text[at+len(before):]
			if _, rest, ok := strings.Cut(text, `": `); ok && strings.HasPrefix(text, `"`) {
				text = rest
			}
			break
		}
	}
	text = strings.TrimPrefix(text, image+": ")
	if text == "" {
		return "the registry's answer is not known yet"
	}
	return text
}

// span is d as people write it: 2m, not 2m0s.
func span(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
