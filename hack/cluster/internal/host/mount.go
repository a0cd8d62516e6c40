// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package host

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

// MountsBelow returns the mount points at or below the folders, the last
// mounted first, from the text of /proc/self/mountinfo.
func MountsBelow(mountinfo string, folders ...string) []string {
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	var points []string
	for line := range strings.Lines(mountinfo) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		point := unescape.Replace(fields[4])
		for _, folder := range folders {
			if point == folder || strings.HasPrefix(point, folder+"/") {
				points = append(points, point)
			}
		}
	}
	slices.Reverse(points)
	return points
}

// Mounts returns this process's mount points at or below the folders.
func Mounts(folders ...string) ([]string, error) {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("list mounts: %w", err)
	}
	return MountsBelow(string(data), folders...), nil
}

// Unmount removes every mount at or below the folders.
func Unmount(folders ...string) error {
	points, err := Mounts(folders...)
	if err != nil {
		return err
	}
	for _, point := range points {
		if err := syscall.Unmount(point, 0); err != nil {
			if err := syscall.Unmount(point, syscall.MNT_DETACH); err != nil {
				return fmt.Errorf("unmount %s: %w", point, err)
			}
		}
	}
	return nil
}
