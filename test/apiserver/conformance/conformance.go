// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package conformance holds the double of the API server to the truth. Each
// case is a conversation with an API server; its transcript, with everything
// accidental normalized, is kept under testdata as a real server gave it. Run
// holds the conversation again, with the double or with a real server, and
// compares.
//
// The transcripts are recorded anew by
//
//	go test ./test/apiserver/conformance -run TestRealServer -record
//
// with SPARKCTL_CLUSTER_KUBECONFIG and SPARKCTL_CLUSTER_CONTEXT naming a
// cluster. They read as a description of how the API behaves. Messages differ
// between versions of Kubernetes: a server of another minor version than the
// recorded one is held to the codes, reasons and kinds of events alone.
package conformance

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"
)

//go:embed testdata/*.txt
var recorded embed.FS

// Options say what the suite may expect of the server.
type Options struct {
	// Prefix begins the names of the namespaces it makes, and deletes after.
	Prefix string
	// Record is given every transcript in place of the comparison.
	Record func(name, transcript string) error
	// Tokens says that the server knows who comes by bearer tokens alone, so
	// that a wrong one can be tried.
	Tokens bool
}

// Run holds all conversations with a server, each in a namespace of its own.
func Run(t *testing.T, config *rest.Config, options Options) {
	t.Helper()
	config = rest.CopyConfig(config)
	config.QPS = -1
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(config.Host, "/")
	if !strings.Contains(base, "://") {
		base = "https://" + base
	}
	strict := minorVersion(t, client, base) == recordedMinor
	for _, c := range cases() {
		if c.tokens && !options.Tokens {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run(newTalk(t, client, base, options.Prefix+c.name), c, options, strict)
		})
	}
}

// conversation is one case.
type conversation struct {
	name   string
	hold   func(*talk)
	tokens bool
}

func run(s *talk, c conversation, options Options, strict bool) {
	s.t.Helper()
	s.openNamespace()
	c.hold(s)
	got := s.transcript.String()
	if options.Record != nil {
		if err := options.Record(c.name, got); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	want, err := recorded.ReadFile(fmt.Sprintf("testdata/%s.txt", c.name))
	if err != nil {
		s.t.Fatalf("read transcript: %v; record it with -record", err)
	}
	if diff := cmp.Diff(lines(string(want), strict), lines(got, strict)); diff != "" {
		s.t.Errorf("the server says something else (-recorded +now):\n%s", diff)
	}
}

// lines are what is compared: whole lines or, when not strict, the outline of
// the answers.
func lines(transcript string, strict bool) []string {
	all := strings.Split(transcript, "\n")
	if strict {
		return all
	}
	for i, line := range all {
		answer, isAnswer := strings.CutPrefix(line, "< ")
		if !isAnswer {
			continue
		}
		first, document, _ := strings.Cut(answer, " ")
		var told struct {
			Kind, Reason string
			Code         int
		}
		if json.Unmarshal([]byte(document), &told) == nil && told.Kind == "Status" {
			first += fmt.Sprint(" ", told.Code, " ", told.Reason)
		}
		all[i] = first
	}
	return all
}

// recordedMinor is the minor version of the server that was recorded.
const recordedMinor = "34"

func minorVersion(t *testing.T, client *http.Client, base string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/version", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var told version.Info
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
		t.Fatalf("read version: %v", err)
	}
	return strings.TrimSuffix(told.Minor, "+")
}
