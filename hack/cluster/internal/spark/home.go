// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package spark

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
)

// CheckVersion refuses what is not a release from 3.3 to 4.3 or later.
func CheckVersion(version string) error {
	parts := strings.Split(version, ".")
	numbers := make([]int, 0, 3)
	for _, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			break
		}
		numbers = append(numbers, n)
	}
	if len(parts) != 3 || len(numbers) != 3 {
		return fmt.Errorf("check Spark version %q: want a release such as 4.0.5", version)
	}
	if numbers[0] < 3 || numbers[0] == 3 && numbers[1] < 3 {
		return fmt.Errorf("check Spark version %q: 3.3 is the oldest that is supported", version)
	}
	return nil
}

// Home returns a SPARK_HOME of the version on this machine, downloaded once.
func (m Maker) Home(ctx context.Context, version string) (string, error) {
	home := m.Cache.Spark(version, "home")
	log := m.Cache.Log("spark-" + version)
	release, err := host.Lock(ctx, m.Cache.Lock("spark-home-"+version), func() { m.Progress.Say("Spark %s: another run downloads it, waiting", version) })
	if err != nil {
		return "", err
	}
	defer release()
	if _, err := os.Stat(home); err == nil {
		return home, nil
	}
	sdist := m.Cache.Spark(version, "sdist")
	_ = os.Remove(log)
	err = m.Progress.Do(ctx, "Spark "+version+" from PyPI (about 430 MB)", log, func(ctx context.Context) error {
		return download(ctx, version, sdist, log)
	})
	if err != nil {
		return "", err
	}
	err = m.Progress.Do(ctx, "unpack Spark "+version, "", func(context.Context) error {
		if err := unpack(filepath.Join(sdist, "pyspark-"+version+".tar.gz"), home); err != nil {
			return err
		}
		return os.RemoveAll(sdist)
	})
	return home, err
}

// download leaves the distribution in folder. Only its file is wanted, but pip
// asks it for its metadata too.
func download(ctx context.Context, version, folder, log string) error {
	if _, err := os.Stat(filepath.Join(folder, "pyspark-"+version+".tar.gz")); err == nil {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	job := host.Job{Log: log, Args: []string{
		"pip3", "download", "--no-cache-dir", "--disable-pip-version-check", "--progress-bar", "off",
		"--no-deps", "--dest", folder, "pyspark==" + version,
	}}
	if err := job.Run(ctx); err != nil {
		_ = os.RemoveAll(folder)
		_ = os.Remove(filepath.Dir(folder)) // refuses if it holds more
		return err
	}
	return nil
}

// place maps a path of the distribution to one of SPARK_HOME; empty leaves it out.
func place(name string) string {
	_, name, _ = strings.Cut(filepath.ToSlash(filepath.Clean(name)), "/")
	if rest, ok := strings.CutPrefix(name, "deps/"); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(name, "lib/"); ok {
		return "python/lib/" + rest
	}
	return ""
}

// unpack makes SPARK_HOME whole or not at all.
func unpack(sdist, home string) error {
	f, err := os.Open(sdist)
	if err != nil {
		return fmt.Errorf("open distribution: %w", err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read distribution: %w", err)
	}
	fresh := home + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove half-unpacked Spark: %w", err)
	}
	t := tar.NewReader(z)
	for {
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read distribution: %w", err)
		}
		to := place(header.Name)
		if to == "" || header.Typeflag != tar.TypeReg || !filepath.IsLocal(to) {
			continue
		}
		if err := extract(t, filepath.Join(fresh, to), header.FileInfo().Mode().Perm()); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(fresh, "bin", "spark-submit")); err != nil {
		return fmt.Errorf("unpack distribution: it holds no spark-submit")
	}
	if err := os.Rename(fresh, home); err != nil {
		return fmt.Errorf("keep Spark: %w", err)
	}
	return nil
}

func extract(from io.Reader, file string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("unpack distribution: %w", err)
	}
	if base := filepath.Base(filepath.Dir(file)); base == "bin" || base == "sbin" {
		mode = 0o755
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode|0o644)
	if err != nil {
		return fmt.Errorf("unpack distribution: %w", err)
	}
	if _, err := io.Copy(f, from); err != nil {
		_ = f.Close()
		return fmt.Errorf("unpack distribution: %w", err)
	}
	return f.Close()
}
