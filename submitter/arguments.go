// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// ParseArguments reads an argument list as spark-submit reads it: options in both
// spellings (--name value, --name=value) up to the first word that is none, which is the main
// file; the rest are the application's own arguments (Spark: launcher/SparkSubmitOptionParser.parse). Every
// error is a [*problem.Error] with exit code 2.
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
		if known.Action {
			return app, problem.Usage("run spark-submit itself for it", "%s asks spark-submit for something else than a submission", known.Name)
		}
		argv = argv[1:]
		switch {
		case known.Switch && joined:
			// Spark drops the value: --supervise=false would supervise.
			return app, problem.Usage("write "+known.Name+" alone", "%s takes no value", known.Name)
		case !known.Switch && !joined && len(argv) == 0:
			return app, problem.Usage("write "+known.Name+" VALUE", "%s has no value", known.Name)
		case !known.Switch && !joined:
			value, argv = argv[0], argv[1:]
		}
		app.Options = append(app.Options, Option{Name: known.Name, Value: value})
	}
	return app, app.readConf()
}

// lineEnds are the characters that no value can hold behind a =, as Spark's pattern for it does not go over them.
const lineEnds = "\n\r\u0085\u2028\u2029"

// splitOption takes --name=value apart, which Spark knows for long names only.
func splitOption(word string) (name, value string, joined bool) {
	name, value, joined = strings.Cut(word, "=")
	if joined && strings.HasPrefix(name, "--") && value != "" && !strings.ContainsAny(value, lineEnds) {
		return name, value, true
	}
	return word, "", false
}

// readConf fills Conf from the options: the dedicated ones win over --conf, as in Spark.
func (a *Application) readConf() error {
	for _, o := range a.Options {
		if known, _ := find(o.Name); known.InOrder {
			a.Conf[known.Key] = o.Value
		}
		if o.Name != "--conf" {
			continue
		}
		key, value, ok := strings.Cut(o.Value, "=")
		if !ok || key == "" {
			return problem.Usage("write --conf KEY=VALUE", "--conf %q has no key and value with a = between them", o.Value)
		}
		if isSparks(key) {
			a.Conf[key] = value
		}
	}
	for _, o := range a.Options {
		if known, _ := find(o.Name); known.Key != "" && !known.InOrder {
			a.Conf[known.Key] = o.Value
		}
	}
	return nil
}

// isSparks reports whether Spark takes a key at all (Spark: SparkSubmitArguments.ignoreNonSparkProperties).
func isSparks(key string) bool { return strings.HasPrefix(key, "spark.") }
