// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// An image is what we need to know of a docker archive.
type image struct {
	config map[string]any // the whole config document, unknown keys kept
	layers []blob
}

// A blob is one layer as the archive stores it.
type blob struct {
	digest    string // sha256:...
	size      int64
	mediaType string
	data      []byte // only for layers small enough to be kept
}

// keepBelow is the size in bytes up to which a layer's content is kept. Ours is
// some 15 MB; a Spark image has hundreds.
const keepBelow = 64 << 20

// readImage reads the only image of a docker archive, or its first.
func readImage(archive string) (image, error) {
	documents, entries, err := readEntries(archive)
	if err != nil {
		return image{}, err
	}
	var manifests []struct {
		Config string
		Layers []string
	}
	if err := json.Unmarshal(documents["manifest.json"], &manifests); err != nil || len(manifests) == 0 {
		return image{}, errors.Join(errors.New("not a docker archive: no usable manifest.json"), err)
	}
	img := image{}
	if err := json.Unmarshal(documents[manifests[0].Config], &img.config); err != nil {
		return image{}, fmt.Errorf("parse %s: %w", manifests[0].Config, err)
	}
	for _, name := range manifests[0].Layers {
		layer, ok := entries[name]
		if !ok {
			return image{}, fmt.Errorf("layer %s is not in the archive", name)
		}
		img.layers = append(img.layers, layer)
	}
	return img, nil
}

// readEntries reads an archive once: the small JSON files whole, every file as a blob.
func readEntries(name string) (documents map[string][]byte, entries map[string]blob, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	documents, entries = map[string][]byte{}, map[string]blob{}
	links := map[string]string{}
	for archive := tar.NewReader(file); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		switch {
		case header.Typeflag == tar.TypeSymlink, header.Typeflag == tar.TypeLink:
			links[header.Name] = path.Join(path.Dir(header.Name), header.Linkname)
		case header.Typeflag != tar.TypeReg:
		default:
			entry, err := readBlob(archive, header.Size)
			if err != nil {
				return nil, nil, fmt.Errorf("read %s: %w", header.Name, err)
			}
			entries[header.Name] = entry
			if header.Size < 1<<20 {
				documents[header.Name] = entry.data
			}
		}
	}
	for name, target := range links { // a layer that occurs twice is stored once
		if entry, ok := entries[target]; ok {
			entries[name] = entry
		}
	}
	return documents, entries, nil
}

// readBlob digests one entry. The digest is that of the stored bytes, for that
// is what a container runtime keeps an imported layer under.
func readBlob(r io.Reader, size int64) (blob, error) {
	buffered := bufio.NewReaderSize(r, 1<<20)
	start, _ := buffered.Peek(2)
	layer := blob{size: size, mediaType: "application/vnd.oci.image.layer.v1.tar"}
	if bytes.Equal(start, []byte{0x1f, 0x8b}) {
		layer.mediaType += "+gzip"
	}
	hash := sha256.New()
	var kept bytes.Buffer
	to := io.Writer(hash)
	if size <= keepBelow {
		to = io.MultiWriter(hash, &kept)
	}
	if _, err := io.Copy(to, buffered); err != nil {
		return blob{}, err
	}
	layer.digest = fmt.Sprintf("sha256:%x", hash.Sum(nil))
	layer.data = kept.Bytes()
	return layer, nil
}
