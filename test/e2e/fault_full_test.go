// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import "testing"

func TestFaultRevisionsForgotten(t *testing.T)      { inFull(t, revisionsForgotten) }
func TestFaultEverythingSilent(t *testing.T)        { inFull(t, everythingSilent) }
func TestFaultWatchSilent(t *testing.T)             { inFull(t, watchSilent) }
func TestFaultWatchSilentWithoutPings(t *testing.T) { inFull(t, watchSilentWithoutPings) }
func TestFaultTokenExpires(t *testing.T)            { inFull(t, tokenExpires) }
func TestFaultRightsWithdrawn(t *testing.T)         { inFull(t, rightsWithdrawn) }
func TestFaultARightMissing(t *testing.T)           { inFull(t, aRightMissing) }
func TestFaultKubeletRestarted(t *testing.T)        { inFull(t, kubeletRestarted) }
func TestFaultKubeletDownAtTheEnd(t *testing.T)     { inFull(t, kubeletDownAtTheEnd) }
func TestFaultNodeLost(t *testing.T)                { inFull(t, nodeLost) }
