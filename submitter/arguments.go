// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"math"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// option is one that spark-submit knows (Spark: launcher/SparkSubmitOptionParser, 3.3 to 4.3).
type option struct {
	name, short string
	isSwitch    bool
	// conf is the key that the option sets on Kubernetes; the option wins over that key.
	conf string
	// inOrder marks options that Spark's launcher rewrites as --conf: of the two the last one wins.
	inOrder bool
	// action marks options that ask for something else than a submission.
	action bool
}

func options() []option {
	return []option{
		{name: "--archives", conf: "spark.archives"},
		{name: "--class"},
		{name: "--conf", short: "-c"},
		{name: "--deploy-mode", conf: confDeployMode},
		{name: "--driver-class-path", conf: "spark.driver.extraClassPath", inOrder: true},
		{name: "--driver-cores", conf: "spark.driver.cores"},
		{name: "--driver-default-class-path", conf: "spark.driver.defaultExtraClassPath", inOrder: true},
		{name: "--driver-java-options", conf: "spark.driver.extraJavaOptions", inOrder: true},
		{name: "--driver-library-path", conf: "spark.driver.extraLibraryPath", inOrder: true},
		{name: "--driver-memory", conf: "spark.driver.memory", inOrder: true},
		{name: "--exclude-packages", conf: "spark.jars.excludes"},
		{name: "--executor-cores", conf: "spark.executor.cores"},
		{name: "--executor-memory", conf: "spark.executor.memory"},
		{name: "--extra-properties-file"},
		{name: "--files", conf: "spark.files"},
		{name: "--jars", conf: "spark.jars"},
		{name: "--keytab", conf: "spark.kerberos.keytab"},
		{name: "--kill", action: true},
		{name: "--master", conf: confMaster},
		{name: "--name", conf: confAppName},
		{name: "--num-executors", conf: "spark.executor.instances"},
		{name: "--packages", conf: "spark.jars.packages"},
		{name: "--principal", conf: "spark.kerberos.principal"},
		{name: "--properties-file"},
		{name: "--proxy-user"},
		{name: "--py-files", conf: "spark.submit.pyFiles"},
		{name: "--queue"},
		{name: "--remote", action: true},
		{name: "--repositories", conf: "spark.jars.repositories"},
		{name: "--status", action: true},
		{name: "--total-executor-cores"},
		{name: "--help", short: "-h", isSwitch: true, action: true},
		{name: "--load-spark-defaults", isSwitch: true},
		{name: "--supervise", isSwitch: true},
		{name: "--usage-error", isSwitch: true, action: true},
		{name: "--verbose", short: "-v", isSwitch: true},
		{name: "--version", isSwitch: true, action: true},
	}
}

func find(name string) (option, bool) {
	for _, o := range options() {
		if name == o.name || name == o.short && o.short != "" {
			return o, true
		}
	}
	return option{}, false
}

// ParseArguments reads an argument list as spark-submit reads it: options in both
// spellings (--name value, --name=value) up to the first word that is none, which is the main
// file; the rest are the application's own arguments. Every error is a [*problem.Error] with exit code 2.
func ParseArguments(argv []string) (Application, error) {
	app := Application{Conf: map[string]string{}}
	for len(argv) > 0 {
		if !strings.HasPrefix(argv[0], "-") {
			app.MainFile, app.Arguments = argv[0], argv[1:]
			break
		}
		name, value, joined := splitOption(argv[0])
		known, ok := find(name)
		if !ok {
			return app, unknownOption(name)
		}
		if known.action {
			return app, problem.Usage("run spark-submit itself for it", "%s asks spark-submit for something else than a submission", known.name)
		}
		argv = argv[1:]
		switch {
		case known.isSwitch && joined:
			return app, problem.Usage("write "+known.name+" alone", "%s takes no value", known.name)
		case !known.isSwitch && !joined && len(argv) == 0:
			return app, problem.Usage("write "+known.name+" VALUE", "%s has no value", known.name)
		case !known.isSwitch && !joined:
			value, argv = argv[0], argv[1:]
		}
		app.Options = append(app.Options, Option{Name: known.name, Value: value})
	}
	return app, app.readConf()
}

// splitOption takes --name=value apart, which Spark knows for long names only.
func splitOption(word string) (name, value string, joined bool) {
	if name, value, joined = strings.Cut(word, "="); joined && strings.HasPrefix(name, "--") && value != "" {
		return name, value, true
	}
	return word, "", false
}

// readConf fills Conf from the options: the dedicated ones win over --conf, as in Spark.
func (a *Application) readConf() error {
	for _, o := range a.Options {
		if known, _ := find(o.Name); known.inOrder {
			a.Conf[known.conf] = o.Value
		}
		if o.Name != "--conf" {
			continue
		}
		key, value, ok := strings.Cut(o.Value, "=")
		if !ok || key == "" {
			return problem.Usage("write --conf KEY=VALUE", "--conf %q has no key and value with a = between them", o.Value)
		}
		a.Conf[key] = value
	}
	for _, o := range a.Options {
		if known, _ := find(o.Name); known.conf != "" && !known.inOrder {
			a.Conf[known.conf] = o.Value
		}
	}
	return nil
}

func unknownOption(name string) error {
	nearest, distance := "", math.MaxInt
	for _, o := range options() {
		if d := editDistance(name, o.name); d < distance {
			nearest, distance = o.name, d
		}
	}
	hint := "see the options with: spark-submit --help; flags of submitter stand before --"
	if distance <= 1+len(name)/4 {
		hint = "did you mean " + nearest + "?"
	}
	return problem.Usage(hint, "spark-submit has no option %s", name)
}

// editDistance is Levenshtein's: how many letters to add, drop or change to make b of a.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
