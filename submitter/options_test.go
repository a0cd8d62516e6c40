// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The options that Spark's own parser knows, read off SparkSubmitOptionParser of Spark 3.3.4, 3.4.4, 3.5.9, 4.0.5, 4.1.4, 4.2.1
// and 4.3.0.
const sparkOptions = `--archives --class --conf --deploy-mode --driver-class-path --driver-cores --driver-default-class-path
	--driver-java-options --driver-library-path --driver-memory --exclude-packages --executor-cores --executor-memory
	--extra-properties-file --files --jars --keytab --kill --master --name --num-executors --packages --principal
	--properties-file --proxy-user --py-files --queue --remote --repositories --status --total-executor-cores
	--help --load-spark-defaults --supervise --usage-error --verbose --version`

func TestTheTableHoldsSparksOptions(t *testing.T) {
	t.Parallel()
	var ours []string
	for _, o := range Options() {
		ours = append(ours, o.Name)
	}
	if diff := cmp.Diff(strings.Fields(sparkOptions), ours, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("-Spark's +ours:\n%s", diff)
	}
}

func TestOptionsThatOlderSparksDoNotKnow(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, version := range [][2]int{{3, 3}, {3, 4}, {3, 5}, {4, 0}, {4, 1}, {4, 2}, {4, 3}} {
		for _, o := range Options() {
			if got[o.Name] += " "; o.In(version[0], version[1]) {
				got[o.Name] += string(rune('0'+version[0])) + "." + string(rune('0'+version[1]))
			}
		}
	}
	want := map[string]string{
		"--remote":                    " 3.4 3.5 4.0 4.1 4.2 4.3",
		"--driver-default-class-path": " 4.0 4.1 4.2 4.3",
		"--load-spark-defaults":       " 4.0 4.1 4.2 4.3",
		"--extra-properties-file":     " 4.2 4.3",
	}
	for name, versions := range got {
		versions = " " + strings.Join(strings.Fields(versions), " ")
		if expected, later := want[name]; later && versions != expected || !later && versions != " 3.3 3.4 3.5 4.0 4.1 4.2 4.3" {
			t.Errorf("%s is in%s", name, versions)
		}
	}
}

func TestAnOptionThatTheVersionDoesNotHaveIsRefused(t *testing.T) {
	t.Parallel()
	app := parse(t, "--name", "n", "--load-spark-defaults", "--extra-properties-file", "p", "a.jar", "--remote")
	for version, want := range map[[2]int]string{
		{3, 5}: "spark-submit of Spark 3.5 has no option --load-spark-defaults: it came with Spark 4.0",
		{4, 1}: "spark-submit of Spark 4.1 has no option --extra-properties-file: it came with Spark 4.2",
		{4, 2}: "",
		{5, 0}: "",
	} {
		if got := refused(t, app.CheckOptions(version[0], version[1])); got != want {
			t.Errorf("%v: %q, want %q", version, got, want)
		}
	}
}

func TestEveryOptionSetsAKeyOrSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	keys := map[string]string{}
	for _, o := range Options() {
		if (o.Key == "") == (o.Does == "") {
			t.Errorf("%s sets %q and does %q", o.Name, o.Key, o.Does)
		}
		if other := keys[o.Key]; o.Key != "" && other != "" {
			t.Errorf("%s and %s set %s", o.Name, other, o.Key)
		}
		keys[o.Key] = o.Name
	}
}
