// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sparkctl/sparkctl/submitter"
)

func TestEveryOptionOfSparkSubmitIsInACase(t *testing.T) {
	t.Parallel()
	cases, err := ReadCases(casesDir)
	if err != nil {
		t.Fatal(err)
	}
	// accepted has the spellings in lists that spark-submit made objects for, seen those in all: --name for an option as a
	// word of its own, --name= for one with its value.
	accepted, seen := map[string]bool{}, map[string]bool{}
	for _, c := range cases {
		recording, err := ReadGolden(goldenDir, c.Name)
		if err != nil {
			t.Fatal(err)
		}
		made := slices.ContainsFunc(Versions(), func(version string) bool {
			parts := recording.Of(version)
			return parts != nil && parts[0].Role != Refused
		})
		for _, word := range c.Argv {
			name, _, joined := strings.Cut(word, "=")
			if joined {
				name += "="
			}
			seen[name] = true
			accepted[name] = accepted[name] || made
		}
	}
	for _, option := range submitter.Options() {
		spellings := []string{option.Name}
		if !option.Switch {
			spellings = append(spellings, option.Name+"=")
		}
		if option.Short != "" {
			spellings = append(spellings, option.Short)
		}
		// What a package is made of cannot be had without a network.
		want := accepted
		if option.Action || option.Name == "--packages" {
			want = seen
		}
		for _, spelling := range spellings {
			if !want[spelling] {
				t.Errorf("no case has %s, or spark-submit refused all that do: add one below %s, and record it with: make golden", spelling, casesDir)
			}
		}
	}
}

// atWork says by what a recording shows a feature step at work.
var atWork = map[string]string{
	"BasicDriverFeatureStep":                 `(?m)^    - name: SPARK_APPLICATION_ID$`,
	"DriverKubernetesCredentialsFeatureStep": `(?m)(^ +name: kubernetes-credentials$|^ *spark\.kubernetes\.authenticate\.driver\.|^ +serviceAccountName:)`,
	"DriverServiceFeatureStep":               `(?m)^kind: Service$`,
	"NetworkPolicyFeatureStep":               `(?m)^kind: NetworkPolicy$`,
	"MountSecretsFeatureStep":                `(?m)^  - name: \S+-volume\n    secret:$`,
	"EnvSecretsFeatureStep":                  `(?m)^        secretKeyRef:$`,
	"MountVolumesFeatureStep":                `(?m)^ *spark\.kubernetes\.driver\.volumes\.`,
	"DriverCommandFeatureStep":               `(?m)^ *spark\.kubernetes\.resource\.type=java$`,
	"HadoopConfDriverFeatureStep":            `(?m)^    - name: HADOOP_CONF_DIR$`,
	"KerberosConfDriverFeatureStep":          `(?m)^      name: (krb5-file|hadoop-secret)$`,
	"PodTemplateConfigMapStep":               `(?m)^  podspec-configmap-key:`,
	"LocalDirsFeatureStep":                   `(?m)^    - name: SPARK_LOCAL_DIRS$`,
	"VolcanoFeatureStep":                     `(?m)^kind: PodGroup$`,

	"a Python application":    `(?m)^ *spark\.kubernetes\.resource\.type=python$`,
	"an R application":        `(?m)^ *spark\.kubernetes\.resource\.type=r$`,
	"a driver's template":     `(?m)^ *spark\.kubernetes\.driver\.podTemplateFile=`,
	"a claim on demand":       `(?m)^kind: PersistentVolumeClaim$`,
	"a device":                `(?m)^ *spark\.driver\.resource\.\w+\.vendor=`,
	"files of SPARK_CONF_DIR": `(?m)^      - key: (?:[^s\n]|s[^p\n]).*\n        mode: 420$`,
	"a refusal":               `(?m)^exit 1$`,
}

// Each feature step of the engine's is at work in at least three cases that spark-submit made objects for.
func TestEveryFeatureStepIsAtWorkInThreeRecordings(t *testing.T) {
	t.Parallel()
	cases, err := ReadCases(casesDir)
	if err != nil {
		t.Fatal(err)
	}
	count, signs := map[string]int{}, map[string]*regexp.Regexp{}
	for step, sign := range atWork {
		signs[step] = regexp.MustCompile(sign)
	}
	for _, c := range cases {
		recording, err := ReadGolden(goldenDir, c.Name)
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, version := range Versions() {
			for _, part := range recording.Of(version) {
				all.WriteString(part.Text)
			}
		}
		for step, sign := range signs {
			if sign.MatchString(all.String()) {
				count[step]++
			}
		}
	}
	for step := range atWork {
		if count[step] < 3 {
			t.Errorf("%s is at work in %d recordings, want 3: add cases below %s, and record them with: make golden", step, count[step], casesDir)
		}
	}
	for _, step := range steps(t) {
		if atWork[step] == "" {
			t.Errorf("no sign tells whether %s is at work: add one to atWork", step)
		}
	}
}

// steps are the names of the engine's feature steps, as its source has them.
func steps(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../submitter/native/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`\bname: "(\w+Step)"`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, match[1])
		}
	}
	if len(names) < 13 {
		t.Fatalf("found %d feature steps in the source of the engine: it names them in another way now", len(names))
	}
	return names
}
