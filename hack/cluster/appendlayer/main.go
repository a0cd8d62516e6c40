// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command appendlayer puts the layers and the entrypoint of one image over
// another, as a builder does for a Dockerfile that only copies files, but at the
// speed of copying an archive.
//
//	appendlayer -base SPARK.tar -layer LAYER.tar -name localhost/sparkctl/submitter -out OUT.tar
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/image"
)

func main() {
	base := flag.String("base", "", "archive of the image to put the layers on")
	layer := flag.String("layer", "", "archive of an image made FROM scratch, whose layers and entrypoint are wanted")
	name := flag.String("name", "", "name of the new image, without a tag")
	out := flag.String("out", "", "docker-archive to write")
	flag.Parse()
	if err := run(*base, *layer, *name, *out); err != nil {
		fmt.Fprintln(os.Stderr, "appendlayer:", err)
		os.Exit(1)
	}
}

func run(base, layer, name, out string) error {
	below, err := readOne(base)
	if err != nil {
		return err
	}
	above, err := readOne(layer)
	if err != nil {
		return err
	}
	joined, err := join(below, above)
	if err != nil {
		return err
	}
	// Tagged by content, as the loader does it: two of them never share a name.
	joined.Name = name
	joined.Name = joined.Reference("")
	file, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("create archive: %w", err)
	}
	return errors.Join(joined.WriteDocker(file), file.Close())
}

func readOne(file string) (image.Image, error) {
	images, err := image.Read(file)
	if err != nil {
		return image.Image{}, err
	}
	if len(images) != 1 {
		return image.Image{}, fmt.Errorf("read image archive %s: it holds %d images, not one", file, len(images))
	}
	return images[0], nil
}

// config is the part of an image's configuration that is changed.
type config struct {
	rootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	}
	history  []json.RawMessage
	settings map[string]json.RawMessage
	whole    map[string]json.RawMessage
}

func parse(data []byte) (config, error) {
	c := config{settings: map[string]json.RawMessage{}}
	if err := json.Unmarshal(data, &c.whole); err != nil {
		return config{}, fmt.Errorf("decode image configuration: %w", err)
	}
	for key, into := range map[string]any{"rootfs": &c.rootFS, "history": &c.history, "config": &c.settings} {
		if raw, ok := c.whole[key]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return config{}, fmt.Errorf("decode %s of image configuration: %w", key, err)
			}
		}
	}
	return c, nil
}

// join returns below with above's layers, history and entrypoint. The command
// goes, as it does at ENTRYPOINT in a Dockerfile.
func join(below, above image.Image) (image.Image, error) {
	lower, err := parse(below.Config)
	if err != nil {
		return image.Image{}, err
	}
	upper, err := parse(above.Config)
	if err != nil {
		return image.Image{}, err
	}
	lower.rootFS.DiffIDs = append(lower.rootFS.DiffIDs, upper.rootFS.DiffIDs...)
	lower.settings["Entrypoint"] = upper.settings["Entrypoint"]
	delete(lower.settings, "Cmd")
	for key, value := range map[string]any{
		"rootfs": lower.rootFS, "history": append(lower.history, upper.history...), "config": lower.settings,
	} {
		if lower.whole[key], err = json.Marshal(value); err != nil {
			return image.Image{}, fmt.Errorf("encode %s of image configuration: %w", key, err)
		}
	}
	below.Config, err = json.Marshal(lower.whole)
	below.Layers = append(below.Layers, above.Layers...)
	return below, err
}
