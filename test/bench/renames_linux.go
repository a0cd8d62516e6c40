// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// watchResults notes when a folder gets a result with a final state: NAME.json is pod NAME's. The time
// is taken when the kernel tells of the rename, which is after it.
func watchResults(dir string, seen *ends, failed chan<- error) error {
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
	if err != nil {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_MOVED_TO); err != nil {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	go func() {
		buffer := make([]byte, 64*1024)
		for {
			n, err := syscall.Read(fd, buffer)
			at := time.Now()
			if err == syscall.EINTR {
				continue
			}
			if err != nil {
				failed <- fmt.Errorf("watch %s: %w", dir, err)
				return
			}
			for _, name := range renamed(buffer[:n]) {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					continue
				}
				if r, err := xcom.Read(text); err == nil && r.State.Final() {
					seen.note(strings.TrimSuffix(name, ".json"), at)
				}
			}
		}
	}()
	return nil
}

// renamed takes the names out of what inotify said.
func renamed(events []byte) []string {
	var names []string
	for len(events) >= syscall.SizeofInotifyEvent {
		size := int(binary.NativeEndian.Uint32(events[12:]))
		name := events[syscall.SizeofInotifyEvent : syscall.SizeofInotifyEvent+size]
		names = append(names, string(bytes.TrimRight(name, "\x00")))
		events = events[syscall.SizeofInotifyEvent+size:]
	}
	return names
}
