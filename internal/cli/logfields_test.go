// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every field that is logged anywhere in the product stands in the table, under a name that fits.
func TestEveryLoggedFieldIsDocumented(t *testing.T) {
	logged := map[string]string{}
	for _, dir := range []string{"../../sensor", "../../submitter", "../../internal"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			// What is rendered holds lists of other things, and logs nothing.
			rendered := strings.Contains(filepath.ToSlash(path), "internal/sparkctl/render/")
			if err == nil && !rendered && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				for _, name := range loggedIn(t, path) {
					logged[name] = path
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var documented []string
	for _, f := range LogFields() {
		documented = append(documented, f.Name)
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(f.Name) || f.Meaning == "" {
			t.Errorf("field %q is not in snake_case, or has no meaning", f.Name)
		}
		if logged[f.Name] == "" {
			t.Errorf("field %q is documented and logged nowhere", f.Name)
		}
	}
	if !slices.IsSorted(documented) {
		t.Error("the table is not in the order of the alphabet")
	}
	for name, path := range logged {
		if !slices.Contains(documented, name) && name != "program" {
			t.Errorf("%s logs field %q, which is not in the table of logfields.go", path, name)
		}
	}
}

// loggedIn returns the names of fields that stand in calls of a logger and in lists of attributes.
func loggedIn(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	note := func(pairs []ast.Expr) {
		for n := 0; n < len(pairs); n += 2 {
			if literal, ok := pairs[n].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				name, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch f := n.Fun.(type) {
			case *ast.SelectorExpr:
				on, _ := f.X.(*ast.SelectorExpr)
				name, _ := f.X.(*ast.Ident)
				logger := on != nil && strings.EqualFold(on.Sel.Name, "log") || name != nil && strings.EqualFold(name.Name, "log")
				if logger && slices.Contains([]string{"Info", "Warn", "Error", "Debug"}, f.Sel.Name) {
					note(n.Args[1:])
				}
			case *ast.Ident:
				if list, ok := n.Args[0:], f.Name == "append"; ok && len(list) > 0 {
					if first, ok := list[0].(*ast.Ident); ok && first.Name == "attrs" {
						note(list[1:])
					}
				}
			}
		case *ast.CompositeLit:
			if array, ok := n.Type.(*ast.ArrayType); ok {
				if element, ok := array.Elt.(*ast.Ident); ok && element.Name == "any" {
					note(n.Elts)
				}
			}
		}
		return true
	})
	return names
}
