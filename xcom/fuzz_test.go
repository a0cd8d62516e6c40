// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package xcom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Foreign bytes may be refused, but not with a panic, and what is read can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add(`{"schema":"sparkctl.dev/result/v1","state":"Failed"}`)
	f.Add(`{'schema': 'sparkctl.dev/result/v1', 'state': 'Failed', 'labels': {'a': "it's"}, 'exit_code': 3}`)
	f.Add(`"{\"schema\":1}"`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Read([]byte(text))
		if err != nil {
			return
		}
		line, err := Encode(r, MaxRead)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(line); err != nil {
			t.Fatalf("what was read cannot be read again: %v: %s", err, line)
		}
	})
}

// A repr is read as Python means it, and nothing but JSON comes out, whatever goes in.
func FuzzFromPython(f *testing.F) {
	f.Add(`{'a': [True, False, None, -1.5e+16], "b": 'it\'s', 'c': "\x00\u20ac\U0001f600\ud800"}`)
	f.Add(`{'a': '\`)
	f.Add("'\xff', \"'\"")
	f.Add(`{'a': nan, 'b': (1,), 'c': b'', 'd': {1, 2}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if document, ok := fromPython([]byte(text)); ok && !json.Valid(document) {
			t.Errorf("%q became %q", text, document)
		}
		if !utf8.ValidString(text) {
			return
		}
		quoted, _ := json.Marshal(text)
		want := `{"k":[` + string(quoted) + `,true,null,-1.5]}`
		document, ok := fromPython([]byte("{'k': [" + repr(text) + ", True, None, -1.5]}"))
		if !ok || !sameJSON(t, document, []byte(want)) {
			t.Errorf("%s became %s", repr(text), document)
		}
	})
}

// repr is how Python writes a string (Objects/unicodeobject.c, unicode_repr).
func repr(text string) string {
	quote := '\''
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	var out strings.Builder
	out.WriteRune(quote)
	for _, r := range text {
		switch {
		case r == quote || r == '\\':
			out.WriteString(`\` + string(r))
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case unicode.IsPrint(r):
			out.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&out, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			fmt.Fprintf(&out, `\U%08x`, r)
		}
	}
	out.WriteRune(quote)
	return out.String()
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var left, right any
	if err := json.Unmarshal(a, &left); err != nil {
		t.Fatalf("%v: %s", err, a)
	}
	if err := json.Unmarshal(b, &right); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return cmp.Equal(left, right)
}

// Whatever a result holds, its document is one line of valid JSON of at most the size asked for, and
// its identity is whole; only if the identity alone is larger is the document.
func FuzzEncode(f *testing.F) {
	f.Add("etl-1-driver", "etl", "the driver exited with code 1", "raise spark.driver.memory", uint16(3), uint16(0), 1.5)
	f.Add("\x00\xff", "\"\\", strings.Repeat("\x01", 900), strings.Repeat("\u2028", 500), uint16(90), uint16(1), math.MaxFloat64)
	f.Add(strings.Repeat("k", 350), "", strings.Repeat("\x01<&>", 900), "", uint16(0), uint16(3100), 0.0)
	f.Fuzz(func(t *testing.T, name, word, message, hint string, many, more uint16, seconds float64) {
		if math.IsNaN(seconds) || math.IsInf(seconds, 0) {
			return // a length of time is neither
		}
		name, word = strings.ToValidUTF8(name, "?"), strings.ToValidUTF8(word, "?")
		n := int(many % 64)
		identity := Result{Schema: Schema, State: Failed, PodName: name, PodUID: word, RunKey: name, ApplicationID: word, Attempt: n, ExitCode: &n}
		r := identity
		r.Labels, r.Timings, r.UIURL, r.ApplicationName = map[string]string{}, &Timings{Run: seconds}, hint, message
		r.Cause = &Cause{Category: CategoryApplication, Reason: word, Message: message, Hint: hint}
		for i := range n {
			r.Labels[fmt.Sprint(word, i)] = hint
			r.Volumes, r.ContainerImages = append(r.Volumes, word), append(r.ContainerImages, name)
			r.Cause.Evidence = append(r.Cause.Evidence, message)
			r.ContainerStatus = append(r.ContainerStatus, ContainerStatus{ContainerName: word, PendingReason: hint, ExitCode: &n})
		}
		most := MinBytes + int(more)%DefaultBytes
		line, err := Encode(r, most)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(line) || !utf8.Valid(line) || bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Errorf("not one line of JSON: %q", line)
		}
		back, err := Read(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		back.Labels, back.Timings, back.Volumes, back.ContainerImages, back.ContainerStatus = nil, nil, nil, nil, nil
		back.UIURL, back.ApplicationName, back.Cause = "", "", nil
		if diff := cmp.Diff(identity, back); diff != "" {
			t.Errorf("the identity changed: -want +got:\n%s", diff)
		}
		if len(line) > most {
			// What cannot be left out: the identity, and of a cause three bytes a text, at their longest.
			identity.Cause = &Cause{Category: CategoryApplication, Reason: "\x01\x01\x01", Message: "\x01\x01\x01"}
			if least, _ := Encode(identity, 1<<20); len(least) <= most {
				t.Errorf("%d bytes, want at most %d, and the least is %d: %s", len(line), most, len(least), line)
			}
		}
	})
}
