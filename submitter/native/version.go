// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

// Version of Spark, such as 4.0.5.
type Version struct{ Major, Minor, Patch int }

// AtLeast reports whether v is major.minor or newer.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}
