// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// exampleRunBy says what runs the containers of our programs in an example, for real where it takes a cluster.
var exampleRunBy = map[string]string{
	"examples/demo/launcher.yaml":                 "hack/demo.sh",
	"examples/demo/sensor.yaml":                   "hack/demo.sh",
	"examples/companion/decides.yaml":             "test/e2e/companion_test.go",
	"examples/companion/tells.yaml":               "test/e2e/companion_test.go",
	"examples/sweep/cronjob.yaml":                 "test/script/sweepexample_test.go",
	"examples/airflow/spark_submit_and_wait.py":   "test/airflow/dags_test.py",
	"examples/airflow/spark_submit_then_sense.py": "test/airflow/dags_test.py",
	"examples/job-files/spark_jobs.py":            "test/airflow/job_files_test.py",
}

// What examples give our programs as arguments, in manifests and in DAGs, is taken by these, and something runs it.
func TestCommandsInTheExamplesExist(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var commands [][]string
		switch filepath.Ext(path) {
		case ".yaml":
			commands, err = containersOf(string(text))
		case ".py":
			commands = operatorsOf(string(text))
		}
		example := strings.TrimPrefix(filepath.ToSlash(path), root+"/")
		for _, words := range commands {
			if err := parse(words, true); err != nil {
				t.Errorf("%s: %s: %v", example, strings.Join(words, " "), err)
			}
		}
		for _, span := range inSpan.FindAllStringSubmatch(string(text), -1) { // in comments
			if words := ours(shellCommands(span[1])[0].words); words != nil && filepath.Ext(path) != ".md" {
				if err := parse(words, false); err != nil {
					t.Errorf("%s: %s: %v", example, span[1], err)
				}
			}
		}
		if by := exampleRunBy[example]; by != "" {
			contains(t, by, strings.TrimSuffix(filepath.Base(example), ".py"))
		}
		if (len(commands) > 0) != (exampleRunBy[example] != "") {
			t.Errorf("%s has %d command lines and is said to be run by %q", example, len(commands), exampleRunBy[example])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// containersOf are the command lines of the containers of ours in a file of manifests.
func containersOf(text string) ([][]string, error) {
	var found [][]string
	var look func(any)
	look = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				look(item)
			}
		case map[string]any:
			program := map[any]string{"SUBMITTER_IMAGE": "submitter", "SENSOR_IMAGE": "sensor"}[value["image"]]
			if args, ok := value["args"].([]any); ok && program != "" {
				words := []string{program}
				for _, arg := range args {
					word, _ := arg.(string)
					words = append(words, word)
				}
				found = append(found, words)
			} else if program != "" && value["command"] == nil {
				found = append(found, []string{program})
			}
			for _, item := range value {
				look(item)
			}
		}
	}
	for document := range strings.SplitSeq(text, "\n---\n") {
		var object any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			return nil, err
		}
		look(object)
	}
	return found, nil
}

var (
	pythonList    = regexp.MustCompile(`(?s)arguments=\[(.*?)\n? *\],`)
	pythonComment = regexp.MustCompile(`(?m)(?:^ *|  )#.*$|^ *\*\(.*$`)
	pythonString  = regexp.MustCompile(`"([^"]*)"`)
)

// operatorsOf are the command lines of the pods of ours in a DAG, as far as they are literal.
func operatorsOf(text string) [][]string {
	var found [][]string
	for _, operator := range strings.Split(text, "KubernetesPodOperator(")[1:] {
		list := pythonList.FindStringSubmatch(operator)
		if list == nil {
			continue
		}
		words := []string{"submitter"}
		if strings.Contains(operator[:strings.Index(operator, "arguments=")], "image=SENSOR_IMAGE") {
			words[0] = "sensor"
		}
		for _, literal := range pythonString.FindAllStringSubmatch(pythonComment.ReplaceAllString(list[1], ""), -1) {
			words = append(words, literal[1])
		}
		found = append(found, words)
	}
	return found
}
