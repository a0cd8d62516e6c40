// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// Version of Spark, such as 4.0.5.
type Version struct{ Major, Minor, Patch int }

// oldest and newest are the versions whose spark-submit this engine has been compared with, without their patch.
func oldest() Version { return Version{3, 3, 0} }
func newest() Version { return Version{4, 3, 0} }

// AtLeast reports whether v is major.minor or newer.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// String is major.minor.patch.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Check refuses versions whose objects are not known. The error is a [*problem.Error] with exit code 2.
func (v Version) Check() error {
	if old := oldest(); !v.AtLeast(old.Major, old.Minor) {
		return problem.Usage("use Spark "+old.short()+" or newer", "the native engine does not know Spark %s", v)
	}
	if latest := newest(); v.AtLeast(latest.Major, latest.Minor+1) {
		return problem.Usage("give --engine=spark-submit, or --spark-version "+latest.short()+" if that Spark wants the same objects, or a newer submitter",
			"the native engine does not know Spark %s: %s is the newest it has been compared with", v, latest.short())
	}
	return nil
}

func (v Version) short() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// ParseVersion reads a version such as 4.0.5, or 4.0 for its first patch release. Every error is a [*problem.Error] with exit code 2.
func ParseVersion(text string) (Version, error) {
	parts := strings.Split(text, ".")
	var numbers [3]int
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(parts) < 2 || len(parts) > 3 {
			return Version{}, problem.Usage("give it like --spark-version 4.0.5", "%q is no version of Spark", text)
		}
		numbers[i] = int(number)
	}
	v := Version{numbers[0], numbers[1], numbers[2]}
	return v, v.Check()
}

// VersionOfImage reads the version from the tag of an image, such as repo/spark:4.0.5-scala2.13-java17. A tag that does not begin with
// a whole version is not guessed at. Every error is a [*problem.Error] with exit code 2.
func VersionOfImage(image string) (Version, error) {
	image, _, _ = strings.Cut(image, "@")
	name := image[strings.LastIndexByte(image, '/')+1:]
	_, tag, _ := strings.Cut(name, ":")
	found := regexp.MustCompile(`^(?:v|spark-?)?([0-9]+\.[0-9]+\.[0-9]+)(?:$|[-_+.])`).FindStringSubmatch(tag)
	if found == nil {
		return Version{}, problem.Usage("tell it with --spark-version, such as --spark-version 4.0.5",
			"the tag of image %q does not tell which Spark is in it, and the driver's objects depend on that", image)
	}
	return ParseVersion(found[1])
}
