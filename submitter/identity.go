// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Run is one intended run: the caller's name for it, and which intention this is.
type Run struct {
	// Key is the caller's name for the run. The same key is the same run.
	Key string
	// Generation is which intention for that key this is: a retry keeps it, a deliberate
	// new run changes it. Empty means unknown.
	Generation string
	// Attempt is the number of the driver for that key, from 1.
	Attempt int
}

// Bounds of a run key and of a generation, in bytes: they go into every result, whole.
const (
	maxRunKey     = 256
	maxGeneration = 64
)

// maxDriverName bounds the names we make, in bytes: the pod's name is also its host's, and those end at 63.
const maxDriverName = 63

// DriverName is the name of the driver pod for an attempt at a run: a function of
// namespace, key and attempt alone, so that every launcher of that run comes to the same name. It
// reads <slug of key>-<10 hex digits>-<attempt>-driver and is at most 63 bytes long.
func DriverName(namespace string, run Run) string {
	tail := fmt.Sprintf("%s-%d-driver", digest(namespace, run.Key)[:10], run.Attempt)
	slug := slug(run.Key, maxDriverName-len(tail)-1)
	if slug == "" {
		return tail
	}
	return slug + "-" + tail
}

// RunLabel is the value of the label that all drivers of a run bear.
func RunLabel(namespace, key string) string { return digest(namespace, key)[:16] }

// digest tells runs apart whose keys look alike once they are made to fit a name.
func digest(namespace, key string) string {
	sum := sha256.Sum256([]byte(namespace + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

// slug makes the readable part of a name: lower case letters, digits and single dashes, at most n bytes.
func slug(s string, n int) string {
	var out strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
	}
	text := out.String()
	return strings.Trim(text[:min(len(text), max(n, 0))], "-")
}

// maxArguments bounds the argument list kept on the driver pod, in bytes. All annotations of
// a pod together may have 256 KiB, and one argument of a process 128 KiB.
const maxArguments = 16 << 10

// fingerprint is the value of the annotation that says what a driver runs: the arguments,
// secrets masked, and a digest of them; the digest alone when they are long.
func fingerprint(app Application) string {
	type application struct {
		Digest    string   `json:"digest"`
		Arguments []string `json:"arguments,omitempty"`
	}
	arguments := app.Secrets().Redact(app.Argv())
	sum := sha256.Sum256([]byte(strings.Join(arguments, "\x00")))
	a := application{Digest: "v1:" + hex.EncodeToString(sum[:16])}
	if whole, err := json.Marshal(application{a.Digest, arguments}); err == nil && len(whole) <= maxArguments {
		return string(whole)
	}
	// A struct of two strings cannot fail to be written.
	short, _ := json.Marshal(a)
	return string(short)
}
