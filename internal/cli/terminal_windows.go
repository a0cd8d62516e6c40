// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"os"
	"syscall"
	"unsafe"
)

// nameless: consoles set no $TERM.
const nameless = true

// virtualTerminal is ENABLE_VIRTUAL_TERMINAL_PROCESSING: without it a console shows escape sequences as text.
const virtualTerminal = 0x4

// size is the width and the height of the console window that a file is, 0 when it is none or one that knows no escape sequences.
func size(file *os.File) (columns, rows int) {
	kernel := syscall.NewLazyDLL("kernel32.dll")
	handle := syscall.Handle(file.Fd())
	var mode uint32
	if syscall.GetConsoleMode(handle, &mode) != nil {
		return 0, 0
	}
	if set, _, _ := kernel.NewProc("SetConsoleMode").Call(uintptr(handle), uintptr(mode|virtualTerminal)); set == 0 {
		return 0, 0
	}
	// CONSOLE_SCREEN_BUFFER_INFO
	var info struct {
		size, cursor             [2]int16
		attributes               uint16
		left, top, right, bottom int16
		largest                  [2]int16
	}
	if got, _, _ := kernel.NewProc("GetConsoleScreenBufferInfo").Call(uintptr(handle), uintptr(unsafe.Pointer(&info))); got == 0 {
		return 80, 24 // a console that does not tell its size
	}
	return int(info.right-info.left) + 1, int(info.bottom-info.top) + 1
}
