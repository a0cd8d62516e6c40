// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Kubeconfig returns a kubeconfig with one context, called name, that carries
// its certificates within. JSON is YAML, and needs no library.
func Kubeconfig(name, server string, authority, certificate, key []byte) ([]byte, error) {
	encode := base64.StdEncoding.EncodeToString
	object := map[string]any{
		"apiVersion": "v1",
		"kind":       "Config",
		"clusters": []any{map[string]any{"name": name, "cluster": map[string]any{
			"server": server, "certificate-authority-data": encode(authority),
		}}},
		"users": []any{map[string]any{"name": name, "user": map[string]any{
			"client-certificate-data": encode(certificate), "client-key-data": encode(key),
		}}},
		"contexts":        []any{map[string]any{"name": name, "context": map[string]any{"cluster": name, "user": name}}},
		"current-context": name,
	}
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode kubeconfig: %w", err)
	}
	return append(data, '\n'), nil
}
