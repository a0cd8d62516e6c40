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
		"an option that is like no other":     {"--kubernetes-namespace x app.jar", "spark-submit has no option --kubernetes-namespace", "see the options with: spark-submit --help; our own flags stand before --"},
		"a single dash":                       {"- app.jar", "spark-submit has no option -", "see the options with: spark-submit --help; our own flags stand before --"},
		"a short option with a value in it":   {"-cspark.x=1 app.jar", "spark-submit has no option -cspark.x=1", "see the options with: spark-submit --help; our own flags stand before --"},
		"nothing behind a =":                  {"--name= app.jar", "spark-submit takes no value behind --name= that is empty or has a line end in it, and none behind a short name", "write --name and its value as two arguments"},
		"a value behind = and a short name":   {"-c=spark.x=1 app.jar", "spark-submit takes no value behind -c= that is empty or has a line end in it, and none behind a short name", "write -c and its value as two arguments"},
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

// words draws an argument list of spark-submit: any options that ask for a submission, in any spelling, then the rest.
func words(t *rapid.T) []string {
	word := rapid.StringMatching(`[-a-z=./: "\n\r\x{e9}\x{2028}\x{1f600}]{0,12}`)
	var argv []string
	for range rapid.IntRange(0, 8).Draw(t, "options") {
		o := rapid.SampledFrom(Options()).Draw(t, "option")
		value := word.Draw(t, "value")
		if o.Name == "--conf" {
			value = rapid.SampledFrom([]string{"spark.", "x"}).Draw(t, "prefix") + value + "=" + word.Draw(t, "setting")
		}
		name := o.Name
		if o.Short != "" && rapid.Bool().Draw(t, "short") {
			name = o.Short
		}
		switch {
		case o.Action:
		case o.Switch:
			argv = append(argv, name)
		case name == o.Name && value != "" && !strings.ContainsAny(value, lineEnds) && rapid.Bool().Draw(t, "joined"):
			argv = append(argv, name+"="+value)
		default:
			argv = append(argv, name, value)
		}
	}
	argv = append(argv, "local:///"+word.Draw(t, "main file"))
	return append(argv, rapid.SliceOfN(word, 0, 4).Draw(t, "arguments")...)
}

func TestParsingWhatWasRenderedGivesTheSameApplication(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		argv := words(t)
		first, err := ParseArguments(argv)
		if err != nil {
			t.Fatalf("%q: %v", argv, err)
		}
		rendered := first.Argv()
		second, err := ParseArguments(rendered)
		if diff := cmp.Diff(first, second, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Fatalf("%q, rendered as %q: %v -first +second:\n%s", argv, rendered, err, diff)
		}
		if diff := cmp.Diff(rendered, second.Argv(), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("-once +twice:\n%s", diff)
		}
	})
}

// A second way to the effective configuration, as slow and plain as Spark's rule sounds: for each key, the last of those
// that weigh most.
func TestConfOfAnyArgumentsIsWhatWeighsMost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		app, err := ParseArguments(words(t))
		if err != nil {
			t.Fatal(err)
		}
		file := map[string]string{"spark.driver.memory": "file", "spark.app.name": "file", "spark.only": "file"}
		weight := map[string]int{}
		want := map[string]string{}
		set := func(key, value string, heavy int) {
			if strings.HasPrefix(key, "spark.") && heavy >= weight[key] {
				want[key], weight[key] = value, heavy
			}
		}
		for key, value := range file {
			set(key, value, 0)
		}
		for _, o := range app.Options {
			known, _ := find(o.Name)
			key, value, _ := strings.Cut(o.Value, "=")
			switch {
			case o.Name == "--conf":
				set(key, value, 1)
			case known.InOrder:
				set(known.Key, o.Value, 1)
			case known.Key != "":
				set(known.Key, o.Value, 2)
			}
		}
		if diff := cmp.Diff(want, app.WithProperties(file).Conf); diff != "" {
			t.Fatalf("%q: -want +got:\n%s", app.Argv(), diff)
		}
	})
}

func FuzzParseArguments(f *testing.F) {
	f.Add("--class\x00X\x00--conf=spark.x=1\x00app.jar\x00--class\x00-c")
	f.Add("--nam\x00x")
	f.Add("-c\x00=\x00")
	f.Add("--conf=a\nb=c\x00--name\x00\r\x00x")
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
