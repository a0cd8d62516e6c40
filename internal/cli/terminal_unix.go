// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build unix

package cli

import (
	"os"
	"syscall"
	"unsafe"
)

// nameless: a terminal says in $TERM what it is.
const nameless = false

// size is the width and the height of the terminal that a file is, 0 when it is none.
func size(file *os.File) (columns, rows int) {
	var size struct{ rows, columns, x, y uint16 }
	_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	switch {
	case failed != 0:
		return 0, 0
	case size.columns == 0 || size.rows == 0:
		return 80, 24 // a terminal that does not know its size
	default:
		return int(size.columns), int(size.rows)
	}
}
