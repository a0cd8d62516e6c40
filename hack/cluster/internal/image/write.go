// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// WriteOCI writes an OCI layout as a tar, without the layers for which held says
// that the receiver has them already.
func (i Image) WriteOCI(w io.Writer, reference string, held func(digest string) bool) error {
	manifest, err := i.Manifest()
	if err != nil {
		return err
	}
	index, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     indexType,
		"manifests": []Descriptor{{
			MediaType: manifestType, Digest: Digest(manifest), Size: int64(len(manifest)),
			Annotations: map[string]string{
				"io.containerd.image.name":          reference,
				"org.opencontainers.image.ref.name": reference,
			},
		}},
	})
	if err != nil {
		return fmt.Errorf("encode index: %w", err)
	}
	t := tar.NewWriter(w)
	written := map[string]bool{}
	for _, layer := range i.Layers {
		if written[layer.Digest] || held(layer.Digest) {
			continue
		}
		written[layer.Digest] = true
		if err := layer.write(t, blobPath(layer.Digest)); err != nil {
			return err
		}
	}
	files := []struct {
		name string
		data []byte
	}{
		{blobPath(Digest(i.Config)), i.Config},
		{blobPath(Digest(manifest)), manifest},
		{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{"index.json", index},
	}
	for _, file := range files {
		if err := writeFile(t, file.name, file.data); err != nil {
			return err
		}
	}
	return closeTar(t)
}

// WriteDocker writes the archive that `docker load` and this package read. A
// gzip layer is written as it is: readers look at its first bytes.
func (i Image) WriteDocker(w io.Writer) error {
	t := tar.NewWriter(w)
	config := strings.TrimPrefix(Digest(i.Config), digestPrefix) + ".json"
	entry := dockerEntry{Config: config}
	if i.Name != "" {
		entry.RepoTags = []string{i.Name}
	}
	written := map[string]bool{}
	for _, layer := range i.Layers {
		name := strings.TrimPrefix(layer.Digest, digestPrefix) + ".tar"
		entry.Layers = append(entry.Layers, name)
		if written[name] {
			continue
		}
		written[name] = true
		if err := layer.write(t, name); err != nil {
			return err
		}
	}
	if err := writeFile(t, config, i.Config); err != nil {
		return err
	}
	manifest, err := json.Marshal([]dockerEntry{entry})
	if err != nil {
		return fmt.Errorf("encode archive manifest: %w", err)
	}
	if err := writeFile(t, "manifest.json", manifest); err != nil {
		return err
	}
	return closeTar(t)
}

func blobPath(digest string) string {
	return "blobs/sha256/" + strings.TrimPrefix(digest, digestPrefix)
}

func (l Layer) write(t *tar.Writer, name string) error {
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: l.Size}); err != nil {
		return fmt.Errorf("write layer %s: %w", l.Digest, err)
	}
	from, err := l.Open()
	if err != nil {
		return fmt.Errorf("open layer %s: %w", l.Digest, err)
	}
	defer func() { _ = from.Close() }()
	if _, err := io.Copy(t, from); err != nil {
		return fmt.Errorf("write layer %s: %w", l.Digest, err)
	}
	return nil
}

func writeFile(t *tar.Writer, name string, data []byte) error {
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := t.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func closeTar(t *tar.Writer) error {
	if err := t.Close(); err != nil {
		return fmt.Errorf("end archive: %w", err)
	}
	return nil
}

// FileLayer returns a layer that holds one executable file, called name.
func FileLayer(name, file string) (Layer, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Layer{}, fmt.Errorf("read %s: %w", name, err)
	}
	var out bytes.Buffer
	t := tar.NewWriter(&out)
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data))}); err != nil {
		return Layer{}, fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := t.Write(data); err != nil {
		return Layer{}, fmt.Errorf("write %s: %w", name, err)
	}
	if err := closeTar(t); err != nil {
		return Layer{}, err
	}
	content := out.Bytes()
	return Layer{Digest: Digest(content), Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}, nil
}
