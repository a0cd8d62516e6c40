// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build !unix

package cli

// passThrough passes nothing through: no Spark image runs here.
func passThrough(Env) (code int, ours bool) { return 0, false }

// reap has nothing to do: no process inherits another's children here.
func reap() {}
