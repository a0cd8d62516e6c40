// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package spelling

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"namespace", "context", "image"}
	for name, test := range map[string]struct {
		word, nearest string
		ok            bool
	}{
		"a letter that is missing":          {"namspace", "namespace", true},
		"two letters that changed places":   {"imgae", "image", true},
		"a letter too many":                 {"contexts", "context", true},
		"the word itself":                   {"image", "image", true},
		"a word that nobody would mistake":  {"queue", "image", false},
		"short words allow for one mistake": {"im", "image", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nearest, ok := Nearest(test.word, known)
			if ok != test.ok || ok && nearest != test.nearest {
				t.Errorf("%q, %t; want %q, %t", nearest, ok, test.nearest, test.ok)
			}
		})
	}
	if _, ok := Nearest("image", nil); ok {
		t.Error("of no words one is near")
	}
}
