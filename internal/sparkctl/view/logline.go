// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// LogSource is a container whose log is shown.
type LogSource struct {
	Namespace string `json:"namespace"`
	Pod       string `json:"pod"`
	Container string `json:"container"`
	// Role is driver or executor, the label spark-role.
	Role string `json:"role"`
	// Executor is Spark's number of the executor; 0 for a driver.
	Executor int `json:"executor,omitempty"`
}

// LogSourceOf is the log of a pod of an application. container is the one asked for; empty means Spark's own.
func LogSourceOf(pod *corev1.Pod, container string) LogSource {
	s := LogSource{Namespace: pod.Namespace, Pod: pod.Name, Container: container, Role: pod.Labels[driver.LabelRole]}
	if s.Role != driver.RoleDriver {
		s.Executor = ExecutorOf(pod).ID
	}
	if s.Container == "" && s.Role == driver.RoleDriver {
		s.Container = driver.Container(pod, "")
	} else if s.Container == "" {
		s.Container = executorContainerOf(pod)
	}
	return s
}

// executorContainerOf is the name of an executor's container, which a pod template may have renamed; empty where nothing tells.
func executorContainerOf(pod *corev1.Pod) string {
	for _, c := range pod.Spec.Containers {
		if c.Name == executorContainer || len(pod.Spec.Containers) == 1 {
			return c.Name
		}
	}
	for _, c := range pod.Spec.Containers {
		for _, env := range c.Env {
			if env.Name == envExecutorID {
				return c.Name
			}
		}
	}
	return ""
}

// Short is the name of the source within its application: driver, exec-1, exec-2, ...
func (s LogSource) Short() string {
	if s.Role == driver.RoleDriver {
		return driver.RoleDriver
	}
	if s.Executor > 0 {
		return "exec-" + strconv.Itoa(s.Executor)
	}
	return s.Pod
}

// colour is always the same for the same name.
func (s LogSource) colour() string {
	others := []string{"33", "32", "35", "34", "93", "92", "95", "94", "91"}
	if s.Role == driver.RoleDriver {
		return "36"
	}
	return others[max(0, s.Executor-1)%len(others)]
}

// LogLine is one line of a log.
type LogLine struct {
	LogSource

	// Time is when it was written as the kubelet says, RFC 3339; empty where it does not say.
	Time    string `json:"time,omitempty"`
	Message string `json:"message"`
}

// LogFormat says how lines are written.
type LogFormat struct {
	// JSON: an object a line.
	JSON bool
	// Prefix: the short name of the source before each line, at least Width wide.
	Prefix bool
	Width  int
	// Timestamps: the time before each line.
	Timestamps bool
	// Terminal: what could move its cursor is taken out. Colours: it wants colours.
	Terminal, Colours bool
	// Mark is what is marked in colour, nil for nothing.
	Mark *regexp.Regexp
}

// Append appends a line in this form.
func (f LogFormat) Append(to []byte, s LogSource, at time.Time, text string) []byte {
	if f.JSON {
		line := LogLine{LogSource: s, Message: text}
		if !at.IsZero() {
			line.Time = at.UTC().Format(time.RFC3339Nano)
		}
		out := bytes.NewBuffer(to)
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		// Strings and numbers can always be written, and to memory.
		_ = encoder.Encode(line)
		return out.Bytes()
	}
	if f.Prefix {
		prefix := fmt.Sprintf("%-*s |", f.Width, s.Short())
		if f.Colours {
			prefix = "\x1b[" + s.colour() + "m" + prefix + "\x1b[0m"
		}
		to = append(append(to, prefix...), ' ')
	}
	if f.Timestamps && !at.IsZero() {
		// Of one width, so that lines stand below each other.
		to = append(at.UTC().AppendFormat(to, "2006-01-02T15:04:05.000Z07:00"), ' ')
	}
	if f.Terminal {
		text = harmless(text)
	}
	if f.Mark != nil && f.Colours {
		text = f.Mark.ReplaceAllString(text, "\x1b[1;31m${0}\x1b[0m")
	}
	return append(append(to, text...), '\n')
}

// harmless is a line that leaves a terminal's cursor alone but keeps its tabs and colours.
func harmless(text string) string {
	if !strings.ContainsFunc(text, moves) {
		return text
	}
	var out strings.Builder
	for text != "" {
		if sgr := colourSequence(text); sgr > 0 {
			out.WriteString(text[:sgr])
			text = text[sgr:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if moves(r) {
			r = '·'
		}
		out.WriteRune(r)
		text = text[size:]
	}
	return out.String()
}

func moves(r rune) bool { return r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf)) }

// colourSequence is the length of a colour sequence (ECMA-48 SGR) that a text begins with, 0 if it begins with none.
func colourSequence(text string) int {
	rest, found := strings.CutPrefix(text, "\x1b[")
	if !found {
		return 0
	}
	n := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != ';' })
	if n < 0 || rest[n] != 'm' {
		return 0
	}
	return len("\x1b[") + n + 1
}

// LogFilter says which lines are shown. Its zero value shows all.
type LogFilter struct {
	// Grep: every one of them must be found in the line; Include: one of them; Exclude: none of them.
	Grep, Include, Exclude []*regexp.Regexp
}

// Shows reports whether a line is shown.
func (f LogFilter) Shows(text string) bool {
	for _, must := range f.Grep {
		if !must.MatchString(text) {
			return false
		}
	}
	return (len(f.Include) == 0 || anyMatches(f.Include, text)) && !anyMatches(f.Exclude, text)
}

func anyMatches(expressions []*regexp.Regexp, text string) bool {
	for _, e := range expressions {
		if e.MatchString(text) {
			return true
		}
	}
	return false
}
