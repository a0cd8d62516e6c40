// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package metrics_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sparkctl/sparkctl/internal/metrics"
)

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	// Names with two underscores are Prometheus' own.
	labelName = regexp.MustCompile(`^(?:[a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*$`)
	badEscape = regexp.MustCompile(`^(?:[^\\]|\\[\\n])*\\(?:[^\\n]|$)`)
)

// parse reads Prometheus' text exposition format, version 0.0.4, as strictly as its rules can be read: for each
// family one HELP, one TYPE and then its samples, no family and no sample twice, names as Prometheus allows them, counters
// that end in _total and never fall below 0, no empty line, and a newline at the very end. It returns the samples by name and labels.
func parse(text string) (map[string]float64, error) {
	if !strings.HasSuffix(text, "\n") || !utf8.ValidString(text) {
		return nil, errors.New("the last line has no end, or the text is not UTF-8")
	}
	samples := map[string]float64{}
	var names []string
	help, kind := "", ""
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		wrong := func(what string) error { return fmt.Errorf("line %d: %s: %q", n+1, what, line) }
		fields := strings.SplitN(line, " ", 4)
		switch {
		case strings.HasPrefix(line, "# HELP "):
			if help != "" && kind == "" {
				return nil, wrong("no type for the metric above this one")
			}
			help, kind = fields[2], ""
			if len(fields) < 4 || !metricName.MatchString(help) || slices.Contains(names, help) {
				return nil, wrong("no help for a new metric")
			}
			if badEscape.MatchString(fields[3]) {
				return nil, wrong("a backslash that is not escaped")
			}
			names = append(names, help)
		case strings.HasPrefix(line, "# TYPE "):
			if len(fields) != 4 || fields[2] != help || kind != "" {
				return nil, wrong("no type for the metric above")
			}
			kind = fields[3]
			if kind != "gauge" && (kind != "counter" || !strings.HasSuffix(help, "_total")) {
				return nil, wrong("not a type that we write, or a counter without _total")
			}
		default:
			name, value, err := parseSample(line)
			if err != nil {
				return nil, wrong(err.Error())
			}
			bare, _, _ := strings.Cut(name, "{")
			if bare != help || kind == "" {
				return nil, wrong("a sample without its type above")
			}
			if _, twice := samples[name]; twice || kind == "counter" && value < 0 {
				return nil, wrong("a sample for the second time, or a counter below 0")
			}
			samples[name] = value
		}
	}
	if kind == "" {
		return nil, errors.New("the last metric has no type")
	}
	return samples, nil
}

// parseSample reads NAME{LABEL="VALUE",...} VALUE.
func parseSample(line string) (name string, value float64, err error) {
	end := strings.IndexAny(line, "{ ")
	if end < 0 || !metricName.MatchString(line[:end]) {
		return "", 0, errors.New("no metric name")
	}
	rest := line[end:]
	if rest[0] == '{' {
		rest = rest[1:]
		var labels []string
		for {
			label, after, found := strings.Cut(rest, `="`)
			if !found || !labelName.MatchString(label) || slices.Contains(labels, label) {
				return "", 0, errors.New("no new label")
			}
			labels = append(labels, label)
			if rest, err = skipValue(after); err != nil {
				return "", 0, err
			}
			if strings.HasPrefix(rest, "} ") {
				rest = rest[1:]
				break
			}
			if !strings.HasPrefix(rest, ",") {
				return "", 0, errors.New("labels are not closed")
			}
			rest = rest[1:]
		}
	}
	name = strings.TrimSuffix(line, rest)
	value, err = strconv.ParseFloat(strings.TrimPrefix(rest, " "), 64)
	return name, value, err
}

// skipValue returns what follows a label's value and its closing quote.
func skipValue(text string) (string, error) {
	for n := 0; n < len(text); n++ {
		switch text[n] {
		case '"':
			return text[n+1:], nil
		case '\\':
			n++
			if n == len(text) || !strings.ContainsRune(`\"n`, rune(text[n])) {
				return "", errors.New("not an escape sequence")
			}
		}
	}
	return "", errors.New("a value that does not end")
}

func TestFamiliesAreNamedAsPrometheusAsks(t *testing.T) {
	units := []string{"_total", "_seconds", "_info", "_state", "_exit_code", "_outage"}
	var names []string
	for _, f := range metrics.Families() {
		if !slices.ContainsFunc(units, func(u string) bool { return strings.HasSuffix(f.Name, u) }) {
			t.Errorf("%s: its name does not say its unit", f.Name)
		}
		if slices.Contains(names, f.Name) || f.Help == "" || !strings.HasSuffix(f.Help, ".") {
			t.Errorf("%s: twice, or without a sentence of help", f.Name)
		}
		names = append(names, f.Name)
	}
}

func TestTheStrictParserRefusesWhatIsWrong(t *testing.T) {
	head := "# HELP a_total Help.\n# TYPE a_total counter\n"
	for name, text := range map[string]string{
		"a backslash in a help":     "# HELP a Help \\d.\n# TYPE a gauge\na 1\n",
		"text that is not UTF-8":    head + "a_total{b=\"\xff\"} 1\n",
		"a label of Prometheus":     head + "a_total{__b=\"1\"} 1\n",
		"a help without a type":     "# HELP a Help.\n# HELP b Help.\n# TYPE b gauge\nb 1\n",
		"a type of another name":    "# HELP a Help.\n# TYPE b gauge\nb 1\n",
		"no end of the last line":   head + "a_total 1",
		"an empty line":             head + "\na_total 1\n",
		"no type":                   "# HELP a_total Help.\na_total 1\n",
		"a sample of another name":  head + "b_total 1\n",
		"a sample twice":            head + "a_total 1\na_total 2\n",
		"a label twice":             head + `a_total{b="1",b="2"} 1` + "\n",
		"a value that is not ended": head + `a_total{b="1} 1` + "\n",
		"a raw newline in a value":  head + "a_total{b=\"1\n\"} 1\n",
		"an unknown escape":         head + `a_total{b="\t"} 1` + "\n",
		"a metric twice":            head + "a_total 1\n" + head + "a_total 1\n",
		"a negative counter":        head + "a_total -1\n",
		"a counter without total":   "# HELP a Help.\n# TYPE a counter\na 1\n",
		"no number":                 head + "a_total one\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(text); err == nil {
				t.Error("accepted")
			}
		})
	}
}
