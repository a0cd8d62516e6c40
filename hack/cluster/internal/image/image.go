// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package image reads and writes container images as files, without a daemon
// and without a registry.
//
// [Read] takes an archive as docker, podman, buildah or crane write them;
// [Image.WriteDocker] writes one. [Image.WriteOCI] writes what a container
// runtime imports, leaving out the blobs that it already holds: a layer of
// 10 MB over an image of 850 MB is loaded by its 10 MB.
package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	manifestType     = "application/vnd.oci.image.manifest.v1+json"
	indexType        = "application/vnd.oci.image.index.v1+json"
	configType       = "application/vnd.oci.image.config.v1+json"
	layerType        = "application/vnd.oci.image.layer.v1.tar"
	gzipLayerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
	digestPrefix     = "sha256:"
	shortDigestWidth = 12
)

// Image is one image for one platform.
type Image struct {
	// Name is what the archive calls it, e.g. localhost/app:dev; it may be empty.
	Name string
	// Config is the image's configuration, byte for byte.
	Config []byte
	Layers []Layer
}

// Layer is one layer, its bytes where they were found.
type Layer struct {
	// Digest is that of the bytes as they are stored, sha256:hex.
	Digest string
	Size   int64
	Gzip   bool
	Open   func() (io.ReadCloser, error)
}

// Descriptor points at a blob.
type Descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Digest returns the digest of data.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return digestPrefix + hex.EncodeToString(sum[:])
}

// Manifest returns the OCI manifest; its digest covers every byte of the image.
func (i Image) Manifest() ([]byte, error) {
	layers := make([]Descriptor, 0, len(i.Layers))
	for _, layer := range i.Layers {
		kind := layerType
		if layer.Gzip {
			kind = gzipLayerType
		}
		layers = append(layers, Descriptor{MediaType: kind, Digest: layer.Digest, Size: layer.Size})
	}
	data, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     manifestType,
		"config":        Descriptor{MediaType: configType, Digest: Digest(i.Config), Size: int64(len(i.Config))},
		"layers":        layers,
	})
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return data, nil
}

// Reference names the image by its content: the given name, its tag if that
// says something, and the first 12 digits of the configuration's digest, which
// covers the layers too. A new build is a new name, so that an old one is never
// run by mistake, and no tag is `latest`, which a kubelet would want to pull.
func (i Image) Reference(fallback string) string {
	short := strings.TrimPrefix(Digest(i.Config), digestPrefix)[:shortDigestWidth]
	name, tag := splitTag(i.Name)
	if name == "" {
		name = fallback
	}
	if !hasRegistry(name) {
		name = "localhost/" + name
	}
	if tag == "" || tag == "latest" {
		return name + ":" + short
	}
	if tag == short || strings.HasSuffix(tag, "-"+short) {
		return name + ":" + tag
	}
	return name + ":" + tag + "-" + short
}

// FullName is the name under which a node keeps what a pod calls by a shorter one:
// the registry is Docker Hub's, the tag latest, where none is said.
func FullName(reference string) string {
	name, tag := splitTag(reference)
	if tag == "" && !strings.Contains(reference, "@") {
		reference += ":latest"
	}
	switch {
	case hasRegistry(name):
		return reference
	case !strings.Contains(name, "/"):
		return "docker.io/library/" + reference
	default:
		return "docker.io/" + reference
	}
}

func splitTag(reference string) (name, tag string) {
	reference, _, _ = strings.Cut(reference, "@")
	colon := strings.LastIndexByte(reference, ':')
	if colon <= strings.LastIndexByte(reference, '/') {
		return reference, ""
	}
	return reference[:colon], reference[colon+1:]
}

// hasRegistry applies the rule of every client: the first part is a registry if
// it looks like a host name.
func hasRegistry(name string) bool {
	first, _, found := strings.Cut(name, "/")
	return found && (first == "localhost" || strings.ContainsAny(first, ".:"))
}

// FallbackName makes an image name from an archive's file name.
func FallbackName(file string) string {
	base := path.Base(file)
	for _, suffix := range []string{".tar", ".docker", ".oci"} {
		base = strings.TrimSuffix(base, suffix)
	}
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, base)
	if clean = strings.Trim(clean, "-"); clean == "" {
		return "image"
	}
	return clean
}
