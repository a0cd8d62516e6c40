// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command cluster brings a real Kubernetes up on a bare Debian machine, and
// takes it down again without a trace. The script beside it builds and runs it.
package main

import (
	"os"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:]))
}
