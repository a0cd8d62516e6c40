// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package xcom

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// DefaultDir is where Airflow's KubernetesPodOperator mounts the volume it reads
// an XCom from, and DefaultFile the file it reads. The folder is not there when
// nobody wants an XCom.
const (
	DefaultDir  = "/airflow/xcom"
	DefaultFile = DefaultDir + "/return.json"
)

// File is a result on disk. A reader sees the old document or the new one, never a
// part of one.
type File struct {
	// Path of the document; its folder must exist.
	Path string
	// MaxBytes is the size the document is made to fit; see [Encode].
	MaxBytes int
}

// Write replaces the document. The file is readable by everybody (0644): the
// sidecar that reads it may run as another user.
func (f File) Write(r Result) error {
	line, err := Encode(r, f.MaxBytes)
	if err != nil {
		return err
	}
	if err := f.replace(line); err != nil {
		return fmt.Errorf("write result %s: %w", f.Path, err)
	}
	return nil
}

// replace writes a temporary file beside the document, on the same mount, and
// renames it. Both the file and the folder are synced: a node that loses power
// right after must not come back with an empty document.
func (f File) replace(line []byte) (err error) {
	dir := filepath.Dir(f.Path)
	temp, err := os.CreateTemp(dir, "."+filepath.Base(f.Path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.Write(line)
	err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), f.Path); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// syncDir is done on a best effort: not every file system can sync a folder, and
// the rename has happened all the same.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}
