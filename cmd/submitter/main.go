// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command submitter submits a Spark application to Kubernetes from inside a container.
package main

import (
	"context"
	"os"

	"github.com/sparkctl/sparkctl/internal/cli"
)

func main() { os.Exit(cli.Submitter(context.Background(), cli.Process())) }
