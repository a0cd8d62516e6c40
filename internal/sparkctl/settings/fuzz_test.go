// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package settings

import (
	"errors"
	"strings"
	"testing"

	"github.com/sparkctl/sparkctl/internal/problem"
)

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"namespace: jobs\nconf:\n  spark.executor.instances: 2\n", `{"engine": "native"}`, "a: [", "conf: {spark.a: {b: 1}}", "<<: 1", "? ", "spark-version: 4.0",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("/c.yaml", []byte(text))
		if err != nil {
			if wrong, is := errors.AsType[*problem.Error](err); !is || wrong.Hint() == "" || !strings.HasPrefix(wrong.Error(), "/c.yaml: ") {
				t.Errorf("an error that names no file or gives no hint: %v", err)
			}
			return
		}
		for key := range file.Conf {
			if !isSparks(key) {
				t.Errorf("%q was taken for a key of Spark's", key)
			}
		}
		for key, value := range file.Values {
			if check(key, value) != nil {
				t.Errorf("%s was taken with %q, which it cannot be", key, value)
			}
		}
	})
}
