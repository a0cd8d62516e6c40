// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// The options that Spark's own parser knows, read off SparkSubmitOptionParser of Spark 3.5.9, 4.0.5 and 4.3.0.
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

func TestEveryOptionIsReadInBothSpellings(t *testing.T) {
	t.Parallel()
	for _, o := range Options() {
		if o.Action {
			continue
		}
		value := "spark.v=1 --x"
		want := Application{Options: []Option{{o.Name, value}}, MainFile: "app.jar", Arguments: []string{"-a"}, Conf: map[string]string{}}
		spellings := [][]string{{o.Name, value}, {o.Name + "=" + value}}
		switch {
		case o.Name == "--conf":
			want.Conf["spark.v"] = "1 --x"
			spellings = append(spellings, []string{"-c", value})
		case o.Switch:
			want.Options[0].Value = ""
			spellings = [][]string{{o.Name}}
			if o.Short != "" {
				spellings = append(spellings, []string{o.Short})
			}
		case o.Key != "":
			want.Conf[o.Key] = value
		}
		for _, spelling := range spellings {
			got, err := ParseArguments(append(spelling, "app.jar", "-a"))
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%q: %v -want +got:\n%s", spelling, err, diff)
			}
		}
	}
}

func TestParseArguments(t *testing.T) {
	t.Parallel()
	conf := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for name, test := range map[string]struct {
		argv []string
		want Application
	}{
		"nothing at all is no main file yet": {nil, Application{Conf: conf()}},
		"what follows the main file is the application's, options or not": {
			[]string{"app.py", "--class", "X", "--", "-h", "--conf", "broken"},
			Application{MainFile: "app.py", Arguments: []string{"--class", "X", "--", "-h", "--conf", "broken"}, Conf: conf()},
		},
		"a value may look like an option": {
			[]string{"--class", "--name", "--jars", "-c", "app.jar"},
			Application{Options: []Option{{"--class", "--name"}, {"--jars", "-c"}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.jars", "-c")},
		},
		"an empty value stands apart, never behind =": {
			[]string{"--name", "", "--conf", "spark.x=", "app.jar"},
			Application{Options: []Option{{"--name", ""}, {"--conf", "spark.x="}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.app.name", "", "spark.x", "")},
		},
		"only the first = ends a key": {
			[]string{"--conf=spark.x=a=b", "--conf", "spark.y=c=d", "app.jar"},
			Application{Options: []Option{{"--conf", "spark.x=a=b"}, {"--conf", "spark.y=c=d"}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.x", "a=b", "spark.y", "c=d")},
		},
		"the last --conf of a key wins": {
			[]string{"-c", "spark.x=1", "--conf", "spark.x=2", "app.jar"},
			Application{Options: []Option{{"--conf", "spark.x=1"}, {"--conf", "spark.x=2"}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.x", "2")},
		},
		"an option wins over --conf, before it and after": {
			[]string{"-c", "spark.app.name=a", "--name", "b", "--name", "c", "-c", "spark.app.name=d", "app.jar"},
			Application{Options: []Option{{"--conf", "spark.app.name=a"}, {"--name", "b"}, {"--name", "c"}, {"--conf", "spark.app.name=d"}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.app.name", "c")},
		},
		"a --conf after one of the options that Spark's launcher rewrites wins": {
			[]string{"--driver-memory", "3g", "-c", "spark.driver.memory=4g", "app.jar"},
			Application{Options: []Option{{"--driver-memory", "3g"}, {"--conf", "spark.driver.memory=4g"}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.driver.memory", "4g")},
		},
		"a --conf before one of them does not": {
			[]string{"-c", "spark.driver.memory=4g", "--driver-memory", "3g", "app.jar"},
			Application{Options: []Option{{"--conf", "spark.driver.memory=4g"}, {"--driver-memory", "3g"}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.driver.memory", "3g")},
		},
		"an option of other cluster managers sets nothing": {
			[]string{"--queue", "q", "--supervise", "-c", "spark.yarn.queue=x", "app.jar"},
			Application{Options: []Option{{"--queue", "q"}, {"--supervise", ""}, {"--conf", "spark.yarn.queue=x"}}, MainFile: "app.jar", Arguments: []string{}, Conf: conf("spark.yarn.queue", "x")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseArguments(test.argv)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestParseArgumentsRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv           string
		sentence, hint string
	}{
		"a letter that is missing":            {"--driver-memor 1g app.jar", "spark-submit has no option --driver-memor", "did you mean --driver-memory?"},
		"a letter too many, with a value":     {"--names=x app.jar", "spark-submit has no option --names", "did you mean --name?"},
		"an option that is like no other":     {"--kubernetes-namespace x app.jar", "spark-submit has no option --kubernetes-namespace", "see the options with: spark-submit --help; flags of submitter stand before --"},
		"a single dash":                       {"- app.jar", "spark-submit has no option -", "see the options with: spark-submit --help; flags of submitter stand before --"},
		"a short option with a value in it":   {"-cspark.x=1 app.jar", "spark-submit has no option -cspark.x=1", "see the options with: spark-submit --help; flags of submitter stand before --"},
		"a value that is missing":             {"--verbose --class", "--class has no value", "write --class VALUE"},
		"a value that is missing, after -c":   {"-c", "--conf has no value", "write --conf VALUE"},
		"a switch with a value":               {"--verbose=true app.jar", "--verbose takes no value", "write --verbose alone"},
		"a configuration without a value":     {"--conf spark.x app.jar", `--conf "spark.x" has no key and value with a = between them`, "write --conf KEY=VALUE"},
		"a configuration without a key":       {"--conf =x app.jar", `--conf "=x" has no key and value with a = between them`, "write --conf KEY=VALUE"},
		"a query that spark-submit can carry": {"--status driver-1", "--status asks spark-submit for something else than a submission", "run spark-submit itself for it"},
		"a short switch that asks for help":   {"-h", "--help asks spark-submit for something else than a submission", "run spark-submit itself for it"},
		"a session of Spark Connect":          {"--remote=sc://x app.py", "--remote asks spark-submit for something else than a submission", "run spark-submit itself for it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseArguments(strings.Fields(test.argv))
			var refused *problem.Error
			if !errors.As(err, &refused) {
				t.Fatalf("%v is no *problem.Error", err)
			}
			if diff := cmp.Diff([]any{test.sentence, test.hint, xcom.ExitUsage}, []any{refused.Error(), refused.Hint(), refused.ExitCode()}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAParsedApplicationGivesItsArgumentsBack(t *testing.T) {
	t.Parallel()
	var names []string
	for _, o := range Options() {
		if !o.Action {
			names = append(names, o.Name)
		}
	}
	word := rapid.StringMatching(`[-a-z=./: "\n\x{e9}]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		app := Application{MainFile: "local:///" + word.Draw(t, "main file"), Arguments: rapid.SliceOfN(word, 0, 4).Draw(t, "arguments"), Conf: map[string]string{}}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 6).Draw(t, "options") {
			o := Option{Name: name}
			if known, _ := find(name); !known.Switch {
				o.Value = word.Draw(t, "value")
			}
			if name == "--conf" {
				o.Value = "spark." + o.Value + "=" + word.Draw(t, "conf")
			}
			app.Options = append(app.Options, o)
		}
		if err := app.readConf(); err != nil {
			t.Fatal(err)
		}
		got, err := ParseArguments(app.Argv())
		if diff := cmp.Diff(app, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Fatalf("%v -want +got:\n%s", err, diff)
		}
	})
}

func FuzzParseArguments(f *testing.F) {
	f.Add("--class\x00X\x00--conf=spark.x=1\x00app.jar\x00--class\x00-c")
	f.Add("--nam\x00x")
	f.Add("-c\x00=\x00")
	f.Fuzz(func(t *testing.T, argv string) {
		app, err := ParseArguments(strings.Split(argv, "\x00"))
		var refused *problem.Error
		switch {
		case err != nil && !errors.As(err, &refused):
			t.Errorf("%v is no *problem.Error", err)
		case err == nil && app.MainFile != "":
			again, err := ParseArguments(app.Argv())
			if diff := cmp.Diff(app, again); diff != "" || err != nil {
				t.Errorf("%v -first +second:\n%s", err, diff)
			}
		}
	})
}
