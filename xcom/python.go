// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package xcom

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// fromPython turns the repr of a Python value made of dicts, lists, strings,
// numbers, True, False and None into JSON. It reports whether text was one.
func fromPython(text []byte) ([]byte, bool) {
	p := python{rest: string(text)}
	for p.rest != "" {
		if !p.token() {
			return nil, false
		}
	}
	document := []byte(p.json.String())
	return document, gjson.ValidBytes(document)
}

// python rewrites a repr token by token. It knows no grammar: what comes out is
// checked as JSON, and a repr is JSON but for its strings and three words.
type python struct {
	rest string
	json strings.Builder
}

func (p *python) token() bool {
	for word, json := range map[string]string{"True": "true", "False": "false", "None": "null"} {
		if after, ok := strings.CutPrefix(p.rest, word); ok {
			p.rest = after
			p.json.WriteString(json)
			return true
		}
	}
	c := p.rest[0]
	switch {
	case c == '\'' || c == '"':
		return p.str(c)
	case strings.IndexByte("{}[]:, \t\r\n+-.eE0123456789", c) >= 0:
		p.json.WriteByte(c)
		p.rest = p.rest[1:]
		return true
	default:
		return false
	}
}

// str rewrites one string literal that quote opens.
func (p *python) str(quote byte) bool {
	var value strings.Builder
	rest := p.rest[1:]
	for {
		switch {
		case rest == "":
			return false
		case rest[0] == quote:
			encoded, err := json.Marshal(value.String())
			if err != nil {
				return false
			}
			p.json.Write(encoded)
			p.rest = rest[1:]
			return true
		case rest[0] == '\\':
			var ok bool
			if rest, ok = escape(&value, rest[1:]); !ok {
				return false
			}
		default:
			_, size := utf8.DecodeRuneInString(rest)
			value.WriteString(rest[:size])
			rest = rest[size:]
		}
	}
}

// escape writes what the escape sequence at the start of rest, its backslash
// taken off, stands for, and returns what follows it.
func escape(value *strings.Builder, rest string) (string, bool) {
	if rest == "" {
		return "", false
	}
	letters := map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', '\'': '\'', '"': '"'}
	if letter, ok := letters[rest[0]]; ok {
		value.WriteByte(letter)
		return rest[1:], true
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[rest[0]]
	if digits == 0 || len(rest) < 1+digits {
		return "", false
	}
	code, err := strconv.ParseUint(rest[1:1+digits], 16, 32)
	if err != nil {
		return "", false
	}
	value.WriteRune(rune(code))
	return rest[1+digits:], true
}
