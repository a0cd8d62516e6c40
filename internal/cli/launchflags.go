// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"cmp"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// LaunchFlags are the flags by which a program for people submits.
type LaunchFlags struct {
	// Cluster says where to.
	Cluster *ClusterFlags
	// Defaults count where neither a flag nor the job says anything.
	Defaults LaunchDefaults

	run        runFlags
	maker      engineFlags
	apiTimeout time.Duration
	// namespace is that of a driver whose application is run again; empty for any other submission.
	namespace string
}

// LaunchDefaults are what a person submits with when nothing else is said.
type LaunchDefaults struct {
	// Engine is a value of --engine; empty means auto.
	Engine string
	// SparkVersion is that of images whose tag does not tell it.
	SparkVersion string
	// Conf are keys of Spark that an application gets which does not have them.
	Conf map[string]string
}

// AddMaker adds the flags that say what makes the driver.
func (f *LaunchFlags) AddMaker(flags *pflag.FlagSet) {
	flags.StringVar(&f.maker.name, "engine", engineAuto, "what makes the driver: native (no JVM), spark-submit, or auto (native if it makes what the spark-submit here would make, else that)")
	flags.StringVar(&f.maker.sparkVersion, "spark-version", "", "version of Spark in the driver's image, for the native engine; without it that of the image's tag, else of the SparkApplication, else of the Spark distribution here")
	flags.StringVar(&f.maker.sparkHome, "spark-home", "", "folder of the Spark distribution; without it $SPARK_HOME")
}

// AddRun adds the flags that say which run is meant.
func (f *LaunchFlags) AddRun(flags *pflag.FlagSet) {
	flags.StringVar(&f.run.naming.Key, "run-key", "", "name of this run; the same key is the same run, and has at most one driver. Without it each time is a new run")
	flags.StringVar(&f.run.naming.Generation, "generation", "", "which intention for that run key this is: a number that a retry keeps and a deliberate new run raises")
}

// AddPolicy adds the flags that say what is done about drivers of the run that stand there.
func (f *LaunchFlags) AddPolicy(flags *pflag.FlagSet) {
	flags.StringVar(&f.run.onActive, "on-active", string(submitter.ActiveAuto), "what becomes of a driver of this run that is active: adopt, replace, fail, or auto (adopt it if it runs the same application, else fail)")
	flags.StringVar(&f.run.onSucceeded, "on-succeeded", string(submitter.SucceededAuto), "what becomes of a success of this run: reuse, rerun, or auto (reuse it if it is of the same application, else fail)")
	flags.BoolVar(&f.run.replaceFinished, "replace-finished", false, "remove the ended driver of another run that has the name which spark.kubernetes.driver.pod.name fixes")
	f.AddPatience(flags)
}

// AddPatience adds the flags that say how long what is in the way is waited for.
func (f *LaunchFlags) AddPatience(flags *pflag.FlagSet) {
	flags.BoolVar(&f.run.force, "force", false, "remove a driver of this run from the API that was deleted and does not end, as on a node that is cut off; it may still run there")
	flags.DurationVar(&f.run.patience, "patience", 2*time.Minute, "how long another launcher of this run may take to complete a driver that it has announced")
	flags.DurationVar(&f.apiTimeout, "api-timeout", 2*time.Minute, "how long the API server may be away")
}

// AddGeneration adds the flag for another intention.
func (f *LaunchFlags) AddGeneration(flags *pflag.FlagSet) {
	flags.StringVar(&f.run.naming.Generation, "generation", "", "which intention for the run key this is, a number; without it the same as the driver's, so that it counts as a retry")
}

// Again has the flags mean the next attempt at a run in a namespace that a driver was made for: one that is active is refused, or replaced;
// any other is run again. version of Spark counts where none is given.
func (f *LaunchFlags) Again(namespace string, run submitter.Run, version string, replace bool) {
	f.namespace = namespace
	f.run.naming = submitter.Naming{Key: run.Key, Generation: cmp.Or(f.run.naming.Generation, run.Generation)}
	f.maker.sparkVersion = cmp.Or(f.maker.sparkVersion, version)
	f.run.onActive, f.run.onSucceeded = string(submitter.ActiveFail), string(submitter.SucceededRerun)
	if replace {
		f.run.onActive = string(submitter.ActiveReplace)
	}
}

// Place says where a launch is for.
type Place int

const (
	// InCluster is for what talks to the cluster that the flags mean.
	InCluster Place = iota
	// Anywhere is for what talks to none: where none is configured, that of a pod is meant, and the namespace default.
	Anywhere
)

// new is a launch that knows nothing but the flags.
func (f *LaunchFlags) new(env Env, log *slog.Logger) (*Launch, error) {
	l := &Launch{
		env: env, log: log, where: f.Cluster.flags, run: f.run, maker: f.maker, conf: f.Defaults.Conf,
		apiTimeout: cmp.Or(f.apiTimeout, 2*time.Minute), grace: peoplesGrace, childOut: env.Stderr,
	}
	l.where.namespace = cmp.Or(f.namespace, l.where.namespace)
	l.maker.name, l.maker.usual = cmp.Or(f.Defaults.Engine, l.maker.name), f.Defaults.SparkVersion
	l.run.onActive = cmp.Or(l.run.onActive, string(submitter.ActiveAuto))
	l.run.onSucceeded = cmp.Or(l.run.onSucceeded, string(submitter.SucceededAuto))
	if f.apiTimeout < 0 {
		return nil, problem.Usage("give a length of time such as 90s or 2h", "--api-timeout %s is negative", f.apiTimeout)
	}
	return l, nil
}

// Complete checks a job as far as neither a cluster nor an engine has to be known, and adds what stands in the files that it names, in
// Spark's own and in the environment. Every error is a [*problem.Error] with exit code 2.
func (f *LaunchFlags) Complete(env Env, log *slog.Logger, job Job) (Job, error) {
	l, err := f.new(env, log)
	if err != nil {
		return job, err
	}
	if namespace := f.Cluster.flags.namespace; namespace != "" {
		const key = "spark.kubernetes.namespace"
		if other := job.Application.Conf[key]; other != "" && other != namespace {
			return job, problem.Usage("give one of them", "--namespace says %q and %s says %q", namespace, key, other)
		}
		job.Application = withDefaults(job.Application, map[string]string{key: namespace})
	}
	err = l.check(job)
	return l.job, err
}

// SparkVersion is the version of Spark in a job's image. Every error is a [*problem.Error] with exit code 2.
func (f *LaunchFlags) SparkVersion(env Env, job Job) (string, error) {
	maker := f.maker
	maker.usual = f.Defaults.SparkVersion
	version, err := maker.versionFor(maker.home(env), job)
	if err != nil {
		return "", err
	}
	return version.String(), nil
}

// Launch checks a job and decides what makes its driver; nothing is sent. The run has no name yet.
// Every error is a [*problem.Error] with exit code 2.
func (f *LaunchFlags) Launch(env Env, log *slog.Logger, job Job, place Place) (*Launch, error) {
	l, err := f.new(env, log)
	if err != nil {
		return nil, err
	}
	if err = l.check(job); err != nil {
		return nil, err
	}
	if place == Anywhere && l.maker.name == engineAuto {
		// What is only shown needs nothing that only a JVM can do.
		l.maker.name = engineNative
	}
	named, namespace := f.Cluster.flags, ""
	if f.Cluster.Defaults != nil {
		var context string
		if context, namespace, err = f.Cluster.Defaults(); err != nil {
			return nil, err
		}
		named.context = cmp.Or(named.context, context)
	}
	l.where.context = named.context
	l.cluster, err = named.connect(env, "sparkctl", l.job.Application.Master())
	switch {
	case err == nil:
	case place == Anywhere && named.kubeconfig == "" && named.context == "" && env.Getenv("KUBECONFIG") == "":
		l.cluster = &kube.Cluster{Config: &rest.Config{Host: cmp.Or(l.job.Application.Master(), "https://kubernetes.default.svc")}, Namespace: "default"}
	default:
		return nil, err
	}
	// What is usual is no wish: a SparkApplication may have another namespace.
	l.cluster.Namespace = cmp.Or(namespace, l.cluster.Namespace, "default")
	if l.client, err = kube.NewClient(l.cluster.Config); err != nil {
		return nil, err
	}
	return l, l.choose()
}

// Name names the run: as it was given, with step behind it, else so that it is no other run's name. sample names it by nothing but the
// application where no name was given, for showing.
func (l *Launch) Name(step string, sample bool) error {
	naming := l.run.naming
	var known bool
	if naming.Step = step; naming.Key == "" {
		naming.Step = ""
	}
	if l.found, known = submitter.FindRun(naming, nil); !known {
		var random [6]byte
		if !sample {
			if _, err := rand.Read(random[:]); err != nil {
				return problem.New(xcom.ExitRetry, xcom.CategoryUnknown, "NoRandomness", "give --run-key", "make a run key: %w", err)
			}
		}
		l.found = submitter.RandomRun(naming, l.job.Application, random)
	}
	var err error
	l.plan, err = l.planFor(l.found.Run)
	return err
}

// At is the plan for another run of the same job.
func (l *Launch) At(run submitter.Run) (submitter.Plan, error) { return l.planFor(run) }

// Fresh reports whether the run's name was made for this submission alone.
func (l *Launch) Fresh() bool { return l.found.Source == submitter.SourceRandom }

// Job is what is submitted, completed.
func (l *Launch) Job() Job { return l.job }

// Plan is the plan once the run has a name.
func (l *Launch) Plan() submitter.Plan { return l.plan }

// Client talks to the cluster.
func (l *Launch) Client() *kube.Client { return l.client }

// Told says what makes the driver, and why.
func (l *Launch) Told() string { return l.chosen.told }
