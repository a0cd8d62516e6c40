// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package layout

// The versions of everything the cluster is made of, in this one place. The
// go.mod of each module below hack/cluster must agree; a test compares them.
const (
	KubernetesVersion = "1.34.4"
	EtcdVersion       = "3.6.6"
	CoreDNSVersion    = "1.12.4"

	// DebianRelease is the root file system below Spark.
	DebianRelease = "bookworm"
	// JavaMajor is the Java in the Spark image; it runs every Spark from 3.3 to 4.3.
	JavaMajor = "17"
	// DefaultSpark is the newest 4.0 release.
	DefaultSpark = "4.0.5"
)

// SparkVersions returns the releases that the tests run against: the newest of
// each line from 3.3 to 4.3.
func SparkVersions() []string {
	return []string{"3.3.4", "3.4.4", "3.5.9", "4.0.5", "4.1.4", "4.2.1", "4.3.0"}
}
