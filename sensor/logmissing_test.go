// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Only the API server knows whether there is a pod; others say 404 as well.
func TestPodMissing(t *testing.T) {
	answer := func(resource, message string, unexpected bool) error {
		return apierrors.NewGenericServerResponse(http.StatusNotFound, "get", schema.GroupResource{Resource: resource}, "etl-driver", message, 0, unexpected)
	}
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"the API server has no such pod", apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "etl-driver"), true},
		{"the same, on its way through our own words", fmt.Errorf("open log: %w", apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "etl-driver")), true},
		{"a kubelet that was restarted does not know the pod yet", answer("pods/log", "", false), false},
		{"a proxy has no API server", answer("pods", "404 page not found", true), false},
		{"an answer about nothing", answer("", "", false), false},
		{"no answer", errors.New("connection refused"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := podMissing(tt.err); got != tt.want {
				t.Errorf("podMissing(%v) = %v, want %v", tt.err, got, tt.want)
			}
		})
	}
}
