// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	root = "../.."

	header = "// SPDX-License-Identifier: Apache-2.0\n// Copyright The sparkctl Authors\n"

	// longest file and function of code that is not a test; a test's table may be as long as it needs.
	maxFileLines     = 300
	maxFunctionLines = 60
)

func TestGoFilesOpenWithTheLicence(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, ".go") {
		if !bytes.HasPrefix(read(t, path), []byte(header)) && !isGenerated(read(t, path)) {
			t.Errorf("%s does not open with\n%s", path, header)
		}
	}
}

func TestFilesAndFunctionsStayShort(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, ".go") {
		if strings.HasSuffix(path, "_test.go") || isGenerated(read(t, path)) {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, read(t, path), parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		if lines := fset.File(file.FileStart).LineCount(); lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d", path, lines, maxFileLines)
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := fset.Position(function.End()).Line - fset.Position(function.Pos()).Line + 1
			if lines > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", path, function.Name.Name, lines, maxFunctionLines)
			}
		}
	}
}

func TestNoPackageIsAGrabBag(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, ".go") {
		name := filepath.Base(filepath.Dir(path))
		if slices.Contains([]string{"util", "utils", "common", "shared", "helpers", "types"}, name) {
			t.Errorf("%s: name the package for what it provides, not %q", path, name)
		}
	}
}

func isGenerated(source []byte) bool {
	return bytes.HasPrefix(source, []byte("// Code generated "))
}

// files lists the repository's files with this ending, relative to its root.
func files(t *testing.T, ending string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := entry.Name(); {
		case entry.IsDir() && (slices.Contains([]string{"bin", "dist", "node_modules", "testdata"}, name) || path != root && strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(name, ending):
			relative, err := filepath.Rel(root, path)
			found = append(found, relative)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
