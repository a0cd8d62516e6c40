// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/submitter/sparksubmit"
)

// Values of --engine.
const (
	engineAuto        = "auto"
	engineNative      = "native"
	engineSparkSubmit = "spark-submit"
)

// engineFlags say what makes the driver's objects.
type engineFlags struct {
	name, sparkVersion, sparkHome string
	// usual is the version where neither flag nor image nor job says one.
	usual string
}

func (f *engineFlags) add(flags *flagSet) {
	flags.StringVar(&f.name, "engine", engineAuto, "what makes the driver: native (no JVM), spark-submit, or auto (native if it makes what the spark-submit here would make, else that)")
	flags.StringVar(&f.sparkVersion, "spark-version", "", "version of Spark in the driver's image, for the native engine; without it that of the image's tag, else of the Spark distribution here")
	flags.StringVar(&f.sparkHome, "spark-home", "", "folder of the Spark distribution; without it $SPARK_HOME")
}

// home is the folder of the Spark distribution here; empty if none is known.
func (f engineFlags) home(env Env) string { return cmp.Or(f.sparkHome, env.Getenv("SPARK_HOME")) }

// chosen is the engine that was decided on: the spark-submit at that path, or native if there is none.
type chosen struct {
	path string
	// version and launcher are what the native engine builds from.
	version  native.Version
	launcher native.Launcher
	// told says what was decided and why, for the log.
	told string
}

// choose decides what makes the driver. Nothing has been sent. Every error is a [*problem.Error] with exit code 2.
func (f engineFlags) choose(env Env, job Job, plan submitter.Plan) (chosen, error) {
	home := f.home(env)
	switch f.name {
	case engineSparkSubmit:
		path, err := sparksubmit.Find(home)
		return chosen{path: path, told: "the driver is made by spark-submit, as --engine says"}, err
	case engineNative:
		version, err := f.versionFor(home, job)
		if err != nil {
			return chosen{}, err
		}
		return f.native(env, home, job, plan, version)
	case engineAuto:
		return f.auto(env, home, job, plan)
	default:
		return chosen{}, unknownEngine(f.name)
	}
}

func unknownEngine(name string) error {
	return problem.Usage("give auto, native or spark-submit", "--engine: %q is not known", name)
}

// auto takes the native engine where it makes what the spark-submit that is here would make, as far as can be known; else that.
func (f engineFlags) auto(env Env, home string, job Job, plan submitter.Plan) (chosen, error) {
	path, missing := sparksubmit.Find(home)
	if missing != nil {
		version, err := f.versionFor(home, job)
		if err != nil {
			return chosen{}, neither(home, missing, err)
		}
		found, err := f.native(env, home, job, plan, version)
		return found, neither(home, missing, err)
	}
	version, why := distribution(home)
	if why == nil && f.sparkVersion != "" && f.sparkVersion != version.String() {
		why = fmt.Errorf("--spark-version says %s, and the spark-submit here is of %s", f.sparkVersion, version)
	}
	if why == nil {
		found, err := f.native(env, home, job, plan, version)
		if err == nil {
			return found, nil
		}
		why = err
	}
	return chosen{path: path, told: "the driver is made by spark-submit: " + why.Error()}, nil
}

// native makes sure that the native engine can make the driver: it is built once, for nothing.
func (f engineFlags) native(env Env, home string, job Job, plan submitter.Plan, version native.Version) (chosen, error) {
	if job.whole {
		// The folders of the first launcher, not of this one.
		env, home = env.without("SPARK_CONF_DIR", "HADOOP_CONF_DIR"), ""
	}
	launcher, err := readSurroundings(env, home, job.Application)
	if err != nil {
		return chosen{}, err
	}
	if job.whole {
		launcher.Conf, launcher.HadoopConf = job.conf, job.hadoopConf
	}
	if launcher.ExecutorTemplate, err = job.executorTemplate(); err != nil {
		return chosen{}, err
	}
	if _, err := native.Builder(version, launcher)(plan); err != nil {
		return chosen{}, err
	}
	return chosen{version: version, launcher: launcher, told: "the driver is made without a JVM, as Spark " + version.String() + " would make it"}, nil
}

// neither is why the native engine cannot make a driver where spark-submit is missing too; nil if it can.
func neither(home string, missing, err error) error {
	switch {
	case err == nil:
		return nil
	case home == "":
		return problem.Usage(strings.TrimPrefix(hintOf(err)+"; or run submitter in an image made from a Spark image", "; "), "%w", err)
	default:
		return problem.Usage(hintOf(missing), "%w; and without it: %w", missing, err)
	}
}

// versionFor is the version of Spark in the driver's image: as it was given, as the image's tag or the job says, or that of the
// distribution here.
func (f engineFlags) versionFor(home string, job Job) (native.Version, error) {
	if f.sparkVersion != "" {
		version, err := native.ParseVersion(f.sparkVersion)
		if err != nil {
			return version, problem.Usage(hintOf(err), "--spark-version: %w", err)
		}
		return version, nil
	}
	// Spark: Config.DRIVER_CONTAINER_IMAGE.
	conf := job.Application.Conf
	image := cmp.Or(conf["spark.kubernetes.driver.container.image"], conf["spark.kubernetes.container.image"])
	said := cmp.Or(job.SparkVersion, f.usual)
	if image == "" && said == "" {
		return native.Version{}, problem.Usage("give --conf spark.kubernetes.container.image=IMAGE", "no image is named for the driver")
	}
	version, err := native.VersionOfImage(image)
	if err == nil && !isSparks(image) {
		err = problem.Usage("tell it with --spark-version, such as --spark-version 4.0.5",
			"the name of image %q does not say that its tag is a version of Spark, and the driver's objects depend on that version", image)
	}
	if err == nil {
		return version, nil
	}
	if said != "" {
		known, wrong := native.ParseVersion(said)
		if wrong != nil {
			return known, problem.Usage(hintOf(wrong), "the application's own version of Spark: %w", wrong)
		}
		return known, nil
	}
	if here, unknown := distribution(home); unknown == nil {
		return here, nil
	}
	return version, err
}

// isSparks reports whether an image is called after Spark: another's tag is a version of something else.
func isSparks(image string) bool {
	name, _, _ := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	return strings.Contains(name, "spark")
}

// distribution is the version of the Spark distribution in home, told by the name of its own library: that is what spark-submit writes
// on a driver.
func distribution(home string) (native.Version, error) {
	found, err := filepath.Glob(filepath.Join(home, "jars", "spark-core_*.jar"))
	if home == "" || err != nil || len(found) != 1 {
		return native.Version{}, fmt.Errorf("the version of the Spark in %s is not known: it has no jars/spark-core_*.jar, or more than one", home)
	}
	_, text, _ := strings.Cut(strings.TrimSuffix(filepath.Base(found[0]), ".jar"), "-core_")
	_, text, _ = strings.Cut(text, "-")
	version, err := native.ParseVersion(text)
	if err != nil {
		return native.Version{}, fmt.Errorf("the Spark in %s is of version %q, which the native engine does not know", home, text)
	}
	return version, nil
}
