// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"
)

// Versions are the versions of Spark whose spark-submit is recorded, one of each minor version.
func Versions() []string {
	return []string{"3.3.4", "3.4.4", "3.5.9", "4.0.5", "4.1.4", "4.2.1", "4.3.0"}
}

// Minor is the version without its last number, by which recordings are kept.
func Minor(version string) string {
	return version[:strings.LastIndexByte(version, '.')]
}

// Role of an object in a submission.
type Role string

const (
	// Before is an object that was made before the driver's pod.
	Before Role = "before"
	// Pod is the driver's.
	Pod Role = "pod"
	// Owned is an object that was made after the pod, and was owned by it.
	Owned Role = "owned"
	// Refused is an exit code other than 0, with the sentence that spark-submit said.
	Refused Role = "refused"
)

// Part is one object as YAML, or one refusal.
type Part struct {
	Role Role
	// Object is its kind and name; empty for a refusal.
	Object string
	Text   string
}

// String tells which one it is.
func (p Part) String() string { return string(p.Role) + " " + p.Object }

// NewPart is the part that keeps an object.
func NewPart(role Role, object map[string]any) (Part, error) {
	metadata, _ := object["metadata"].(map[string]any)
	yml, err := yaml.Marshal(object)
	return Part{Role: role, Object: text(object["kind"]) + " " + text(metadata["name"]), Text: string(yml)}, err
}

// Golden is what spark-submit did for one case, by minor version: its file is a txtar archive in which versions
// that did the same share a section.
type Golden struct {
	// Digest of the case that was recorded.
	Digest   string
	versions map[string][]Part
}

// New is a recording that is empty yet.
func New(digest string) Golden { return Golden{Digest: digest, versions: map[string][]Part{}} }

// ReadGolden reads the recording of a case; one that does not exist yet is empty.
func ReadGolden(dir, name string) (Golden, error) {
	g := New("")
	text, err := os.ReadFile(filepath.Join(dir, name+".txtar"))
	if os.IsNotExist(err) {
		return g, nil
	}
	if err != nil {
		return g, err
	}
	archive := txtar.Parse(text)
	g.Digest = strings.TrimSpace(strings.TrimPrefix(string(archive.Comment), "case: "))
	for _, file := range archive.Files {
		head, object, _ := strings.Cut(file.Name, " : ")
		fields := strings.Fields(head)
		if len(fields) < 2 {
			return g, fmt.Errorf("read recording %s: section %q names no version and role", name, file.Name)
		}
		part := Part{Role: Role(fields[0]), Object: object, Text: string(file.Data)}
		for _, version := range fields[1:] {
			g.versions[version] = append(g.versions[version], part)
		}
	}
	return g, nil
}

// Of is what the spark-submit of that version did, with the version in the place of $VERSION; nil if it is not recorded.
func (g Golden) Of(version string) []Part {
	parts := slices.Clone(g.versions[Minor(version)])
	for i := range parts {
		parts[i].Text = strings.ReplaceAll(parts[i].Text, "$VERSION", version)
	}
	return parts
}

// Set puts what a version did in the place of what was recorded before.
func (g *Golden) Set(version string, parts []Part) { g.versions[Minor(version)] = parts }

// Write writes the recording of a case.
func (g Golden) Write(dir, name string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".txtar"), g.Format(), 0o644)
}

// Format is the recording as its file has it.
func (g Golden) Format() []byte {
	var order []Part
	versions := map[Part][]string{}
	for _, version := range Versions() {
		for _, part := range g.versions[Minor(version)] {
			if versions[part] == nil {
				order = append(order, part)
			}
			versions[part] = append(versions[part], Minor(version))
		}
	}
	roles := []Role{Before, Pod, Owned, Refused}
	slices.SortStableFunc(order, func(a, b Part) int {
		if a.Role != b.Role {
			return slices.Index(roles, a.Role) - slices.Index(roles, b.Role)
		}
		return strings.Compare(a.Object, b.Object)
	})
	archive := txtar.Archive{Comment: []byte("case: " + g.Digest + "\n")}
	for _, part := range order {
		head := string(part.Role) + " " + strings.Join(versions[part], " ")
		if part.Object != "" {
			head += " : " + part.Object
		}
		archive.Files = append(archive.Files, txtar.File{Name: head, Data: []byte(part.Text)})
	}
	return txtar.Format(&archive)
}
