// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import "fmt"

// OnActive is what becomes of an active driver of the same run and generation.
type OnActive string

// The ways to treat an active driver.
const (
	// ActiveAuto adopts it if it runs the same application, and refuses to do anything otherwise.
	ActiveAuto OnActive = "auto"
	// ActiveAdopt adopts it whatever it runs.
	ActiveAdopt OnActive = "adopt"
	// ActiveReplace ends it and submits anew.
	ActiveReplace OnActive = "replace"
	// ActiveFail refuses to do anything, also where the driver is of an older generation.
	ActiveFail OnActive = "fail"
)

// OnSucceeded is what becomes of a success of the same run and generation.
type OnSucceeded string

// The ways to treat a success.
const (
	// SucceededAuto hands it over if it is the same application's, and refuses to do anything otherwise. Where the key
	// was found in Airflow's labels and no generation is known it runs the application again.
	SucceededAuto OnSucceeded = "auto"
	// SucceededReuse hands it over, whatever application it is of.
	SucceededReuse OnSucceeded = "reuse"
	// SucceededRerun submits anew.
	SucceededRerun OnSucceeded = "rerun"
)

// Policy is what a launcher does about what it finds.
type Policy struct {
	OnActive    OnActive
	OnSucceeded OnSucceeded
	// ReplaceFinished allows to delete the ended driver of another run that has the name that the user fixed.
	ReplaceFinished bool
	// Force removes a driver from the API that was deleted and does not end, as on a node that is cut off.
	Force bool
}

// ParseOnActive reads the value of --on-active.
func ParseOnActive(s string) (OnActive, error) {
	switch o := OnActive(s); o {
	case ActiveAuto, ActiveAdopt, ActiveReplace, ActiveFail:
		return o, nil
	default:
		return "", fmt.Errorf("%q is none of auto, adopt, replace, fail", s)
	}
}

// ParseOnSucceeded reads the value of --on-succeeded.
func ParseOnSucceeded(s string) (OnSucceeded, error) {
	switch o := OnSucceeded(s); o {
	case SucceededAuto, SucceededReuse, SucceededRerun:
		return o, nil
	default:
		return "", fmt.Errorf("%q is none of auto, reuse, rerun", s)
	}
}
