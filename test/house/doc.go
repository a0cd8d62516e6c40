// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package house holds the rules of this repository that no linter knows: which
// package may import which, what may become a dependency, how long a file may
// grow, that every link in the documentation leads somewhere.
//
// There is nothing to call; `go test ./test/house` checks the tree it stands in.
package house
