// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package spark holds the files that the Spark image gets from us: its
// entrypoint and the sources of the example application.
package spark

import "embed"

// Files are entrypoint.sh, decom.sh and the sources below java.
//
//go:embed entrypoint.sh decom.sh java
var Files embed.FS
