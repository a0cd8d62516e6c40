// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package sensor tells how a driver ends.
//
// [Judge] is the whole decision: it maps what was seen of one driver pod, and
// the time, to a [Verdict], and touches neither network nor clock. [Follower]
// supplies it with observations until the verdict is final. [Describe] writes
// down a pod as a result, and [LogFollower] copies the driver's log.
//
// The driver's container decides, not the pod's phase: a sidecar can keep
// the phase at Running after the driver has ended, or turn it to Failed when
// the driver succeeded. A pod that is gone is judged by the last that was
// seen of it; without a terminated container in that, it is lost, and lost
// is never success.
package sensor
