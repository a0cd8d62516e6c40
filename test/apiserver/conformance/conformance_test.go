// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/test/apiserver/conformance"
)

var record = flag.Bool("record", false, "write the transcripts anew from the real server")

func TestTheDoubleBehavesAsRecorded(t *testing.T) {
	t.Parallel()
	server := apiserver.New(apiserver.Options{
		Users:     map[string]string{"admin": "admin"},
		Authorize: func(a apiserver.Attributes) bool { return a.User == "admin" },
	})
	config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), BearerToken: "admin"}
	options := conformance.Options{Prefix: "conformance-", Tokens: true}
	conformance.Run(t, config, options)
}

func TestRealServer(t *testing.T) {
	path, name := os.Getenv("SPARKCTL_CLUSTER_KUBECONFIG"), os.Getenv("SPARKCTL_CLUSTER_CONTEXT")
	if path == "" || name == "" {
		t.Skip("no cluster: set SPARKCTL_CLUSTER_KUBECONFIG and SPARKCTL_CLUSTER_CONTEXT")
	}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: path},
		&clientcmd.ConfigOverrides{CurrentContext: name},
	).ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	options := conformance.Options{
		Prefix: fmt.Sprintf("conformance-%d-", time.Now().UnixNano()%1e6),
		Tokens: config.BearerToken != "" || config.BearerTokenFile != "",
	}
	if *record {
		options.Record = func(name, transcript string) error {
			return os.WriteFile(filepath.Join("testdata", name+".txt"), []byte(transcript), 0o644)
		}
	}
	conformance.Run(t, config, options)
}
