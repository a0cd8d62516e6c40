// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// YAML writes documents with --- between them.
func YAML(documents []Document) ([]byte, error) {
	var out bytes.Buffer
	for i, d := range documents {
		text, err := yaml.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("write YAML: %w", err)
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(text)
	}
	return out.Bytes(), nil
}

// List is documents as one, as kubectl writes several.
func List(documents []Document) Document {
	items := make([]any, len(documents))
	for i, d := range documents {
		items[i] = d
	}
	return Document{"apiVersion": "v1", "kind": "List", "items": items}
}

// JSON writes a value for people and programs.
func JSON(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return out.Bytes(), nil
}

// Command is words as a line of a POSIX shell.
func Command(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = Quote(word)
	}
	return strings.Join(quoted, " ")
}

// Quote is a word as a POSIX shell reads it back.
func Quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
