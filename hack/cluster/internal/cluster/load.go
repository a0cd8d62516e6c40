// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/image"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

// Load loads the images of an archive and returns the references under which
// pods can name them.
func (m *Manager) Load(ctx context.Context, file string) ([]string, error) {
	c, err := m.Find()
	if err != nil {
		return nil, err
	}
	var references []string
	err = m.Progress.Do(ctx, "load "+file, "", func(ctx context.Context) error {
		references, err = m.loadArchive(ctx, c, file)
		return err
	})
	return references, err
}

func (m *Manager) loadArchive(ctx context.Context, c layout.Cluster, file string) ([]string, error) {
	images, err := image.Read(file)
	if err != nil {
		return nil, err
	}
	var references []string
	for _, i := range images {
		reference := i.Reference(image.FallbackName(file))
		if err := importImage(ctx, c, i, reference); err != nil {
			return nil, err
		}
		references = append(references, reference)
	}
	return references, nil
}

// Tag gives an image that is loaded a further name. What else had the name loses it.
func (m *Manager) Tag(ctx context.Context, reference, name string) error {
	c, err := m.Find()
	if err != nil {
		return err
	}
	if _, err := ctr(ctx, c, "images", "tag", "--force", image.FullName(reference), image.FullName(name)); err != nil {
		return fmt.Errorf("tag image %s: %w", reference, err)
	}
	return nil
}

// importImage sends containerd the blobs it does not hold. The name is made of
// the content, so an image that is there under it is this one.
func importImage(ctx context.Context, c layout.Cluster, i image.Image, reference string) error {
	there, err := ctr(ctx, c, "images", "ls", "-q", "name=="+reference)
	if err != nil {
		return err
	}
	if strings.TrimSpace(there) == reference {
		return nil
	}
	listed, err := ctr(ctx, c, "content", "ls", "-q")
	if err != nil {
		return err
	}
	held := map[string]bool{}
	for digest := range strings.FieldsSeq(listed) {
		held[digest] = true
	}
	args := []string{"--address", c.ContainerdSocket(), "--namespace", "k8s.io", "images", "import"}
	// Newer clients leave the work to the server, which wants every blob.
	if help, err := ctr(ctx, c, "images", "import", "--help"); err == nil && strings.Contains(help, "--local") {
		args = append(args, "--local")
	}
	cmd := exec.CommandContext(ctx, "ctr", append(args, "-")...)
	var said bytes.Buffer
	cmd.Stderr = &said
	to, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("import image: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("import image: %w", err)
	}
	written := i.WriteOCI(to, reference, func(digest string) bool { return held[digest] })
	closed := to.Close()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("import image %s: %w: %s", reference, err, strings.TrimSpace(said.String()))
	}
	if written != nil {
		return fmt.Errorf("import image %s: %w", reference, written)
	}
	if closed != nil {
		return fmt.Errorf("import image %s: %w", reference, closed)
	}
	return nil
}
