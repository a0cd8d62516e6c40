// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReference(t *testing.T) {
	config := []byte("{}") // sha256 44136fa355b3...
	tests := []struct {
		name, given, want string
	}{
		{"the tag gets the content", "localhost/sparkctl/spark:4.0.5", "localhost/sparkctl/spark:4.0.5-44136fa355b3"},
		{"a name without a registry is local", "sparkctl/spark:4.0.5", "localhost/sparkctl/spark:4.0.5-44136fa355b3"},
		{"a registry stays", "registry.example:5000/spark:1", "registry.example:5000/spark:1-44136fa355b3"},
		{"no tag is the content alone", "localhost/submitter", "localhost/submitter:44136fa355b3"},
		{"a port is no tag", "registry.example:5000/spark", "registry.example:5000/spark:44136fa355b3"},
		{"latest says nothing and is dropped", "localhost/submitter:latest", "localhost/submitter:44136fa355b3"},
		{"a name that has the content already stays", "localhost/submitter:dev-44136fa355b3", "localhost/submitter:dev-44136fa355b3"},
		{"a tag that is the content stays", "localhost/submitter:44136fa355b3", "localhost/submitter:44136fa355b3"},
		{"without a name it is the file's", "", "localhost/my-image:44136fa355b3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := Image{Name: tt.given, Config: config}.Reference(FallbackName("/tmp/My Image.tar"))
			if got != tt.want {
				t.Errorf("Reference() = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestFullName(t *testing.T) {
	tests := []struct {
		name, given, want string
	}{
		{"a name of Docker Hub", "apache/spark:4.0.1", "docker.io/apache/spark:4.0.1"},
		{"an official image of Docker Hub", "debian:12", "docker.io/library/debian:12"},
		{"no tag is latest", "apache/spark", "docker.io/apache/spark:latest"},
		{"a digest is no tag and needs none", "apache/spark@sha256:0123", "docker.io/apache/spark@sha256:0123"},
		{"a registry stays", "registry.example:5000/spark:1", "registry.example:5000/spark:1"},
		{"this machine is a registry", "localhost/sparkctl/spark:4.0.5", "localhost/sparkctl/spark:4.0.5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := FullName(tt.given); got != tt.want {
				t.Errorf("FullName(%q) = %s, want %s", tt.given, got, tt.want)
			}
		})
	}
}

func bytesLayer(data []byte) Layer {
	return Layer{Digest: Digest(data), Size: int64(len(data)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}

func tarOf(t *testing.T, name, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := writeFile(w, name, []byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// testImage has a plain layer and a compressed one.
func testImage(t *testing.T) Image {
	t.Helper()
	base, top := tarOf(t, "base", "below"), tarOf(t, "top", "above")
	second := bytesLayer(zipped(t, top))
	second.Gzip = true
	config := `{"rootfs":{"type":"layers","diff_ids":["` + Digest(base) + `","` + Digest(top) + `"]}}`
	return Image{Name: "localhost/test:1", Config: []byte(config), Layers: []Layer{bytesLayer(base), second}}
}

// view is what of an image can be compared.
type view struct {
	Name, Config string
	Manifest     string
	Contents     []string
}

func viewOf(t *testing.T, i Image) view {
	t.Helper()
	manifest, err := i.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	v := view{Name: i.Name, Config: string(i.Config), Manifest: string(manifest)}
	for _, layer := range i.Layers {
		from, err := layer.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := from.Close(); err != nil {
			t.Fatal(err)
		}
		v.Contents = append(v.Contents, Digest(data))
	}
	return v
}

func write(t *testing.T, with func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := with(&out); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestArchivesAreReadAsTheyWereWritten(t *testing.T) {
	made := testImage(t)
	tests := []struct {
		name string
		with func(io.Writer) error
	}{
		{"a docker archive", made.WriteDocker},
		{"an OCI archive", func(w io.Writer) error {
			return made.WriteOCI(w, made.Name, func(string) bool { return false })
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			read, err := Read(write(t, tt.with))
			if err != nil {
				t.Fatal(err)
			}
			if len(read) != 1 {
				t.Fatalf("Read() = %d images", len(read))
			}
			if diff := cmp.Diff(viewOf(t, made), viewOf(t, read[0])); diff != "" {
				t.Errorf("image mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLayersThatAreHeldAreLeftOut(t *testing.T) {
	t.Parallel()
	made := testImage(t)
	held := made.Layers[0].Digest
	file := write(t, func(w io.Writer) error {
		return made.WriteOCI(w, made.Name, func(digest string) bool { return digest == held })
	})
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var names []string
	for r := tar.NewReader(f); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
	}
	manifest, err := made.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		blobPath(made.Layers[1].Digest), blobPath(Digest(made.Config)), blobPath(Digest(manifest)), "oci-layout", "index.json",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("archive mismatch (-want +got):\n%s", diff)
	}
}

func TestReadRefuses(t *testing.T) {
	made := testImage(t)
	short := made
	short.Layers = made.Layers[:1]
	tests := []struct {
		name string
		with func(io.Writer) error
		want string
	}{
		{"a tar that is no image", func(w io.Writer) error { _, err := w.Write(tarOf(t, "x", "y")); return err }, "neither manifest.json"},
		{"a compressed archive", func(w io.Writer) error { _, err := w.Write(zipped(t, tarOf(t, "x", "y"))); return err }, "uncompressed tar"},
		{"an image with fewer layers than it says", short.WriteDocker, "1 layers, but 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(write(t, tt.with))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Read() = %v, want %q", err, tt.want)
			}
		})
	}
}
