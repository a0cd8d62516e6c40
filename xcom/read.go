// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package xcom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// ReadError reports that a text is not a result.
type ReadError struct {
	// What is wrong with the text.
	Problem string
	// What to try.
	Advice string
}

func (e *ReadError) Error() string { return "read result: " + e.Problem }

// Hint says what to try next.
func (e *ReadError) Hint() string { return e.Advice }

// ExitCode is that of a mistake in what was given.
func (e *ReadError) ExitCode() ExitCode { return ExitUsage }

// MaxRead is the size of the largest text that [Read] takes, in bytes: sixteen times [DefaultBytes], and so small that
// nesting in it, which takes a hundred bytes of stack a byte, cannot use up the memory of a small container.
const MaxRead = 64 << 10

// Read returns the result that text holds: JSON, JSON inside a JSON string (an XCom
// of text passed through tojson), or the repr of a Python dict (an XCom rendered
// without tojson). Every error is a [*ReadError].
func Read(text []byte) (Result, error) {
	var r Result
	document, err := normalize(text)
	if err != nil {
		return r, err
	}
	schema := gjson.GetBytes(document, "schema")
	switch {
	case !schema.Exists():
		return r, &ReadError{
			Problem: "this JSON has no key \"schema\", so it is not a result of submitter or sensor",
			Advice:  "give the whole return.json of a submitter, not a part of it",
		}
	case schema.String() != Schema:
		return r, &ReadError{
			Problem: fmt.Sprintf("schema %q is not known, only %q", schema.String(), Schema),
			Advice:  "use submitter and sensor of the same version",
		}
	}
	if err := json.Unmarshal(document, &r); err != nil {
		return Result{}, &ReadError{Problem: wrongType(err), Advice: adviceWhole}
	}
	if r.State == Succeeded && r.ExitCode != nil && *r.ExitCode != 0 {
		return Result{}, &ReadError{Problem: fmt.Sprintf("it says Succeeded and exit code %d", *r.ExitCode), Advice: adviceWhole}
	}
	if !slices.Contains(States(), r.State) {
		return Result{}, &ReadError{Problem: fmt.Sprintf("state %q is not known", r.State), Advice: "use submitter and sensor of the same version"}
	}
	return r, nil
}

const adviceWhole = "pass the document as it was written, for Airflow: \"{{ ti.xcom_pull(task_ids='submit') | tojson }}\""

// wrongType says which key holds something else than it should, without the names of this program.
func wrongType(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("key %q holds a %s", wrong.Field, wrong.Value)
	}
	return err.Error()
}

// normalize turns what orchestrators make of a JSON document back into it.
func normalize(text []byte) ([]byte, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	switch {
	case len(text) > MaxRead:
		return nil, &ReadError{Problem: fmt.Sprintf("it has more than %d bytes", MaxRead), Advice: adviceWhole}
	case len(text) == 0:
		return nil, &ReadError{Problem: "it is empty", Advice: "check that the submitter ran and that its result was passed on"}
	case string(text) == "None" || string(text) == "null":
		return nil, &ReadError{
			Problem: fmt.Sprintf("it is %s: there is no XCom", text),
			Advice:  "set do_xcom_push=True on the submitting task, and pull from its task_id",
		}
	case gjson.ValidBytes(text):
		return object(text)
	case text[0] == '{':
		if document, ok := fromPython(text); ok {
			return object(document)
		}
	}
	if text[0] == '{' && strings.Count(string(text), "{") > strings.Count(string(text), "}") {
		return nil, &ReadError{Problem: fmt.Sprintf("it is cut off after %d bytes", len(text)), Advice: adviceWhole}
	}
	return nil, &ReadError{Problem: fmt.Sprintf("neither JSON nor a Python dict: %s", excerpt(text)), Advice: adviceWhole}
}

// object accepts a JSON object, or a JSON string that holds one.
func object(document []byte) ([]byte, error) {
	value := gjson.ParseBytes(document)
	if inner := strings.TrimSpace(value.String()); value.Type == gjson.String && strings.HasPrefix(inner, "{") {
		return normalize([]byte(inner))
	}
	if !value.IsObject() {
		return nil, &ReadError{Problem: fmt.Sprintf("not a JSON object: %s", excerpt(document)), Advice: adviceWhole}
	}
	return document, nil
}

// excerpt quotes the start of a text for an error message.
func excerpt(text []byte) string {
	const most = 60
	if len(text) > most {
		return fmt.Sprintf("%q...", text[:most])
	}
	return fmt.Sprintf("%q", text)
}
