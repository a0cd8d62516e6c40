// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheMedianIsTakenOfEachFigureByItself(t *testing.T) {
	t.Parallel()
	runs := []cost{{3, 10, 200}, {1, 30, 100}, {2, 20, 300}}
	if diff := cmp.Diff(cost{2, 20, 200}, medianCost(runs)); diff != "" {
		t.Error(diff)
	}
}

func TestARunTellsWhatItTookAndKeepsSilentOtherwise(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := runOne(t.Context(), &out, []string{"sh", "-c", "echo much; read -r line </proc/self/status"}); err != nil {
		t.Fatal(err)
	}
	var took cost
	if err := json.Unmarshal(out.Bytes(), &took); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if took.WallMS <= 0 || took.PeakMB <= 0 {
		t.Errorf("a run that took nothing: %+v", took)
	}
	for name, command := range map[string][]string{"a command that fails": {"sh", "-c", "exit 3"}, "no command": {}} {
		if err := runOne(t.Context(), &out, command); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}
