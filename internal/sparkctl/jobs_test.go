// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/submitter"
)

func TestFlagsChangeAnApplication(t *testing.T) {
	t.Parallel()
	const image = "spark.kubernetes.container.image"
	for name, test := range map[string]struct {
		flags       jobFlags
		given, want string
	}{
		"nothing is given": {
			given: "--class A local:///a.jar x", want: "--class A local:///a.jar x",
		},
		"a key keeps its place": {
			flags: jobFlags{conf: []string{"spark.a=2"}},
			given: "--conf spark.a=1 --conf spark.b=1 local:///a.jar", want: "--conf spark.a=2 --conf spark.b=1 local:///a.jar",
		},
		"a new key comes last, and may hold an equals sign": {
			flags: jobFlags{conf: []string{"spark.b=x=y", "spark.c="}},
			given: "--conf spark.a=1 local:///a.jar", want: "--conf spark.a=1 --conf spark.b=x=y --conf spark.c= local:///a.jar",
		},
		"an option that sets the key would win over --conf, so it is changed": {
			flags: jobFlags{conf: []string{"spark.driver.memory=4g"}},
			given: "--driver-memory 1g --conf spark.driver.memory=2g local:///a.jar", want: "--driver-memory 4g --conf spark.driver.memory=4g local:///a.jar",
		},
		"a key whose name another begins with stays": {
			flags: jobFlags{conf: []string{"spark.a=2"}},
			given: "--conf spark.a.b=1 local:///a.jar", want: "--conf spark.a.b=1 --conf spark.a=2 local:///a.jar",
		},
		"an image is that of all roles": {
			flags: jobFlags{image: "new"},
			given: "--conf " + image + "=old --conf spark.kubernetes.driver.container.image=old local:///a.jar",
			want:  "--conf " + image + "=new --conf spark.kubernetes.driver.container.image=new local:///a.jar",
		},
		"an image and an account that the application does not name": {
			flags: jobFlags{image: "new", account: "spark"},
			given: "local:///a.jar",
			want:  "--conf " + image + "=new --conf spark.kubernetes.authenticate.driver.serviceAccountName=spark local:///a.jar",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app, err := submitter.ParseArguments(strings.Fields(test.given))
			if err != nil {
				t.Fatal(err)
			}
			changed, err := test.flags.changed(app)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Fields(test.want), changed.Argv()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(strings.Fields(test.given), app.Argv()); diff != "" {
				t.Errorf("the application that was given was changed:\n%s", diff)
			}
		})
	}
	for _, wrong := range []string{"spark.a", "a=b", "=x", ""} {
		if _, err := (&jobFlags{conf: []string{wrong}}).changed(submitter.Application{MainFile: "a.jar"}); err == nil {
			t.Errorf("--conf %q was taken", wrong)
		}
	}
}
