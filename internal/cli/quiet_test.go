// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/klog/v2"
)

func TestNothingOfClientGosOwnLogIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stderr")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = file
	t.Cleanup(func() { os.Stderr = stderr })

	quietClientGo()
	klog.Warning("a warning")
	klog.ErrorS(errors.New("context canceled"), "Unexpected error when reading response body")
	klog.FromContext(t.Context()).Error(errors.New("context canceled"), "the same by another way")
	klog.Flush()
	if text, err := os.ReadFile(path); err != nil || len(text) > 0 {
		t.Errorf("on standard error: %s %v", text, err)
	}
}
