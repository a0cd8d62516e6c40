// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sparkCase is an argument list, and what it stands on.
type sparkCase struct {
	Name  string            `json:"name"`
	Argv  []string          `json:"argv"`
	Files map[string]string `json:"files"`
	Env   map[string]string `json:"env"`
}

// sparkAnswer is what the real spark-submit of some versions makes of it: what it refuses it with, or the rest.
type sparkAnswer struct {
	Spark     string            `json:"spark"`
	Refused   string            `json:"refused"`
	Resource  string            `json:"resource"`
	Class     *string           `json:"class"`
	Name      string            `json:"name"`
	Arguments []string          `json:"arguments"`
	Conf      map[string]string `json:"conf"`
}

// refusedByUs are lists that Spark takes and that are refused here, with the reason.
func refusedByUs() map[string]string {
	const (
		upload  = "spark-submit takes a mistyped URI for a file of the launcher's"
		nothing = "spark-submit warns of a key that is empty, and goes on without it"
	)
	return map[string]string{
		"a switch with a value":                                    "spark-submit drops the value: --supervise=false supervises",
		"--conf without a key":                                     nothing,
		"--conf joined with ==":                                    nothing,
		"an empty main file":                                       "spark-submit takes the folder it runs in for the jar",
		"main file: a blank in a path":                             upload,
		"main file: a brace":                                       upload,
		"main file: an unescaped percent":                          upload,
		"main file: a bracket":                                     upload,
		"main file: a bad scheme":                                  upload,
		"main file: a scheme without a path":                       upload,
		"--driver-cores '٣'":                                       "Java reads digits of every script, Kubernetes does not",
		"master: nothing":                                          "it names no API server",
		"main file: a pipe":                                        upload,
		"a main file that begins with a blank":                     upload,
		"--remote":                                                 "it starts a session of Spark Connect, which is no driver",
		"a session of Spark Connect by the environment":            "Spark 3.3 does not know the variable",
		"a session of Spark Connect by key":                        "Spark 3.3 does not know the key",
		"a class that takes no main file: Connect, with arguments": "Spark 3.3 does not know the class",
	}
}

// leftToTheEngine are lists that Spark refuses and this model does not, with the reason.
func leftToTheEngine() map[string]string {
	const (
		mode = "the plan's own deploy mode is given as --conf, and MASTER and DEPLOY_MODE count for nothing beside it"
		file = "the command refuses a file that cannot be read"
		jar  = "the native engine asks for --class, spark-submit looks into the jar"
	)
	return map[string]string{
		"no class and a jar that is elsewhere":   jar,
		"no class and a name":                    jar,
		"application: capital python":            jar,
		"application: a python archive":          jar,
		"application: an egg":                    jar,
		"a file that is missing":                 file,
		"an extra file that is missing":          file,
		"two extra files in one option":          file,
		"an empty name of a file":                file,
		"a wrong deploy mode by the environment": mode,
		"REST by key":                            "it is a key of Spark's own cluster manager",
		"an empty environment variable":          "a variable that is empty counts as absent",
		"pyspark-shell-main":                     "it is what bin/pyspark gives to spark-submit",
		"sparkr-shell-main":                      "it is what bin/sparkR gives to spark-submit",
		"run-example":                            "it is what bin/run-example gives to spark-submit",
	}
}

func TestArgumentsAreReadAsTheRealSparkSubmitReadsThem(t *testing.T) {
	t.Parallel()
	var cases []sparkCase
	var answers map[string][]sparkAnswer
	readJSON(t, "testdata/sparksubmit/cases.json", &cases)
	readJSON(t, "testdata/sparksubmit/answers.json", &answers)
	compared := 0
	excused := map[string]bool{}
	for _, c := range cases {
		if len(answers[c.Name]) == 0 {
			t.Errorf("%s: Spark's answer is not recorded; run testdata/sparksubmit/record.sh", c.Name)
		}
		for _, answer := range answers[c.Name] {
			for version := range strings.FieldsSeq(answer.Spark) {
				compared++
				if compareWithSpark(t, c, version, answer) {
					excused[c.Name] = true
				}
			}
		}
	}
	for _, excuses := range []map[string]string{refusedByUs(), leftToTheEngine()} {
		for name, why := range excuses {
			if !excused[name] {
				t.Errorf("%s is excused (%s), but differs in nothing", name, why)
			}
		}
	}
	if len(answers) != len(cases) || compared != 7*len(cases) {
		t.Errorf("%d answers of seven versions were compared for %d cases of which %d are recorded", compared, len(cases), len(answers))
	}
}

func readJSON(t *testing.T, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, value); err != nil {
		t.Fatal(err)
	}
}

// compareWithSpark reports whether we and Spark differ in what we refuse, and may.
func compareWithSpark(t *testing.T, c sparkCase, version string, answer sparkAnswer) (excused bool) {
	t.Helper()
	app, err := ourAnswer(c, version)
	_, early := refusedByUs()[c.Name]
	_, late := leftToTheEngine()[c.Name]
	switch {
	case answer.Refused != "" && err == nil:
		if !late {
			t.Errorf("%s, Spark %s: not refused, but Spark says %q", c.Name, version, answer.Refused)
		}
		return late
	case answer.Refused == "" && err != nil:
		if !early {
			t.Errorf("%s, Spark %s: refused with %v, but Spark takes it", c.Name, version, err)
		}
		return early
	case err == nil:
		got, want := sparksWords(app, answer)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s, Spark %s: -Spark's +ours:\n%s", c.Name, version, diff)
		}
	}
	return false
}

// ourAnswer is what we make of a case.
func ourAnswer(c sparkCase, version string) (Application, error) {
	app, err := ParseArguments(c.Argv)
	if err != nil {
		return app, err
	}
	files := app.PropertiesFiles()
	if app.ReadsDefaults() {
		dir := c.Env["SPARK_CONF_DIR"]
		if dir == "" {
			dir = "conf"
		}
		files = append(files, dir+"/spark-defaults.conf")
	}
	for _, file := range files {
		if err := CheckProperties(c.Files[file]); err != nil {
			return app, err
		}
		app = app.WithProperties(ParseProperties(c.Files[file]))
	}
	if app, err = app.WithEnvironment(func(name string) string { return c.Env[name] }); err != nil {
		return app, err
	}
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return app, err
	}
	if err := app.CheckOptions(major, minor); err != nil {
		return app, err
	}
	return app, app.Check()
}

// sparksWords are our answer and Spark's in the same words, without what Spark adds after it has read the arguments.
func sparksWords(app Application, answer sparkAnswer) (ours, sparks sparkAnswer) {
	ours = sparkAnswer{Resource: app.MainFile, Name: app.Name(), Arguments: app.Arguments, Conf: maps.Clone(app.Conf)}
	if class, ok := app.Option("--class"); ok {
		ours.Class = &class
	}
	sparks = answer
	sparks.Spark = ""
	sparks.Conf = maps.Clone(answer.Conf)
	script := strings.HasSuffix(app.MainFile, ".py") || strings.HasSuffix(strings.ToLower(app.MainFile), ".r")
	if _, set := sparks.Conf["spark.jars"]; set && !script && app.MainFile != "spark-internal" {
		ours.Conf["spark.jars"] += "," + app.MainFile
	}
	if _, set := sparks.Conf[confAppName]; set {
		ours.Conf[confAppName] = app.Name()
	}
	if app.Conf[confMaster] != "" {
		ours.Conf[confMaster] = "k8s://" + app.Master()
	}
	for key, value := range sparks.Conf {
		_, set := ours.Conf[key]
		if !set && (key == confMaster || key == confDeployMode || value == "" && (key == "spark.submit.pyFiles" || key == "spark.jars")) {
			delete(sparks.Conf, key)
			continue
		}
		if !slices.Contains([]string{"spark.jars", "spark.files", "spark.archives", "spark.submit.pyFiles"}, key) {
			continue
		}
		entries := strings.FieldsFunc(ours.Conf[key], func(r rune) bool { return r == ',' || r == ' ' })
		ours.Conf[key] = strings.Join(entries, ",")
		if slices.ContainsFunc(entries, func(entry string) bool { return !strings.Contains(entry, ":") || strings.HasPrefix(entry, "file:") }) {
			// A file of the launcher's stands here as it was given, and Spark makes a URI of it if it is there.
			delete(sparks.Conf, key)
			delete(ours.Conf, key)
		}
	}
	if strings.HasPrefix(answer.Resource, "file:/") {
		ours.Resource = answer.Resource
	}
	return ours, sparks
}
