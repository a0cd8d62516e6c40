// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package submitter submits one application as one driver pod.
//
// [ParseArguments] reads spark-submit's argument list into an [Application],
// which says all that is to be run. [NewPlan] gives that application a name, labels and
// annotations that follow from its run key, and refuses what cannot be done. [Submitter]
// has an engine carry the plan out and confirms by reading the API that the driver exists:
// what an engine prints is never the source of an identity.
package submitter
