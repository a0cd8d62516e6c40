// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/internal/sparkctl/render"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/submitter/sparksubmit"
)

// Launch is one submission on its way, whichever program makes it: a job that was checked, the cluster that it goes to, the engine
// that was decided on, and once it has a name, the plan.
type Launch struct {
	env   Env
	log   *slog.Logger
	where clusterFlags
	run   runFlags
	maker engineFlags
	// apiTimeout is how long the API server may be away, grace how long the end may take after the process was asked to end.
	apiTimeout, grace time.Duration
	// leave tells whether a driver that is all but submitted is to be left to run when the process is asked to end; nil: it is not.
	leave func(ctx context.Context) bool
	// conf are keys that the application gets where it does not set them.
	conf map[string]string
	// childOut is where standard output of spark-submit goes.
	childOut io.Writer

	job      Job
	template []byte
	policy   submitter.Policy
	cluster  *kube.Cluster
	client   *kube.Client
	own      ownPod
	chosen   chosen
	found    submitter.Found
	plan     submitter.Plan
}

// check completes the job and refuses what cannot be submitted, as far as no cluster has to be known.
func (l *Launch) check(job Job) error {
	var err error
	if l.policy, err = l.run.policy(); err != nil {
		return err
	}
	if job.whole {
		err = job.Application.Check()
	} else {
		job.Application, err = completed(l.env, l.maker.home(l.env), job.Application, l.conf)
	}
	if err != nil {
		return err
	}
	l.job = job
	for _, key := range job.Application.Ignored() {
		l.log.Warn("--conf " + key + " is ignored: Spark's keys begin with spark.")
	}
	l.template, err = job.template()
	return err
}

// choose decides on the engine for a cluster. What the run's name cannot change is refused before anything is sent.
func (l *Launch) choose() error {
	l.own = self(l.env, l.cluster)
	plan, err := l.planFor(submitter.Run{Key: l.run.naming.Key, Generation: l.run.naming.Generation, Attempt: 1})
	if err != nil {
		return err
	}
	l.chosen, err = l.maker.choose(l.env, l.job, plan)
	return err
}

// planFor is the plan for a run.
func (l *Launch) planFor(run submitter.Run) (submitter.Plan, error) {
	launcher := submitter.Launcher{Pod: l.own.name, UID: l.own.uid, Start: l.env.Start}
	if l.own.name != "" {
		launcher.Namespace = l.own.namespace
	}
	if launcher.Pod == "" {
		// A host without a name is still a launcher; its start tells it apart.
		launcher.Pod, _ = os.Hostname()
	}
	plan, err := submitter.NewPlan(l.job.Application, run, submitter.Surroundings{
		Namespace: l.where.namespace, DefaultNamespace: l.cluster.Namespace, Server: l.cluster.Config.Host,
		Context: l.where.context, Launcher: launcher, Template: l.template,
	})
	if record := recorded(l.template, l.job.Application.Secrets()); err == nil && record != "" {
		plan = plan.Annotated(driver.AnnotationTemplate, record)
	}
	return plan, err
}

// maxTemplate bounds the template kept on the driver pod, in bytes.
const maxTemplate = 8 << 10

// recorded is a template of a pod as an annotation keeps it, for those who run the application again: the executors' is in a ConfigMap, and
// this one is nowhere else.
func recorded(template []byte, rules secret.Rules) string {
	masked, err := render.Template(template, rules)
	if err != nil || len(template) == 0 {
		return ""
	}
	record, err := yaml.YAMLToJSON(masked)
	if err != nil || len(record) > maxTemplate {
		return ""
	}
	return string(record)
}

// engine makes the engine that was decided on.
func (l *Launch) engine() submitter.Engine {
	if l.chosen.path == "" {
		return native.Engine{API: l.client, Build: native.Builder(l.chosen.version, l.chosen.launcher), APITimeout: l.apiTimeout, Log: l.log}
	}
	// One that is in a file is the child's own to read.
	executorPod, _ := l.job.own(submitter.ConfExecutorTemplate)
	return sparksubmit.Engine{
		Path: l.chosen.path, Env: l.childEnv(), Stdout: linesTo(l.childOut), Stderr: linesTo(l.env.Stderr),
		TempDir: os.TempDir(), ExecutorTemplate: executorPod, Log: l.log,
	}
}

// childEnv is our environment, with the kubeconfig that was named.
func (l *Launch) childEnv() []string {
	env := l.env.Environ
	if l.cluster.Kubeconfig != "" {
		env = append(slices.Clip(env), "KUBECONFIG="+l.cluster.Kubeconfig)
	}
	return env
}

// submitter is the protocol with the engine that was decided on.
func (l *Launch) submitter() submitter.Submitter {
	return submitter.Submitter{
		Cluster: l.client, Policy: l.policy, Patience: l.run.patience, APITimeout: l.apiTimeout,
		// The last fifth is for what becomes of the driver.
		Grace: l.grace * 4 / 5, Log: l.log, Leave: l.leave, Engine: l.engine(),
	}
}
