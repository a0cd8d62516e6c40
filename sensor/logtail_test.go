// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

func TestTailLog(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10<<10)
	for title, test := range map[string]struct {
		log  []string
		n    int
		want []string
	}{
		"the last lines":              {[]string{"one\n", "two\n", "three\n"}, 2, []string{"two", "three"}},
		"fewer than asked for":        {[]string{"one\n"}, 2, []string{"one"}},
		"none":                        {nil, 2, nil},
		"an end without a line's end": {[]string{"one\n", "two"}, 2, []string{"one", "two"}},
		"the end where the lines are longer than what is read at once": {
			[]string{strings.Repeat(long+"\n", 200), "the end\n"}, 160, append(slices.Repeat([]string{long}, 19), "the end"),
		},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			inWorld(t, apiserver.Options{}, func(w *world) {
				w.run()
				for _, text := range test.log {
					w.server.AppendLog(namespace, name, container, text)
				}
				w.terminate(1)
				got, err := sensor.TailLog(w.t.Context(), w.client, sensor.Target{Namespace: namespace, Name: name}, container, test.n)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("-want +got:\n%.500s", diff)
				}
			})
		})
	}
}

func TestTailLogOfAPodThatIsNotThere(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.remove()
		if got, err := sensor.TailLog(w.t.Context(), w.client, sensor.Target{Namespace: namespace, Name: name}, container, 5); err == nil {
			t.Errorf("got %q and no error", got)
		}
	})
}
