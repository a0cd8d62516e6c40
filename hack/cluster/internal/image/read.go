// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

type dockerEntry struct {
	Config   string   `json:"Config"`
	RepoTags []string `json:"RepoTags"`
	Layers   []string `json:"Layers"`
}

// entry is where a file's bytes are within an archive.
type entry struct {
	offset, size int64
	link         string
}

type archive struct {
	file    string
	entries map[string]entry
}

// Read returns the images of a docker-archive or OCI archive. The file must
// stay as it is while they are used: their layers are read from it.
func Read(file string) ([]Image, error) {
	a, err := open(file)
	if err != nil {
		return nil, err
	}
	if _, ok := a.entries["manifest.json"]; ok {
		return a.docker()
	}
	if _, ok := a.entries["index.json"]; ok {
		return a.oci()
	}
	return nil, fmt.Errorf("read image archive %s: it holds neither manifest.json (docker-archive) nor index.json (OCI)", file)
}

// open lists the archive without reading its content.
func open(file string) (*archive, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open image archive: %w", err)
	}
	defer func() { _ = f.Close() }()
	a := &archive{file: file, entries: map[string]entry{}}
	t := tar.NewReader(f)
	for {
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read image archive %s: %w (it must be an uncompressed tar)", file, err)
		}
		offset, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, fmt.Errorf("read image archive %s: %w", file, err)
		}
		found := entry{offset: offset, size: header.Size}
		switch header.Typeflag {
		case tar.TypeSymlink:
			found.link = path.Join(path.Dir(header.Name), header.Linkname)
		case tar.TypeLink:
			found.link = header.Linkname
		}
		a.entries[path.Clean(header.Name)] = found
	}
	return a, nil
}

// find follows one link: some writers store a layer once and link to it.
func (a *archive) find(name string) (entry, error) {
	found, ok := a.entries[path.Clean(name)]
	if ok && found.link != "" {
		found, ok = a.entries[path.Clean(found.link)]
	}
	if !ok {
		return entry{}, fmt.Errorf("read image archive %s: %s is missing", a.file, name)
	}
	return found, nil
}

type section struct {
	io.Reader
	io.Closer
}

func (a *archive) opener(e entry) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		f, err := os.Open(a.file)
		if err != nil {
			return nil, err
		}
		return section{io.NewSectionReader(f, e.offset, e.size), f}, nil
	}
}

func (a *archive) read(name string) ([]byte, error) {
	e, err := a.find(name)
	if err != nil {
		return nil, err
	}
	from, err := a.opener(e)()
	if err != nil {
		return nil, fmt.Errorf("open image archive: %w", err)
	}
	defer func() { _ = from.Close() }()
	data, err := io.ReadAll(from)
	if err != nil {
		return nil, fmt.Errorf("read %s of image archive %s: %w", name, a.file, err)
	}
	return data, nil
}

func (a *archive) decode(name string, into any) error {
	data, err := a.read(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("decode %s of image archive %s: %w", name, a.file, err)
	}
	return nil
}

func (a *archive) docker() ([]Image, error) {
	var listed []dockerEntry
	if err := a.decode("manifest.json", &listed); err != nil {
		return nil, err
	}
	var images []Image
	for _, e := range listed {
		config, err := a.read(e.Config)
		if err != nil {
			return nil, err
		}
		var root struct {
			RootFS struct {
				DiffIDs []string `json:"diff_ids"`
			} `json:"rootfs"`
		}
		if err := json.Unmarshal(config, &root); err != nil {
			return nil, fmt.Errorf("decode image configuration of %s: %w", a.file, err)
		}
		if len(root.RootFS.DiffIDs) != len(e.Layers) {
			return nil, fmt.Errorf("read image archive %s: %d layers, but %d in the configuration", a.file, len(e.Layers), len(root.RootFS.DiffIDs))
		}
		i := Image{Config: config}
		if len(e.RepoTags) > 0 {
			i.Name = e.RepoTags[0]
		}
		for n, name := range e.Layers {
			layer, err := a.layer(name, root.RootFS.DiffIDs[n])
			if err != nil {
				return nil, err
			}
			i.Layers = append(i.Layers, layer)
		}
		images = append(images, i)
	}
	return images, nil
}

// layer describes a layer of a docker-archive. An uncompressed one has the
// digest that the configuration tells; one that is compressed must be read.
func (a *archive) layer(name, diffID string) (Layer, error) {
	e, err := a.find(name)
	if err != nil {
		return Layer{}, err
	}
	layer := Layer{Digest: diffID, Size: e.size, Open: a.opener(e)}
	from, err := layer.Open()
	if err != nil {
		return Layer{}, fmt.Errorf("open image archive: %w", err)
	}
	defer func() { _ = from.Close() }()
	magic := make([]byte, 2)
	if _, err := io.ReadFull(from, magic); err != nil {
		return Layer{}, fmt.Errorf("read layer %s of %s: %w", name, a.file, err)
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return layer, nil
	}
	layer.Gzip = true
	h := sha256.New()
	_, _ = h.Write(magic)
	if _, err := io.Copy(h, from); err != nil {
		return Layer{}, fmt.Errorf("read layer %s of %s: %w", name, a.file, err)
	}
	layer.Digest = digestPrefix + hex.EncodeToString(h.Sum(nil))
	return layer, nil
}

func (a *archive) oci() ([]Image, error) {
	var index struct {
		Manifests []Descriptor `json:"manifests"`
	}
	if err := a.decode("index.json", &index); err != nil {
		return nil, err
	}
	var images []Image
	for _, d := range index.Manifests {
		if !strings.Contains(d.MediaType, "manifest.v") {
			return nil, fmt.Errorf("read image archive %s: %s is not an image of one platform", a.file, d.MediaType)
		}
		var manifest struct {
			Config Descriptor   `json:"config"`
			Layers []Descriptor `json:"layers"`
		}
		if err := a.decode(blobPath(d.Digest), &manifest); err != nil {
			return nil, err
		}
		i := Image{Name: ociName(d.Annotations)}
		var err error
		if i.Config, err = a.read(blobPath(manifest.Config.Digest)); err != nil {
			return nil, err
		}
		for _, l := range manifest.Layers {
			e, err := a.find(blobPath(l.Digest))
			if err != nil {
				return nil, err
			}
			i.Layers = append(i.Layers, Layer{
				Digest: l.Digest, Size: e.size, Gzip: strings.HasSuffix(l.MediaType, "gzip"), Open: a.opener(e),
			})
		}
		images = append(images, i)
	}
	return images, nil
}

// ociName prefers the full name; ref.name is often nothing but a tag.
func ociName(annotations map[string]string) string {
	if name := annotations["io.containerd.image.name"]; name != "" {
		return name
	}
	if name := annotations["org.opencontainers.image.ref.name"]; strings.ContainsAny(name, "/:") {
		return name
	}
	return ""
}
