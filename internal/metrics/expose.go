// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package metrics

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// ContentType is that of what [Metrics.WriteTo] writes: Prometheus' text exposition format.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// WriteTo writes all families as they stand now.
func (m *Metrics) WriteTo(w io.Writer) (int64, error) {
	s := m.snapshot()
	var text bytes.Buffer
	for _, f := range Families() {
		text.WriteString("# HELP " + f.Name + " " + f.Help + "\n# TYPE " + f.Name + " " + string(f.Kind) + "\n")
		for _, sample := range f.samples(s) {
			f.write(&text, sample)
		}
	}
	return text.WriteTo(w)
}

// write writes one line.
func (f Family) write(text *bytes.Buffer, s sample) {
	text.WriteString(f.Name)
	for n, label := range f.Labels {
		opening := byte(',')
		if n == 0 {
			opening = '{'
		}
		text.WriteByte(opening)
		text.WriteString(label + `="` + escape(s.labels[n]) + `"`)
	}
	if len(f.Labels) > 0 {
		text.WriteByte('}')
	}
	text.WriteByte(' ')
	text.WriteString(strconv.FormatFloat(s.value, 'f', -1, 64))
	text.WriteByte('\n')
}

// escape makes any text a label's value.
func escape(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(value, "\uFFFD"))
}
