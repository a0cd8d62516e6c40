// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Faultdriver stands in for a driver in the tests of faults: it writes numbered
// lines, some longer than a container runtime keeps in one piece, until a file
// tells it with which code to end. The file is put there through the node's
// disk, so that it ends at the wanted moment even while no API server runs.
//
//	faultdriver FILE INTERVAL
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Every longEvery-th line is filled up to longBytes; containerd splits at 16384.
const (
	longEvery = 100
	longBytes = 20_000
)

func main() { os.Exit(run()) }

func run() int {
	interval, err := time.ParseDuration(os.Args[2])
	if err != nil {
		fmt.Println(err)
		return 64
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	tick := time.NewTicker(interval)
	for n := 0; ; n++ {
		line := fmt.Sprintf("line %d", n)
		if n%longEvery == longEvery-1 {
			line += " " + strings.Repeat("x", longBytes-len(line)-1)
		}
		fmt.Println(line)
		select {
		case <-term:
			fmt.Printf("asked to end after %d lines\n", n+1)
			return 143
		case <-tick.C:
		}
		if text, err := os.ReadFile(os.Args[1]); err == nil {
			code, err := strconv.Atoi(strings.TrimSpace(string(text)))
			fmt.Printf("ending after %d lines with code %d, %v\n", n+1, code, err)
			return code
		}
	}
}
