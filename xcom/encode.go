// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package xcom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// MinBytes is the smallest size a result can be asked to fit, and DefaultBytes
// the size it fits when nothing is asked.
const (
	MinBytes     = 1024
	DefaultBytes = 4096
)

// Encode returns r as one line of JSON, newline included, of at most maxBytes bytes.
//
// What does not fit is left out in a fixed order: volumes, labels, container
// status, evidence, hint; then texts are cut. The identity (names, UID, run
// key, state, exit code) is never touched: if it alone is larger than maxBytes, the
// line is longer.
func Encode(r Result, maxBytes int) ([]byte, error) {
	if r.Cause != nil {
		cause := *r.Cause
		r.Cause = &cause
	}
	line, err := marshal(r)
	for _, shrink := range shrinks(maxBytes) {
		if err != nil || len(line) <= maxBytes {
			break
		}
		shrink(&r, len(line)-maxBytes)
		line, err = marshal(r)
	}
	return line, err
}

// shrinks are the steps that make a result smaller, in the order in which they are
// taken; each is given the number of bytes that are too many.
func shrinks(maxBytes int) []func(*Result, int) {
	return []func(*Result, int){
		func(r *Result, _ int) { r.Volumes = nil },
		func(r *Result, _ int) { r.Labels = nil },
		func(r *Result, _ int) { r.ContainerStatus = nil },
		func(r *Result, _ int) { r.cause().Evidence = nil },
		func(r *Result, _ int) { r.cause().Hint = "" },
		func(r *Result, over int) { r.cause().Message = cut(r.cause().Message, over) },
		func(r *Result, _ int) { r.ContainerImages, r.Timings, r.UIURL = nil, nil, "" },
		func(r *Result, over int) { r.ApplicationName = cut(r.ApplicationName, over) },
		func(r *Result, over int) { r.cause().Reason = cut(r.cause().Reason, over) },
		// Escaping can make a text six times as long as it was: what is still
		// too long is mostly that.
		func(r *Result, _ int) { r.cause().Message = cut(r.cause().Message, len(r.cause().Message)-maxBytes/16) },
		func(r *Result, _ int) { r.ApplicationName = "" },
	}
}

// cause is r's cause, or one that nobody sees.
func (r *Result) cause() *Cause {
	if r.Cause == nil {
		return &Cause{}
	}
	return r.Cause
}

// cut takes at least over bytes off s where it can, at a rune's border, and says so.
func cut(s string, over int) string {
	const mark = "..."
	keep := len(s) - over - len(mark)
	if over <= 0 || len(s) <= len(mark) {
		return s
	}
	if keep < 0 {
		keep = 0
	}
	for keep > 0 && !utf8.RuneStart(s[keep]) {
		keep--
	}
	return s[:keep] + mark
}

// marshal writes r as one line. Unlike json.Marshal it leaves <, > and & alone: the
// line is read by people too.
func marshal(r Result) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return line.Bytes(), nil
}
