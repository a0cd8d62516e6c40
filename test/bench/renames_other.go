// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build !linux

package main

import "errors"

// watchResults needs inotify.
func watchResults(string, *ends, chan<- error) error {
	return errors.New("the time of a rename can be measured on Linux only")
}
