// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package spark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/image"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/progress"
	files "github.com/sparkctl/sparkctl/hack/cluster/spark"
)

// inImage is SPARK_HOME within the image, as in Spark's own images.
const inImage = "opt/spark"

// Image returns the archive of the version's image, made once. The root file
// system and the download are made at the same time.
func (m Maker) Image(ctx context.Context, version string) (string, error) {
	var base, home string
	err := progress.Together(ctx,
		func(ctx context.Context) (err error) { base, err = m.base(ctx); return err },
		func(ctx context.Context) (err error) { home, err = m.Home(ctx, version); return err },
	)
	if err != nil {
		return "", err
	}
	digest, err := recipeDigest(base)
	if err != nil {
		return "", err
	}
	release, err := host.Lock(ctx, m.Cache.Lock("spark-image-"+version), nil)
	if err != nil {
		return "", err
	}
	defer release()
	file := m.Cache.Spark(version, "image-"+digest+".tar")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	err = m.Progress.Do(ctx, "image of Spark "+version, m.Cache.Log("spark-"+version), func(ctx context.Context) error {
		return m.assemble(ctx, version, base, home, file)
	})
	return file, err
}

// placeInImage maps a path in SPARK_HOME to one in the image: PyPI's distribution
// has the Python examples in a folder of its own, the images that Apache Spark
// publishes have them where they are in its source.
func placeInImage(name string) string {
	if rest, ok := strings.CutPrefix(name, "examples/"); ok {
		return "examples/src/main/python/" + rest
	}
	return name
}

// recipeDigest changes when an image would come out differently.
func recipeDigest(base string) (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, "2", filepath.Base(filepath.Dir(base)), layout.JavaMajor)
	err := fs.WalkDir(files.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files.Files, name)
		_, _ = fmt.Fprintf(h, "%s %x\n", name, sha256.Sum256(data))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read image sources: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}

func (m Maker) assemble(ctx context.Context, version, base, home, file string) error {
	jar, err := m.examples(ctx, version, home)
	if err != nil {
		return err
	}
	top, err := topItems(jar)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(filepath.Dir(file), "making-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	layers := []image.Layer{}
	add := func(path string) error {
		digest, size, err := hashFile(path)
		layers = append(layers, image.Layer{Digest: digest, Size: size, Open: func() (io.ReadCloser, error) { return os.Open(path) }})
		return err
	}
	if err := add(base); err != nil {
		return err
	}
	tree, files := filepath.Join(folder, "spark.tar"), filepath.Join(folder, "top.tar")
	if err := writeTo(tree, func(w io.Writer) error { return writeTree(w, home, inImage, placeInImage) }); err != nil {
		return err
	}
	if err := add(tree); err != nil {
		return err
	}
	if err := writeTo(files, func(w io.Writer) error { return writeItems(w, top) }); err != nil {
		return err
	}
	if err := add(files); err != nil {
		return err
	}
	config, err := imageConfig(home, layers)
	if err != nil {
		return err
	}
	made := image.Image{Name: "localhost/sparkctl/spark:" + version, Config: config, Layers: layers}
	if err := writeTo(file+".new", made.WriteDocker); err != nil {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("keep image: %w", err)
	}
	return removeOlder(file)
}

// removeOlder removes what earlier recipes made of the same version, and what
// was being made when something killed its maker.
func removeOlder(file string) error {
	for _, pattern := range []string{"image-*", "making-*"} {
		older, err := filepath.Glob(filepath.Join(filepath.Dir(file), pattern))
		if err != nil {
			return fmt.Errorf("list older images: %w", err)
		}
		for _, name := range older {
			if name == file {
				continue
			}
			if err := os.RemoveAll(name); err != nil {
				return fmt.Errorf("remove older image: %w", err)
			}
		}
	}
	return nil
}

func writeTo(file string, write func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("make file: %w", err)
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

func topItems(jar []byte) ([]item, error) {
	items := []item{
		{name: inImage + "/work-dir", mode: 0o775, owner: sparkUser, folder: true},
		{name: inImage + "/examples/jars", mode: 0o755, folder: true},
		{name: inImage + "/" + ExamplesJar, mode: 0o644, data: jar},
	}
	for _, name := range []string{"entrypoint.sh", "decom.sh"} {
		data, err := files.Files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read image sources: %w", err)
		}
		items = append(items, item{name: "opt/" + name, mode: 0o755, data: data})
	}
	return items, nil
}

func imageConfig(home string, layers []image.Layer) ([]byte, error) {
	py4j, err := filepath.Glob(filepath.Join(home, "python", "lib", "py4j-*-src.zip"))
	if err != nil || len(py4j) != 1 {
		return nil, fmt.Errorf("find py4j in %s: %d found", home, len(py4j))
	}
	diffIDs := make([]string, 0, len(layers))
	for _, layer := range layers {
		diffIDs = append(diffIDs, layer.Digest)
	}
	lib := "/" + inImage + "/python/lib/"
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config": map[string]any{
			"User":       fmt.Sprint(sparkUser),
			"WorkingDir": "/" + inImage + "/work-dir",
			"Entrypoint": []string{"/opt/entrypoint.sh"},
			"Env": []string{
				"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
				"SPARK_HOME=/" + inImage,
				"JAVA_HOME=/usr/lib/jvm/java-" + layout.JavaMajor + "-openjdk-" + runtime.GOARCH,
				"PYTHONPATH=" + lib + "pyspark.zip:" + lib + filepath.Base(py4j[0]),
			},
		},
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	})
	if err != nil {
		return nil, fmt.Errorf("encode image configuration: %w", err)
	}
	return config, nil
}
