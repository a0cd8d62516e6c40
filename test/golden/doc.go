// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package golden holds the engine without a JVM to the truth: what the real spark-submit creates.
//
// testdata/cases has one argument list per file, with the files and the environment it stands on ([Case]);
// testdata/golden has what the real spark-submit of each Spark version created for it ([Golden]), taken down by
// `make golden` and normalised by one function, [Run.Normalise]. The test compares every object that
// submitter/native builds for the same list, field by field. It needs no Spark; recording does.
package golden
