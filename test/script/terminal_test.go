// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// Requests of Linux' terminals (asm-generic/ioctls.h), which syscall does not have everywhere.
const (
	terminalNumber = 0x80045430 // TIOCGPTN
	terminalUnlock = 0x40045431 // TIOCSPTLCK
)

// terminal is "terminal ROWSxCOLUMNS FILE PROGRAM ARGUMENTS": runs the program before a terminal of that size, writes what it shows
// into the file as it comes, and ends as the program does. What TERMINAL_TYPES names is typed there once that file exists. Linux only.
func terminal(args []string) int {
	ended, err := beforeTerminal(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 125
	}
	return ended.ExitCode()
}

func beforeTerminal(args []string) (*os.ProcessState, error) {
	var size struct{ rows, columns, x, y uint16 }
	if _, err := fmt.Sscanf(args[0], "%dx%d", &size.rows, &size.columns); err != nil {
		return nil, fmt.Errorf("read size %q: %w", args[0], err)
	}
	shown, err := os.OpenFile(args[1], os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = shown.Close() }()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = control.Close() }()
	var number, locked uint32
	for request, at := range map[uintptr]unsafe.Pointer{
		terminalUnlock: unsafe.Pointer(&locked), terminalNumber: unsafe.Pointer(&number), syscall.TIOCSWINSZ: unsafe.Pointer(&size),
	} {
		if _, _, failed := syscall.Syscall(syscall.SYS_IOCTL, control.Fd(), request, uintptr(at)); failed != 0 {
			return nil, fmt.Errorf("set up terminal: %w", failed)
		}
	}
	screen, err := os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := screen.Close(); err != nil {
		return nil, err
	}
	go typeInto(control)
	// It ends with an error when nobody has the terminal open any more.
	_, _ = io.Copy(shown, control)
	// How it ended is what is asked for, whatever Wait makes of it.
	_ = cmd.Wait()
	return cmd.ProcessState, nil
}

// typeInto types what the file that TERMINAL_TYPES names holds once it holds something.
func typeInto(control io.Writer) {
	for file := os.Getenv("TERMINAL_TYPES"); file != ""; time.Sleep(5 * time.Millisecond) {
		if keys, err := os.ReadFile(file); err == nil && len(keys) > 0 {
			_, _ = control.Write(keys)
			return
		}
	}
}
