// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command sensor follows a Spark driver to its end and tells how it ended.
package main

import (
	"context"
	"os"

	"github.com/sparkctl/sparkctl/internal/cli"
)

func main() { os.Exit(cli.Sensor(context.Background(), cli.Process())) }
