// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/sparkctl/sparkctl/test/ends"
)

// causesPage is the table of ends, with what the sensor says of each recording.
func causesPage(root string) ([]byte, error) {
	var page bytes.Buffer
	page.WriteString("# How a driver ends, and what the sensor says\n\n" + generated +
		"One row for each way in which a driver ends: what happens, and what `sensor` then says and ends with. The sentences are those of the\n" +
		"recording named in the last column, judged with the deadlines the sensor has by default; names and numbers in them are the recording's.\n" +
		"[Exit codes](exit-codes.md) and [the result](result.md) have pages of their own. *Again* says whether the same submission may end differently\n" +
		"when it is tried again; where it is empty, that cannot be said.\n\n")
	for _, group := range ends.Groups() {
		fmt.Fprintf(&page, "- [%s](#%s)\n", group.Title, anchor(group.Title))
	}
	for _, group := range ends.Groups() {
		fmt.Fprintf(&page, "\n## %s\n\n| what happens | state | exit code | category | reason | the sentence, *and what to try* | again | seen on |\n|---|---|---|---|---|---|---|---|\n", group.Title)
		for _, end := range group.Ends {
			row, err := causesRow(root, end)
			if err != nil {
				return nil, err
			}
			page.WriteString(row)
		}
	}
	return page.Bytes(), nil
}

// causesRow is the row of an end.
func causesRow(root string, end ends.End) (string, error) {
	recording, err := ends.Load(filepath.Join(root, ends.Folder), end.Name)
	if err != nil {
		return "", err
	}
	result, _ := end.Judge(recording)
	said, retry := "", ""
	if cause := result.Cause; cause != nil {
		said = cell(cause.Message)
		if cause.Hint != "" {
			said += "<br>*" + cell(cause.Hint) + "*"
		}
		if cause.Retryable != nil {
			retry = map[bool]string{true: "yes", false: "no"}[*cause.Retryable]
		}
	}
	return fmt.Sprintf("| %s | %s | %d | %s | %s | %s | %s | %s |\n",
		cell(end.What), result.State, result.Exit(), end.Category, end.Reason, said, retry, cell(recording.Header)), nil
}

// anchor is what GitHub makes of a heading.
func anchor(title string) string {
	return strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(title))
}

// cell is text that may stand in a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "\n", " ").Replace(text)
}
