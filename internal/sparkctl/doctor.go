// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/doctor"
	"github.com/sparkctl/sparkctl/internal/sparkctl/settings"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// doctorOptions are what doctor is asked for.
type doctorOptions struct {
	cluster *cli.ClusterFlags
	jobs    jobFlags
	launch  cli.LaunchFlags
	output  string
}

func newDoctorCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := doctorOptions{cluster: cluster, launch: cli.LaunchFlags{Cluster: cluster}}
	cmd := &cobra.Command{
		Use: "doctor [-f FILE | -- SPARK-SUBMIT-ARGUMENTS]", Short: "Tell whether Spark applications can be submitted here",
		Long: `Look at everything in a namespace that a submission needs, and tell what is in its way: your rights as a launcher, as a sensor and as somebody who
looks, the driver's service account and its rights, quotas, limit ranges, the Pod Security Standard, the version of Kubernetes, and DNS. With an
application it is judged too: what driver and executors ask for against quotas and limit ranges, the Secrets, ConfigMaps and claims that they name, and
whether the API server would take all that would be made, which it is asked without keeping it.

It is about whoever the kubeconfig says, or with --as about another, such as the service account of an orchestrator's workers.

Each finding is ok, a warning, a problem, or unknown, where you may not read what tells; and has the command that mends it. Nothing is changed.

The exit code is 0 if there is no problem, and 80 if there is one.`,
		Example: `  sparkctl doctor -n jobs --service-account spark

  # can this application be submitted?
  sparkctl doctor -f etl.yaml

  # can the workers of Airflow submit here?
  sparkctl doctor -n jobs --as system:serviceaccount:airflow:worker

  # what is in the way, for a program
  sparkctl doctor -n jobs -o jsonpath='{.findings[?(@.level=="problem")].mend}'`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, cmd, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.jobs.add(cmd)
	flags.StringVarP(&o.output, "output", "o", "", "how to write it: "+view.Formats)
	cluster.AddAs(flags)
	o.launch.AddMaker(flags)
	return cmd
}

func (o *doctorOptions) run(ctx context.Context, env cli.Env, cmd *cobra.Command, args []string) error {
	format, err := view.ParseFormat(o.output)
	if err != nil {
		return problem.Usage("give -o one of "+view.Formats, "--output: %w", err)
	}
	if err := o.jobs.checkAccount(); err != nil {
		return err
	}
	var reports []doctor.Report
	if len(o.jobs.files) == 0 && len(args) == 0 && len(o.jobs.conf) == 0 && o.jobs.image == "" {
		reports, err = o.place(ctx, env, cmd)
	} else {
		reports, err = o.applications(ctx, env, cmd, args)
	}
	if err != nil {
		return err
	}
	return writeReports(env, format, reports)
}

// place examines a namespace for whatever may be submitted there.
func (o *doctorOptions) place(ctx context.Context, env cli.Env, cmd *cobra.Command) ([]doctor.Report, error) {
	defaults, err := readSettings(env, cmd)
	if err != nil {
		return nil, err
	}
	client, namespace, err := o.cluster.Connect(env, "sparkctl")
	if err != nil {
		return nil, err
	}
	account := defaults.Get(settings.ServiceAccount).Value
	e := examination{client: client, as: o.cluster.As(), facts: doctor.Facts{Namespace: namespace, AccountName: cmp.Or(account, "default"), AccountMeant: account != ""}}
	if err := e.read(ctx); err != nil {
		return nil, err
	}
	return []doctor.Report{doctor.Examine(e.facts)}, nil
}

// applications examines each application, and the namespace that it is for.
func (o *doctorOptions) applications(ctx context.Context, env cli.Env, cmd *cobra.Command, args []string) ([]doctor.Report, error) {
	if err := setDefaults(env, cmd, &o.launch); err != nil {
		return nil, err
	}
	jobs, err := o.jobs.read(env, cmd, args)
	if err != nil {
		return nil, err
	}
	var reports []doctor.Report
	for _, job := range jobs {
		launch, err := o.launch.Launch(env, cli.Warnings(env, "sparkctl"), job, cli.InCluster)
		if err == nil {
			err = launch.Name("", true)
		}
		if err != nil {
			return nil, aboutJob(jobs, job, err)
		}
		e := examination{client: launch.Client(), as: o.cluster.As(), launch: launch, facts: factsOf(launch)}
		if err := e.read(ctx); err != nil {
			return nil, err
		}
		reports = append(reports, doctor.Examine(e.facts))
	}
	return reports, nil
}

// factsOf is what is known of an application without a cluster.
func factsOf(launch *cli.Launch) doctor.Facts {
	a := &doctor.Application{Name: launch.Job().Called()}
	account := launch.Job().Application.Conf["spark.kubernetes.authenticate.driver.serviceAccountName"]
	f := doctor.Facts{Namespace: launch.Plan().Namespace, AccountName: cmp.Or(account, "default"), AccountMeant: true, Application: a}
	sketch, err := launch.Sketch()
	if err != nil {
		a.Unmade = err
		return f
	}
	a.Spark, a.Driver, a.Executor, a.Executors = sketch.Spark, sketch.Driver, sketch.Executor, sketch.Executors
	for _, object := range sketch.Objects {
		a.Makes = append(a.Makes, doctor.Reference{Kind: object.GetObjectKind().GroupVersionKind().Kind, Name: object.GetName()})
	}
	f.AccountName = cmp.Or(sketch.Driver.Spec.ServiceAccountName, "default")
	return f
}

// reportList is what is written of several applications.
type reportList struct {
	Items []doctor.Report `json:"items"`
}

// writeReports writes what was found, and ends with its exit code.
func writeReports(env cli.Env, format view.Format, reports []doctor.Report) error {
	var problems []string
	failed := false
	for _, r := range reports {
		failed = failed || r.Level == doctor.Problem
		problems = append(problems, r.Problems()...)
	}
	if err := writeEach(env, format, reports, problems); err != nil {
		return err
	}
	if failed {
		return cli.Ended(xcom.ExitRefused)
	}
	return nil
}

func writeEach(env cli.Env, format view.Format, reports []doctor.Report, problems []string) error {
	table, _ := format.Table()
	switch {
	case !table && len(reports) == 1:
		return format.Write(env.Stdout, reports[0], problems)
	case !table:
		return format.Write(env.Stdout, reportList{reports}, problems)
	}
	for i, r := range reports {
		if i > 0 {
			_, _ = fmt.Fprintln(env.Stdout)
		}
		if err := r.Write(env.Stdout, coloured(env)); err != nil {
			return err
		}
	}
	return nil
}
