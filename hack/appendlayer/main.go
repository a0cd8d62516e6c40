// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command appendlayer puts the layers of one image on top of another, as a
// builder does for a Dockerfile that only copies files, in a fraction of a
// second: the base's layers are named and not copied. What it writes is an OCI
// archive without the base's layers. A container runtime that holds the base
// already, containerd for one, imports it as it is.
//
//	appendlayer -base SPARK.tar -layer LAYER.tar -name localhost/sparkctl/submitter -out OUT.tar
//
// Both inputs are docker archives. The reference it prints is tagged by content.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	base := flag.String("base", "", "docker archive of the image to put the layers on")
	layer := flag.String("layer", "", "docker archive of an image made FROM scratch, whose layers and entrypoint are wanted")
	name := flag.String("name", "", "name of the new image, without a tag")
	out := flag.String("out", "", "archive to write")
	flag.Parse()

	reference, err := run(*base, *layer, *name, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "appendlayer:", err)
		os.Exit(1)
	}
	fmt.Println(reference)
}

func run(base, layer, name, out string) (string, error) {
	if base == "" || layer == "" || name == "" || out == "" {
		return "", fmt.Errorf("-base, -layer, -name and -out are needed")
	}
	below, err := readImage(base)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", base, err)
	}
	above, err := readImage(layer)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", layer, err)
	}
	archive, reference, err := join(below, above, name)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(out, archive, 0o644); err != nil {
		return "", fmt.Errorf("write the archive: %w", err)
	}
	return reference, nil
}
