// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package spark makes a Spark image out of public parts: a Debian root file
// system with Java and Python, the Spark that is in the pyspark distribution on
// PyPI, and an entrypoint and an example application of ours.
//
// [Maker.Home] is a SPARK_HOME on this machine, [Maker.Image] an archive. Both
// are kept in the cache, by version and by what they were made from.
package spark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/progress"
)

// Maker makes Spark images.
type Maker struct {
	Cache    layout.Cache
	Progress *progress.Reporter
}

// finishBase runs inside the new root file system: the user that Spark's images
// run as, with a home (a driver without one dies over its Ivy folder), and away
// with what no program reads.
const finishBase = `set -e
echo "spark:x:185:0:Spark:/home/spark:/usr/sbin/nologin" >>/etc/passwd
install --directory --owner 185 --group 0 --mode 0775 /home/spark
chmod g+w /etc/passwd
rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /tmp/* /usr/share/doc/* /usr/share/man /usr/share/info \
  /usr/share/locale /usr/share/lintian`

// base makes the root file system's layer once, and returns its file.
func (m Maker) base(ctx context.Context) (string, error) {
	recipe := []string{
		"mmdebstrap", "--mode=root", "--variant=essential",
		"--include=bash,ca-certificates,openjdk-" + layout.JavaMajor + "-jre-headless,procps,python3,tini",
		`--customize-hook=chroot "$1" sh -c '` + finishBase + `'`,
		layout.DebianRelease,
	}
	sum := sha256.Sum256([]byte(strings.Join(recipe, "\x00")))
	file := m.Cache.Spark("base-"+hex.EncodeToString(sum[:])[:12], "layer.tar")
	log := m.Cache.Log("spark-base")
	part := "root file system (Debian " + layout.DebianRelease + ", Java " + layout.JavaMajor + ", Python)"
	release, err := host.Lock(ctx, m.Cache.Lock("spark-base"), func() { m.Progress.Say("%s: another run makes it, waiting", part) })
	if err != nil {
		return "", err
	}
	defer release()
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	return file, m.Progress.Do(ctx, part, log, func(ctx context.Context) error {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		_ = os.Remove(log)
		job := host.Job{Log: log, Args: append(recipe, file+".new.tar")}
		if err := job.Run(ctx); err != nil {
			_ = os.RemoveAll(filepath.Dir(file))
			return err
		}
		if err := os.Rename(file+".new.tar", file); err != nil {
			return fmt.Errorf("keep root file system: %w", err)
		}
		return nil
	})
}

// hashFile returns a file's digest and size.
func hashFile(file string) (digest string, size int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", 0, fmt.Errorf("open layer: %w", err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	size, err = io.Copy(h, f)
	if err != nil {
		return "", 0, fmt.Errorf("read layer: %w", err)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), size, nil
}
