// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/image"
)

func TestJoinKeepsTheBaseAndTakesTheEntrypoint(t *testing.T) {
	below := image.Image{
		Config: []byte(`{"architecture":"amd64","config":{"User":"185","Env":["A=b"],"Entrypoint":["/opt/entrypoint.sh"],"Cmd":["x"]},
			"rootfs":{"type":"layers","diff_ids":["sha256:1","sha256:2"]},"history":[{"created_by":"spark"}]}`),
		Layers: []image.Layer{{Digest: "sha256:1"}, {Digest: "sha256:2"}},
	}
	above := image.Image{
		Config: []byte(`{"architecture":"amd64","config":{"Entrypoint":["/opt/sparkctl/submitter"]},
			"rootfs":{"type":"layers","diff_ids":["sha256:3"]},"history":[{"created_by":"copy"}]}`),
		Layers: []image.Layer{{Digest: "sha256:3"}},
	}
	joined, err := join(below, above)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(joined.Config, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"architecture": "amd64",
		"config":       map[string]any{"User": "185", "Env": []any{"A=b"}, "Entrypoint": []any{"/opt/sparkctl/submitter"}},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []any{"sha256:1", "sha256:2", "sha256:3"}},
		"history":      []any{map[string]any{"created_by": "spark"}, map[string]any{"created_by": "copy"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(joined.Layers); n != 3 {
		t.Errorf("%d layers, want 3", n)
	}
}
