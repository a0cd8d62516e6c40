// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package man

import "strings"

// writer writes the language of man(7).
type writer struct{ out strings.Builder }

// macro writes a line that calls one.
func (w *writer) macro(name string, arguments ...string) {
	w.out.WriteString("." + name)
	for _, a := range arguments {
		w.out.WriteString(` "` + strings.ReplaceAll(escape(a), `"`, `\(dq`) + `"`)
	}
	w.out.WriteByte('\n')
}

func (w *writer) section(title string) { w.macro("SH", title) }

// text writes lines that are filled.
func (w *writer) text(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		w.line(line)
	}
}

// line writes one line of text. A dot or a quote at its start would call a macro.
func (w *writer) line(line string) {
	line = escape(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	w.out.WriteString(line + "\n")
}

// verbatim writes lines as they stand.
func (w *writer) verbatim(text string) {
	w.macro("nf")
	w.text(text)
	w.macro("fi")
}

// item writes a term and what is said of it.
func (w *writer) item(term, text string) {
	w.macro("TP")
	w.macro("B", term)
	w.text(text)
}

// prose writes paragraphs; lines that begin with two blanks stand as they are.
func (w *writer) prose(text string) {
	asItStands := false
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if indented := strings.HasPrefix(line, "  "); indented != asItStands {
			asItStands = indented
			w.macro(map[bool]string{true: "nf", false: "fi"}[indented])
		}
		if line == "" {
			w.macro("PP")
			continue
		}
		w.line(line)
	}
	if asItStands {
		w.macro("fi")
	}
}

// escape writes what is no plain text in roff otherwise: a hyphen that is to be copied is a minus.
func escape(text string) string { return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text) }
