// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/spelling"
)

// KnownOption is an option that some supported spark-submit knows (Spark: launcher/SparkSubmitOptionParser).
type KnownOption struct {
	// Name in its long spelling and Short in its short one, with their dashes; most have no short one.
	Name, Short string
	// Switch says that it takes no value.
	Switch bool
	// Key of Spark's configuration that the option sets on Kubernetes; empty if there is none. The option wins over it.
	Key string
	// Does is what it does where it sets no key: a clause.
	Does string
	// Action says that it asks for something else than a submission: it is refused.
	Action bool
	// Major and Minor version of the first Spark that has it; 3.3 for those that every supported one has.
	Major, Minor int
	// InOrder says that Spark's launcher rewrites as --conf: of the two the last one wins.
	InOrder bool
}

// In reports whether Spark of that version has the option.
func (o KnownOption) In(major, minor int) bool {
	return major > o.Major || major == o.Major && minor >= o.Minor
}

// Options are all that spark-submit knows from Spark 3.3 to 4.3, those with a value first, each by name.
func Options() []KnownOption {
	options := []KnownOption{
		{Name: "--archives", Key: "spark.archives"},
		{Name: "--class", Does: "names the main class of a jar"},
		{Name: "--conf", Short: "-c", Does: "sets any key, as `KEY=VALUE`; keys that do not begin with `spark.` are ignored"},
		{Name: "--deploy-mode", Key: confDeployMode},
		{Name: "--driver-class-path", Key: "spark.driver.extraClassPath", InOrder: true},
		{Name: "--driver-cores", Key: confDriverCores},
		{Name: "--driver-default-class-path", Key: "spark.driver.defaultExtraClassPath", InOrder: true, Major: 4},
		{Name: "--driver-java-options", Key: confDriverOptions, InOrder: true},
		{Name: "--driver-library-path", Key: "spark.driver.extraLibraryPath", InOrder: true},
		{Name: "--driver-memory", Key: confDriverMemory, InOrder: true},
		{Name: "--exclude-packages", Key: "spark.jars.excludes"},
		{Name: "--executor-cores", Key: confExecutorCores},
		{Name: "--executor-memory", Key: confExecutorMemory},
		{Name: "--extra-properties-file", Does: "names one more file of properties; it can be given several times", Major: 4, Minor: 2},
		{Name: "--files", Key: "spark.files"},
		{Name: "--jars", Key: "spark.jars"},
		{Name: "--keytab", Key: "spark.kerberos.keytab"},
		{Name: "--kill", Action: true, Does: "ends an application"},
		{Name: "--master", Key: confMaster},
		{Name: "--name", Key: confAppName},
		{Name: "--num-executors", Key: confInstances},
		{Name: "--packages", Key: "spark.jars.packages"},
		{Name: "--principal", Key: confPrincipal},
		{Name: "--properties-file", Does: "names a file of properties, which stands in for `spark-defaults.conf`"},
		{Name: "--proxy-user", Does: "names the user that the driver acts for"},
		{Name: "--py-files", Key: "spark.submit.pyFiles"},
		{Name: "--queue", Does: "does nothing on Kubernetes"},
		{Name: "--remote", Action: true, Does: "starts a session of Spark Connect", Major: 3, Minor: 4},
		{Name: "--repositories", Key: "spark.jars.repositories"},
		{Name: "--status", Action: true, Does: "tells of an application"},
		{Name: "--total-executor-cores", Does: "does nothing on Kubernetes"},
		{Name: "--help", Short: "-h", Switch: true, Action: true, Does: "prints the options"},
		{Name: "--load-spark-defaults", Switch: true, Does: "has `spark-defaults.conf` read beside `--properties-file`", Major: 4},
		{Name: "--supervise", Switch: true, Does: "does nothing on Kubernetes"},
		{Name: "--usage-error", Switch: true, Action: true, Does: "prints the options"},
		{Name: "--verbose", Short: "-v", Switch: true, Does: "makes spark-submit say more"},
		{Name: "--version", Switch: true, Action: true, Does: "prints the version"},
	}
	for i := range options {
		if options[i].Major == 0 {
			options[i].Major, options[i].Minor = 3, 3
		}
	}
	return options
}

func find(name string) (KnownOption, bool) {
	for _, o := range Options() {
		if name == o.Name || name == o.Short && o.Short != "" {
			return o, true
		}
	}
	return KnownOption{}, false
}

func unknownOption(name string) error {
	if option, _, joined := strings.Cut(name, "="); joined {
		if known, ok := find(option); ok && !known.Switch {
			return problem.Usage("write "+option+" and its value as two arguments", "spark-submit takes no value behind %s= that is empty or has a line end in it, and none behind a short name", option)
		}
	}
	var names []string
	for _, o := range Options() {
		names = append(names, o.Name)
	}
	hint := "see the options with: spark-submit --help; our own flags stand before --"
	if nearest, ok := spelling.Nearest(name, names); ok {
		hint = "did you mean " + nearest + "?"
	}
	return problem.Usage(hint, "spark-submit has no option %s", name)
}

// CheckOptions refuses options that spark-submit of that version of Spark does not know. Every error is a
// [*problem.Error] with exit code 2.
func (a Application) CheckOptions(major, minor int) error {
	for _, o := range a.Options {
		if known, _ := find(o.Name); !known.In(major, minor) {
			return problem.Usage("take it out, or use a newer Spark", "spark-submit of Spark %d.%d has no option %s: it came with Spark %d.%d", major, minor, o.Name, known.Major, known.Minor)
		}
	}
	return nil
}
