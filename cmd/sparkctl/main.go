// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command sparkctl is the command line for Spark applications on Kubernetes.
package main

import (
	"context"
	"os"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl"
)

func main() { os.Exit(sparkctl.Run(context.Background(), cli.Process())) }
