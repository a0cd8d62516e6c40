// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package spark

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	files "github.com/sparkctl/sparkctl/hack/cluster/spark"
)

// ExamplesJar is where the example application is, below SPARK_HOME.
const ExamplesJar = "examples/jars/sparkctl-examples.jar"

// examples compiles the example application against the Spark in home.
func (m Maker) examples(ctx context.Context, version, home string) ([]byte, error) {
	folder, err := os.MkdirTemp("", "sparkctl-examples-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	sources, err := fs.Sub(files.Files, "java")
	if err != nil {
		return nil, fmt.Errorf("find example sources: %w", err)
	}
	if err := os.CopyFS(filepath.Join(folder, "java"), sources); err != nil {
		return nil, fmt.Errorf("write example sources: %w", err)
	}
	list, err := filepath.Glob(filepath.Join(folder, "java", "dev", "sparkctl", "examples", "*.java"))
	if err != nil {
		return nil, fmt.Errorf("list example sources: %w", err)
	}
	classes := filepath.Join(folder, "classes")
	args := []string{
		"javac", "--release", layout.JavaMajor, "-Xlint:-path", "-proc:none",
		"-cp", filepath.Join(home, "jars") + "/*", "-d", classes,
	}
	job := host.Job{Log: m.Cache.Log("spark-" + version), Args: append(args, list...)}
	if err := job.Run(ctx); err != nil {
		return nil, fmt.Errorf("compile example application: %w", err)
	}
	return jar(classes)
}

// jar packs the classes without times, so that equal sources make equal bytes.
func jar(classes string) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	manifest, err := z.Create("META-INF/MANIFEST.MF")
	if err != nil {
		return nil, fmt.Errorf("write jar: %w", err)
	}
	if _, err := manifest.Write([]byte("Manifest-Version: 1.0\r\nMain-Class: dev.sparkctl.examples.Main\r\n\r\n")); err != nil {
		return nil, fmt.Errorf("write jar: %w", err)
	}
	root := os.DirFS(classes)
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := z.Create(name)
		if err != nil {
			return err
		}
		_, err = file.Write(data)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("write jar: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write jar: %w", err)
	}
	return out.Bytes(), nil
}
