// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sparkctl/sparkctl/xcom"
)

// table is rows of cells in columns. Unlike text/tabwriter it can colour a cell.
type table struct {
	rows [][]cell
}

// cell is a text and the colour of it, an SGR parameter; empty means none.
type cell struct{ text, colour string }

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

func (t *table) head(names ...string) {
	row := make([]cell, len(names))
	for i, name := range names {
		row[i].text = name
	}
	t.add(row...)
}

// gap is between two columns.
const gap = 3

// write writes the rows with every column as wide as its widest cell.
func (t *table) write(w io.Writer, colours bool) error {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(plain(c.text)))
		}
	}
	var out strings.Builder
	for _, row := range t.rows {
		for i, c := range row {
			text := plain(c.text)
			pad := strings.Repeat(" ", widths[i]+gap-utf8.RuneCountInString(text))
			if i == len(row)-1 {
				pad = ""
			}
			if colours && c.colour != "" {
				text = "\x1b[" + c.colour + "m" + text + "\x1b[0m"
			}
			out.WriteString(text + pad)
		}
		out.WriteByte('\n')
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// plain is text that cannot move a terminal's cursor, whoever wrote the label or the log that it comes from.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf) {
			return '·'
		}
		return r
	}, text)
}

// Plain is text that cannot move a terminal's cursor, whoever wrote it.
func Plain(text string) string { return plain(text) }

// or is text, or the mark that stands for nothing.
func or(text string) cell {
	if text == "" {
		return cell{text: "-"}
	}
	return cell{text: text}
}

// stateCell is a state in the colour that it has everywhere.
func stateCell(a Application) cell {
	text := string(a.State)
	if a.Terminating && !a.State.Final() {
		text += ",Terminating"
	}
	colour := ""
	switch a.State {
	case xcom.Succeeded:
		colour = "32"
	case xcom.Failed, xcom.Lost:
		colour = "31"
	case xcom.Running:
		colour = "36"
	case xcom.Pending:
		colour = "33"
	}
	return cell{text, colour}
}
