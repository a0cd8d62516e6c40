// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package pattern

import "testing"

func TestEachIsCompiledOnce(t *testing.T) {
	t.Parallel()
	first := Of(`^a+$`)
	if !first.MatchString("aa") || first.MatchString("ab") {
		t.Error("it does not match what it says")
	}
	if Of(`^a+$`) != first {
		t.Error("the same text was compiled again")
	}
	if Of(`^b+$`) == first {
		t.Error("another text is the same expression")
	}
}
