// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/doctor"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// doctorOptions are what doctor is asked for.
type doctorOptions struct {
	cluster *cli.ClusterFlags
	account string
	output  string
}

func newDoctorCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := doctorOptions{cluster: cluster}
	cmd := &cobra.Command{
		Use: "doctor", Short: "Tell whether Spark applications can be submitted here", Args: noArguments,
		Long: `Look at everything in a namespace that a submission needs, and tell what is in its way: your rights as a launcher, as a sensor and as somebody who
looks, the driver's service account and its rights, quotas, limit ranges, the Pod Security Standard, the version of Kubernetes, and DNS. Each finding is ok, a
warning, a problem, or unknown, where you may not read what tells; and each but the first has the command that mends it. Nothing is changed.

The exit code is 0 if there is no problem, and 80 if there is one.`,
		Example: `  sparkctl doctor -n jobs --service-account spark

  # what is in the way, for a program
  sparkctl doctor -n jobs -o jsonpath='{.findings[?(@.level=="problem")].mend}'`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), env, cmd.Flags().Changed("service-account"))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.account, "service-account", "default", "the driver's service account, as spark.kubernetes.authenticate.driver.serviceAccountName will name it")
	flags.StringVarP(&o.output, "output", "o", "", "how to write it: "+view.Formats)
	return cmd
}

func (o *doctorOptions) run(ctx context.Context, env cli.Env, meant bool) error {
	format, err := view.ParseFormat(o.output)
	if err != nil {
		return problem.Usage("give -o one of "+view.Formats, "--output: %w", err)
	}
	if wrong := validation.IsDNS1123Subdomain(o.account); wrong != nil {
		return problem.Usage("check --service-account", "%q cannot be a name in Kubernetes: %s", o.account, problem.Rule(wrong))
	}
	client, namespace, err := o.cluster.Connect(env, "sparkctl")
	if err != nil {
		return err
	}
	e := examination{client: client, facts: doctor.Facts{Namespace: namespace, AccountName: o.account, AccountMeant: meant}}
	if err := e.read(ctx); err != nil {
		return err
	}
	return writeReport(env, format, doctor.Examine(e.facts))
}

// writeReport writes what was found, and ends with its exit code.
func writeReport(env cli.Env, format view.Format, r doctor.Report) error {
	var err error
	if table, _ := format.Table(); table {
		err = r.Write(env.Stdout, coloured(env))
	} else {
		err = format.Write(env.Stdout, r, r.Problems())
	}
	if err == nil && r.Level == doctor.Problem {
		return cli.Ended(xcom.ExitRefused)
	}
	return err
}
