// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package e2e runs submitter and sensor against a real Kubernetes and a real
// Spark: as pods of the published images, under the published Roles, in a
// namespace that enforces Pod Security "restricted", and as plain processes.
//
//	go test -tags e2e ./test/e2e                        a representative part
//	SPARKCTL_E2E_FULL=1 go test -tags e2e ./test/e2e    every version and every way
//
// The cluster is the embedded one, or a user's own (hack/target.sh). Each test
// makes a namespace of its own and takes it away again; with
// SPARKCTL_E2E_KEEP=1 it stays for a look.
package e2e
