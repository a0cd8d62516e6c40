// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"io"
	"slices"

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
}

// whose are those that a Role can be printed for.
const whose = "launcher, sensor, driver or cli"

func newRBACCommand(env cli.Env) *cobra.Command {
	var o roleOptions
	cmd := &cobra.Command{
		Use: "rbac --for launcher|sensor|driver|cli", Short: "Print the smallest Role that somebody needs", Args: noArguments,
		Long: `Print the smallest Role, in one namespace, with which a launcher (the submitter) can submit, a sensor can follow, a Spark driver
can run its executors, or a person can use this program. Nothing is sent to a cluster.`,
		Example: `  sparkctl rbac --for driver -n jobs --service-account spark-driver | kubectl apply -f -`,
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
	flags.StringVar(&o.engine, "engine", "auto", "--for=launcher: its engine, native, spark-submit, or auto, which may be either")
	flags.StringVar(&o.onCancel, "on-cancel", string(sensor.CancelLeave), "--for=sensor: as it is given to the sensor; kill and auto need to delete pods")
	flags.BoolVar(&o.role.Proxy, "proxy", false, "--for=sensor: let it read Spark's progress through the API server")
	return cmd
}

// manifest checks the flags and writes the Role.
func (o *roleOptions) manifest(cmd *cobra.Command) (string, error) {
	for flag, of := range map[string]string{"engine": "launcher", "on-cancel": "sensor", "proxy": "sensor"} {
		if cmd.Flags().Changed(flag) && o.whose != of {
			return "", problem.Usage("leave --"+flag+" out, or give --for="+of, "--%s is for --for=%s only", flag, of)
		}
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
		engine, known := map[string]string{"auto": "", rbac.Native: rbac.Native, rbac.SparkSubmit: rbac.SparkSubmit}[o.engine]
		if !known {
			return "", problem.Usage("give --engine auto, native or spark-submit", "--engine: %q is not known", o.engine)
		}
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
		return rbac.PersonManifest(role), nil
	case "":
		return "", problem.Usage("give --for one of "+whose, "--for is missing: it says who is to have the Role")
	default:
		return "", problem.Usage("give --for one of "+whose, "--for: %q is not known", o.whose)
	}
}
