// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
)

// A descriptor points at a blob, as the OCI image specification words it.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// join returns an OCI archive of above's layers over below, without below's own
// layers, and the reference it is named by. The result has below's
// configuration with above's entrypoint, and no command, as a builder leaves it
// after ENTRYPOINT.
func join(below, above image, name string) (archive []byte, reference string, err error) {
	config, err := joinConfig(below.config, above.config)
	if err != nil {
		return nil, "", err
	}
	configBlob := newBlob(config, configType)
	manifest := struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Config        descriptor   `json:"config"`
		Layers        []descriptor `json:"layers"`
	}{2, manifestType, configBlob.descriptor(), nil}
	for _, layer := range append(append([]blob{}, below.layers...), above.layers...) {
		manifest.Layers = append(manifest.Layers, layer.descriptor())
	}
	manifestJSON, err := json.Marshal(manifest)
	if err != nil {
		return nil, "", err
	}
	manifestBlob := newBlob(manifestJSON, manifestType)

	tag := configBlob.digest[len("sha256:"):][:12]
	reference = name + ":" + tag
	entry := manifestBlob.descriptor()
	entry.Annotations = map[string]string{
		"io.containerd.image.name":          reference,
		"org.opencontainers.image.ref.name": tag,
	}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []descriptor{entry}})
	if err != nil {
		return nil, "", err
	}
	archive, err = writeArchive(index, append([]blob{manifestBlob, configBlob}, above.layers...))
	return archive, reference, err
}

// joinConfig returns below's config with above's layers, history and entrypoint.
func joinConfig(below, above map[string]any) ([]byte, error) {
	lower, err := diffIDs(below)
	if err != nil {
		return nil, err
	}
	upper, err := diffIDs(above)
	if err != nil {
		return nil, err
	}
	joined := map[string]any{}
	for key, value := range below {
		joined[key] = value
	}
	joined["rootfs"] = map[string]any{"type": "layers", "diff_ids": append(append([]any{}, lower...), upper...)}
	history, _ := below["history"].([]any)
	more, _ := above["history"].([]any)
	joined["history"] = append(append([]any{}, history...), more...)

	settings := map[string]any{}
	from, _ := below["config"].(map[string]any)
	for key, value := range from {
		settings[key] = value
	}
	over, _ := above["config"].(map[string]any)
	settings["Entrypoint"] = over["Entrypoint"]
	delete(settings, "Cmd")
	joined["config"] = settings
	return json.Marshal(joined)
}

func diffIDs(config map[string]any) ([]any, error) {
	rootfs, _ := config["rootfs"].(map[string]any)
	ids, ok := rootfs["diff_ids"].([]any)
	if !ok {
		return nil, errors.New("read the image's config: no rootfs.diff_ids")
	}
	return ids, nil
}

func newBlob(data []byte, mediaType string) blob {
	return blob{fmt.Sprintf("sha256:%x", sha256.Sum256(data)), int64(len(data)), mediaType, data}
}

func (b blob) descriptor() descriptor {
	return descriptor{MediaType: b.mediaType, Digest: b.digest, Size: b.size}
}

// writeArchive returns an OCI layout with blobs as a tar archive.
func writeArchive(index []byte, blobs []blob) ([]byte, error) {
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	add := func(name string, data []byte) error {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err := archive.Write(data)
		return err
	}
	err := errors.Join(
		add("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)),
		add("index.json", index),
	)
	for _, b := range blobs {
		if int64(len(b.data)) != b.size {
			return nil, fmt.Errorf("write layer %s: it is larger than %d MB", b.digest, keepBelow>>20)
		}
		err = errors.Join(err, add("blobs/sha256/"+b.digest[len("sha256:"):], b.data))
	}
	return out.Bytes(), errors.Join(err, archive.Close())
}
