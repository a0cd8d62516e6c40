// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
)

// titles of the parts, in the order of the page, with what each measures.
func titles() [][3]string {
	return [][3]string{
		{"submit", "A submission", "One submission as a whole process, inside one pod of the submitter image, by each launcher in turns."},
		{"rate", "Submissions a minute", "Sustained for a minute, in one process, drivers that no scheduler takes up; spark-submit beside it as one process for each submission."},
		{"end", "From the driver's end to return.json", "From the moment at which another watcher sees the end of the driver's container."},
		{"rss", "Memory while following", "Peak of the resident memory, as the kernel notes it."},
		{"requests", "Requests while following", "As the API server counts them; progress reads and logs apart."},
		{"list", "A list of drivers", "A person's question, as a whole process, beside kubectl's answer, and the start of both programs. A table of kubectl's does not tell how a driver ended."},
		{"images", "Images", "Sums of the layers."},
	}
}

// present prints reports as tables, or as the page docs/benchmarks.md.
func present(w io.Writer, as string, files []string) error {
	var reports []report
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		r := report{}
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		reports = append(reports, r)
	}
	if as == "page" {
		return writePage(w, reports)
	}
	for _, r := range reports {
		if err := printTable(w, r); err != nil {
			return err
		}
	}
	return nil
}

// writePage writes the reports as Markdown.
func writePage(w io.Writer, reports []report) error {
	var page strings.Builder
	page.WriteString("# Benchmarks\n\n" +
		"`make bench` makes this page. It measures on a real cluster, side by side in one run; the ratios count, not the figures: they are those of a machine with two\n" +
		"processors on which etcd, the API server, the kubelet and everything that is measured run together.\n")
	for _, t := range titles() {
		at := slices.IndexFunc(reports, func(r report) bool { return r.Part == t[0] })
		if at < 0 {
			continue
		}
		r := reports[at]
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n", t[1], t[2])
		columns := r.columns()
		fmt.Fprintf(&page, "| | %s |\n|---%s|\n", strings.Join(columns, " | "), strings.Repeat("|---:", len(columns)))
		for _, row := range r.Rows {
			fmt.Fprintf(&page, "| %s |", row.Name)
			for _, name := range columns {
				cell := ""
				if value, ok := row.Figures[name]; ok {
					cell = figure(value)
				}
				fmt.Fprintf(&page, " %s |", cell)
			}
			page.WriteString("\n")
		}
		for _, note := range r.Notes {
			fmt.Fprintf(&page, "\n%s\n", note)
		}
	}
	_, err := io.WriteString(w, page.String())
	return err
}

// figure is a number with three digits that count.
func figure(value float64) string {
	switch {
	case value >= 100, value == math.Trunc(value):
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
		return fmt.Sprintf("%.1f", value)
	default:
		return fmt.Sprintf("%.3g", value)
	}
}
