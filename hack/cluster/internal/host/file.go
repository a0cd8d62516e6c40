// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package host

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile writes the file so that it is there whole or not at all, and not at
// all when it already has this content.
func WriteFile(file string, data []byte, mode os.FileMode) error {
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(file+".new", data, mode); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}
