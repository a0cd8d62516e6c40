// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/rbac"
	"github.com/sparkctl/sparkctl/sensor"
)

// roleOptions say whose Role is printed.
type roleOptions struct {
	role     rbac.Options
	whose    string
	engine   string
	onCancel string
	with     []string
}

// whose are those that a Role can be printed for.
const whose = "launcher, sensor, driver or cli"

func newRBACCommand(env cli.Env) *cobra.Command {
	var o roleOptions
	cmd := &cobra.Command{
		Use: "rbac --for launcher|sensor|driver|cli", Short: "Print the smallest Role that somebody needs", Args: noArguments,
		Long: `Print the smallest Role, in one namespace, with which a launcher (the submitter) can submit, a sensor can follow, a Spark driver
can run its executors, or a person can use this program: to look at applications, and with --with to change them too. Nothing is sent to a cluster.`,
		Example: `  sparkctl rbac --for driver -n jobs --service-account spark-driver | kubectl apply -f -

  # for people who look at applications, and end and remove them
  sparkctl rbac --for cli --with kill,delete -n jobs | kubectl apply -f -`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := o.manifest(cmd)
			if err != nil {
				return err
			}
			_, err = io.WriteString(env.Stdout, text)
			return err
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.whose, "for", "", "who is to have the Role: "+whose)
	flags.StringVarP(&o.role.Namespace, "namespace", "n", "default", "namespace of the drivers")
	flags.StringVar(&o.role.Name, "name", "", "name of the Role and its RoleBinding; without it spark- and who has it")
	flags.StringVar(&o.role.ServiceAccount, "service-account", "", "ServiceAccount that is given the Role; without it only the Role is printed")
	flags.StringVar(&o.role.ServiceAccountNamespace, "service-account-namespace", "", "namespace of that ServiceAccount; without it that of the drivers")
	flags.StringVar(&o.engine, "engine", "auto", "--for=launcher, or cli --with=submit: the engine, native, spark-submit, or auto, which may be either")
	flags.StringSliceVar(&o.with, "with", nil, "--for=cli: the commands that need more than to look: "+strings.Join(rbac.PersonCommands(), ", ")+", or all; rerun needs what submit does")
	flags.StringVar(&o.onCancel, "on-cancel", string(sensor.CancelLeave), "--for=sensor: as it is given to the sensor; kill and auto need to delete pods")
	flags.BoolVar(&o.role.Proxy, "proxy", false, "--for=sensor: let it read Spark's progress through the API server")
	return cmd
}

// manifest checks the flags and writes the Role.
func (o *roleOptions) manifest(cmd *cobra.Command) (string, error) {
	for flag, of := range map[string]string{"engine": "launcher", "on-cancel": "sensor", "proxy": "sensor", "with": "cli"} {
		submits := flag == "engine" && o.whose == "cli"
		if cmd.Flags().Changed(flag) && o.whose != of && !submits {
			return "", problem.Usage("leave --"+flag+" out, or give --for="+of, "--%s is for --for=%s only", flag, of)
		}
	}
	engine, known := map[string]string{"auto": "", rbac.Native: rbac.Native, rbac.SparkSubmit: rbac.SparkSubmit}[o.engine]
	if !known {
		return "", problem.Usage("give --engine auto, native or spark-submit", "--engine: %q is not known", o.engine)
	}
	role := o.role
	role.Name = cmp.Or(role.Name, "spark-"+o.whose)
	if slices.Contains([]string{"launcher", "sensor", "driver", "cli"}, o.whose) {
		if err := cli.CheckRole(role); err != nil {
			return "", err
		}
	}
	switch o.whose {
	case "launcher":
		return rbac.LauncherManifest(role, engine), nil
	case "sensor":
		treatment, err := sensor.ParseOnCancel(o.onCancel)
		if err != nil {
			return "", problem.Usage("give auto, leave or kill", "--on-cancel: %w", err)
		}
		role.Kill = treatment != sensor.CancelLeave
		return rbac.Manifest(role), nil
	case "driver":
		return rbac.DriverManifest(role), nil
	case "cli":
		with, err := o.commands()
		if err != nil {
			return "", err
		}
		return rbac.PersonManifest(role, with, engine), nil
	case "":
		return "", problem.Usage("give --for one of "+whose, "--for is missing: it says who is to have the Role")
	default:
		return "", problem.Usage("give --for one of "+whose, "--for: %q is not known", o.whose)
	}
}

// commands are those of --with, each once, in their own order.
func (o *roleOptions) commands() ([]string, error) {
	all := rbac.PersonCommands()
	if slices.Equal(o.with, []string{"all"}) {
		return all, nil
	}
	for _, command := range o.with {
		if !slices.Contains(all, command) {
			return nil, problem.Usage("give --with one or more of "+strings.Join(all, ", ")+", or all", "--with: %q is no command that needs more than to look", command)
		}
	}
	return slices.DeleteFunc(all, func(command string) bool { return !slices.Contains(o.with, command) }), nil
}
