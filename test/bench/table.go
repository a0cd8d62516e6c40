// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// quantile is the nearest-rank quantile: the smallest value that at least q of all values do not exceed.
func quantile(values []time.Duration, q float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// delays sums up how late one way of waiting was, in milliseconds.
func delays(name string, values []time.Duration) row {
	ms := func(d time.Duration) float64 { return math.Round(float64(d)/float64(time.Millisecond)*10) / 10 }
	return row{name, map[string]float64{
		"n": float64(len(values)), "p50 ms": ms(quantile(values, 0.5)), "p99 ms": ms(quantile(values, 0.99)),
		"min ms": ms(quantile(values, 0)), "max ms": ms(quantile(values, 1)),
	}}
}

// printTable prints a report with a line for each row; a figure that a row lacks is a dash.
func printTable(w io.Writer, r report) error {
	columns := r.columns()
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s\t%s\n", r.Part, strings.Join(columns, "\t"))
	for _, row := range r.Rows {
		fmt.Fprint(table, row.Name)
		for _, name := range columns {
			if value, ok := row.Figures[name]; ok {
				fmt.Fprintf(table, "\t%.4g", value)
			} else {
				fmt.Fprint(table, "\t-")
			}
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, note := range r.Notes {
		fmt.Fprintln(w, note)
	}
	return nil
}

// columns are the names of all figures of a report, in the order in which they are shown.
func (r report) columns() []string {
	var columns []string
	for _, row := range r.Rows {
		for name := range row.Figures {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	slices.SortFunc(columns, compareColumns)
	return columns
}

// compareColumns puts the number of samples first and p50 before p99; the rest follows the alphabet.
func compareColumns(a, b string) int {
	order := []string{"n", "p50 ms", "p99 ms"}
	at := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	if at(a) != at(b) {
		return at(a) - at(b)
	}
	return strings.Compare(a, b)
}
