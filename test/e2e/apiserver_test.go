// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/test/apiserver/conformance"
)

// The double of the API server that the other tests stand on says what a real one says.
func TestTheDoubleSpeaksAsTheRealAPIServer(t *testing.T) {
	made, err := prepare()
	if err != nil {
		t.Fatal(err)
	}
	config, err := made.config()
	if err != nil {
		t.Fatal(err)
	}
	conformance.Run(t, config, conformance.Options{Prefix: fmt.Sprintf("conformance-%x-", time.Now().UnixNano())})
}
