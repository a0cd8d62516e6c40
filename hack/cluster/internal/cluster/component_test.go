// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/progress"
)

func TestOneComponent(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(*Manager, context.Context, string) error{
		"kill": (*Manager).Kill, "stop": (*Manager).Stop, "start": (*Manager).Start,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &Manager{
				Name: "of-a-test-not-up", Cache: layout.NewCache(t.TempDir(), ""), Progress: progress.New(io.Discard, time.Now), Now: time.Now,
			}
			wrong, ok := errors.AsType[*ComponentError](do(m, t.Context(), "kube-api"))
			if !ok || !strings.Contains(wrong.Hint(), "kube-apiserver, ") {
				t.Errorf("a component that there is not: %v", wrong)
			}
			if _, ok := errors.AsType[*NotUpError](do(m, t.Context(), "kube-apiserver")); !ok {
				t.Error("a cluster that is not up is not told")
			}
		})
	}
}
