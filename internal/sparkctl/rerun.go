// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/again"
	"github.com/sparkctl/sparkctl/submitter"
)

// rerunOptions are what rerun is asked for.
type rerunOptions struct {
	submitOptions

	jobs    jobFlags
	replace bool
}

func newRerunCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := rerunOptions{submitOptions: submitOptions{launch: cli.LaunchFlags{Cluster: cluster}}}
	cmd := &cobra.Command{
		Use: "rerun APP [-- ARGUMENTS]", Short: "Submit an application again, as the next attempt at its run",
		Long: `Submit the application of a driver that sparkctl or its submitter made, as the next attempt at the same run: of the same generation, so
that whoever submitted it first finds this attempt when it tries again, or of a higher one that --generation gives. A driver of the run that
is active is in the way, unless --replace ends it.

The application is read from the driver pod, which has secrets masked. They are put back from what the driver was given, its pod and its
ConfigMaps; what is not there must be given again, with --conf KEY=VALUE or, for the application's own arguments, all of them after --. What
the first launcher had in spark-defaults.conf and such files is read there too; what stands here adds nothing.

` + naming,
		Example: `  sparkctl rerun @latest --wait

  # with more memory
  sparkctl rerun daily-2026-11-21 --conf spark.executor.memory=8g

  # with other arguments for the application itself
  sparkctl rerun etl-1b2c3d4e5f-1-driver -- --day 2026-11-20`,
		Args: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				args = args[:dash]
			}
			return oneApplication(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(env, cmd); err != nil {
				return err
			}
			var arguments []string
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				arguments = append([]string{}, args[dash:]...)
			}
			return o.run(cmd.Context(), env, args[0], arguments)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&o.jobs.conf, "conf", nil, "KEY=VALUE of Spark's configuration, which weighs more than what the application had; can be given several times")
	o.jobs.addWhole(flags)
	flags.BoolVar(&o.replace, "replace", false, "end a driver of the run that is active")
	o.launch.AddGeneration(flags)
	o.add(cmd)
	o.launch.AddPatience(flags)
	return cmd
}

// run finds the driver, makes its application whole and submits it. arguments are the application's own; nil means the same again.
func (o *rerunOptions) run(ctx context.Context, env cli.Env, name string, arguments []string) error {
	look := lookFlags{cluster: o.launch.Cluster}
	l, err := look.look(env)
	if err != nil {
		return err
	}
	pod, err := l.find(ctx, name)
	if err != nil {
		return err
	}
	job, err := o.job(ctx, l, pod, arguments)
	if err != nil {
		return err
	}
	err = o.submitOptions.run(ctx, env, []cli.Job{job})
	if wrong, is := errors.AsType[*problem.Error](err); is && wrong.Cause.Reason == "Active" {
		full := pod.Namespace + "/" + pod.Name
		told := *wrong
		told.Cause.Message = "a driver of the run is active: " + strings.TrimSuffix(wrong.Cause.Message, " (--on-active=fail)")
		told.Cause.Hint = "wait for its end with: sparkctl wait " + full + "; or end it with: sparkctl kill " + full + ", or with --replace"
		return &told
	}
	return err
}

// job is what the driver was made for, changed as the flags say.
func (o *rerunOptions) job(ctx context.Context, l *looking, pod *corev1.Pod, arguments []string) (cli.Job, error) {
	full := pod.Namespace + "/" + pod.Name
	record, ours := pod.Annotations[driver.AnnotationApplication]
	if !ours || pod.Annotations[driver.AnnotationRunKey] == "" {
		return cli.Job{}, problem.Usage("submit it anew: sparkctl submit -f FILE, or: sparkctl submit -- SPARK-SUBMIT-ARGUMENTS",
			"driver %s was not made by sparkctl or its submitter, so what it was made from is not known", full)
	}
	app, readable := submitter.Recorded(record)
	if !readable {
		return cli.Job{}, problem.Usage("submit it anew: sparkctl submit --run-key "+pod.Annotations[driver.AnnotationRunKey]+" -- SPARK-SUBMIT-ARGUMENTS",
			"the arguments of driver %s are not on its pod: they are too long for that, or cannot be read", full)
	}
	app, err := o.jobs.changed(app)
	if err != nil {
		return cli.Job{}, err
	}
	if arguments != nil {
		app.Arguments = arguments
	}
	run := submitter.Run{Key: pod.Annotations[driver.AnnotationRunKey], Generation: pod.Annotations[driver.AnnotationGeneration], Attempt: attempt(pod)}
	o.launch.Again(pod.Namespace, run, pod.Labels[driver.LabelVersion], o.replace)
	belongs := belongings{l.client, pod}
	conf := belongs.conf(ctx)
	app, restored, lost := again.Application(app, pod, conf)
	if len(restored) > 0 {
		tell(l.env, "put back from driver %s: %s", full, strings.Join(restored, ", "))
	}
	if len(lost) > 0 {
		return cli.Job{}, missing(full, lost)
	}
	if app, err = submitter.ParseArguments(app.Argv()); err != nil {
		return cli.Job{}, err
	}
	job, err := o.templates(ctx, belongs, app)
	if err != nil {
		return job, err
	}
	if conf == nil {
		l.note("the configuration of driver %s cannot be read: what it had from its launcher's files is not known, and what stands here counts", full)
		return job, nil
	}
	return o.whole(ctx, l.env, job, belongs, run, conf), nil
}

// imageKeys name the images; without one there is nothing to build.
func imageKeys() []string {
	return []string{"spark.kubernetes.container.image", "spark.kubernetes.driver.container.image", "spark.kubernetes.executor.container.image"}
}

// whole is a job with what its driver had from its launcher's files. Where the native engine cannot make it, spark-submit does, with the
// files that stand here.
func (o *rerunOptions) whole(ctx context.Context, env cli.Env, job cli.Job, from belongings, run submitter.Run, conf map[string]string) cli.Job {
	properties := map[string]string{}
	for _, key := range imageKeys() {
		// One that is given now is that of all roles.
		if image, set := conf[key]; set && o.jobs.image == "" {
			properties[key] = image
		}
	}
	files, hadoop := from.files(ctx)
	launch := o.launch
	launch.Defaults.Engine = "native"
	l, err := launch.Launch(env, cli.Warnings(env, "sparkctl"), job.Whole(properties, files, hadoop), cli.InCluster)
	if err != nil {
		return job
	}
	plan, err := l.At(run)
	if err != nil {
		return job
	}
	objects, err := l.Objects(plan.Called(from.pod.Name), drawn(from.pod, conf))
	if err != nil {
		return job
	}
	for _, object := range objects {
		if made, is := object.(*corev1.ConfigMap); is && made.Data["spark.properties"] != "" {
			inherited := again.Inherited(job.Application, conf, submitter.ParseProperties(made.Data["spark.properties"]))
			maps.Copy(inherited, properties)
			for _, key := range imageKeys() {
				if o.jobs.image != "" {
					delete(inherited, key)
				}
			}
			properties = inherited
		}
	}
	return job.Whole(properties, files, hadoop)
}

// missing names what must be given again.
func missing(full string, lost []again.Lost) error {
	var what, keys []string
	hint := "submit it anew: sparkctl submit -f FILE, or: sparkctl submit -- SPARK-SUBMIT-ARGUMENTS"
	for _, one := range lost {
		what = append(what, one.What)
		if one.Key != "" {
			keys = append(keys, "--conf "+one.Key+"=VALUE")
		}
	}
	if len(keys) == len(lost) {
		hint = "give it again: " + strings.Join(keys, " ")
	} else if strings.HasPrefix(what[len(what)-1], "argument") {
		hint = strings.TrimSpace("give again "+strings.Join(keys, " ")) + " and the application's own arguments, all of them, after --"
		hint = strings.Replace(hint, "give again and", "give again", 1)
	}
	return problem.Usage(hint, "what driver %s was made from holds secrets that were not kept: %s", full, strings.Join(what, ", "))
}

// templates is the job of an application with the templates of its pods: those that the flags name, else those that were recorded, else what
// stands under their names here.
func (o *rerunOptions) templates(ctx context.Context, from belongings, app submitter.Application) (cli.Job, error) {
	var recorded []byte
	if record := from.pod.Annotations[driver.AnnotationTemplate]; record != "" {
		text, lost, err := again.Template(record, from.pod)
		if err != nil {
			return cli.Job{}, problem.Usage("give the template itself: --conf "+submitter.ConfTemplate+"=PATH", "%w", err)
		}
		if lost != nil && !o.given(submitter.ConfTemplate) {
			return cli.Job{}, problem.Usage("give the template itself: --conf "+submitter.ConfTemplate+"=PATH",
				"what driver %s/%s was made from holds secrets that were not kept: %s", from.pod.Namespace, from.pod.Name, lost[0].What)
		}
		recorded = text
	}
	driverPod, err := o.template(submitter.ConfTemplate, app.TemplatePath, recorded)
	if err != nil {
		return cli.Job{}, err
	}
	executorPod, err := o.template(submitter.ConfExecutorTemplate, app.ExecutorTemplatePath, from.executorTemplate(ctx))
	if err != nil {
		return cli.Job{}, err
	}
	return cli.JobOfRecord(app, driverPod, executorPod), nil
}

// given reports whether a flag sets a key.
func (o *rerunOptions) given(key string) bool {
	return slices.ContainsFunc(o.jobs.conf, func(pair string) bool { return strings.HasPrefix(pair, key+"=") })
}

// template is the template of a pod.
func (o *rerunOptions) template(key string, path func() (string, error), recorded []byte) ([]byte, error) {
	if len(recorded) > 0 && !o.given(key) {
		return recorded, nil
	}
	file, err := path()
	if file == "" || err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, problem.Usage("give it with: --conf "+key+"=PATH", "a template of pods is neither kept with the driver nor here: %w", err)
	}
	return text, nil
}
