// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package manifest reads SparkApplication files as what a submission needs, and writes an application as one.
//
// [Read] takes both operators' kinds, sparkoperator.k8s.io/v1beta2 and spark.apache.org/v1, and gives for each what spark-submit
// would be given by its operator. What an operator does to pods by its webhook goes into templates of pods. A field that
// a submission cannot honour is an error that names its path. [Write] is the way back. Nothing is read but the text that is passed in.
package manifest
