// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package spark

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// sparkUser is the user id in Spark's own images; the group is root's.
const sparkUser = 185

// item is a file or folder of a layer.
type item struct {
	name  string
	mode  int64
	owner int
	// data is the content of a file; a folder has none.
	data   []byte
	folder bool
}

// writeItems writes a layer of a few files, without times.
func writeItems(w io.Writer, items []item) error {
	t := tar.NewWriter(w)
	for _, i := range items {
		header := &tar.Header{Name: i.name, Mode: i.mode, Uid: i.owner, Size: int64(len(i.data)), Typeflag: tar.TypeReg}
		if i.folder {
			header.Typeflag = tar.TypeDir
		}
		if err := t.WriteHeader(header); err != nil {
			return fmt.Errorf("write layer: %w", err)
		}
		if _, err := t.Write(i.data); err != nil {
			return fmt.Errorf("write layer: %w", err)
		}
	}
	if err := t.Close(); err != nil {
		return fmt.Errorf("write layer: %w", err)
	}
	return nil
}

// writeTree writes a layer that holds folder as to, each file under the name that
// place gives it there, without times and owned by root, so that equal folders
// make equal bytes.
func writeTree(w io.Writer, folder, to string, place func(string) string) error {
	t := tar.NewWriter(w)
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		header := &tar.Header{Name: path.Join(to, place(filepath.ToSlash(relative))), Mode: int64(info.Mode().Perm())}
		switch {
		case entry.IsDir():
			header.Typeflag, header.Mode = tar.TypeDir, 0o755
			return t.WriteHeader(header)
		case info.Mode().IsRegular():
			header.Typeflag, header.Size = tar.TypeReg, info.Size()
		default:
			return nil
		}
		if err := t.WriteHeader(header); err != nil {
			return err
		}
		from, err := os.Open(file)
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }()
		_, err = io.Copy(t, from)
		return err
	})
	if err != nil {
		return fmt.Errorf("write layer of %s: %w", folder, err)
	}
	if err := t.Close(); err != nil {
		return fmt.Errorf("write layer of %s: %w", folder, err)
	}
	return nil
}
