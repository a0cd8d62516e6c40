// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package house

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	fencedBlock = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	codeSpan    = regexp.MustCompile("`[^`\n]*`")
	link        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading     = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*$`)
)

func TestLinksInTheDocumentationLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, ".md") {
		text := fencedBlock.ReplaceAllString(string(read(t, path)), "")
		text = codeSpan.ReplaceAllString(text, "")
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if problem := brokenLink(t, path, match[1]); problem != "" {
				t.Errorf("%s links to %s: %s", path, match[1], problem)
			}
		}
	}
}

func TestEveryExampleAndImageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, parent := range []string{"examples", "images"} {
		entries, err := os.ReadDir(filepath.Join(root, parent))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
				continue
			}
			readme := filepath.Join(parent, entry.Name(), "README.md")
			if _, err := os.Stat(filepath.Join(root, readme)); err != nil {
				t.Errorf("%s is missing", readme)
			}
		}
	}
}

// brokenLink says what is wrong with a link inside the repository; other
// people's pages are not asked, so that the test needs no network.
func brokenLink(t *testing.T, from, target string) string {
	t.Helper()
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return ""
	}
	file, anchor, _ := strings.Cut(target, "#")
	path := from
	if file != "" {
		path = filepath.Join(filepath.Dir(from), file)
	}
	if strings.HasPrefix(file, "/") {
		return "a path from the root works on one web site only, write it relative to the file"
	}
	if _, err := os.Stat(filepath.Join(root, path)); err != nil {
		return "there is no such file"
	}
	if anchor == "" || !strings.HasSuffix(path, ".md") {
		return ""
	}
	text := fencedBlock.ReplaceAllString(string(read(t, path)), "")
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		if anchorOf(match[1]) == anchor {
			return ""
		}
	}
	return "there is no such heading"
}

// anchorOf is the anchor that GitHub gives a heading, its first occurrence.
func anchorOf(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}
