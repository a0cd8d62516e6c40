// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"io"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/rbac"
	"github.com/sparkctl/sparkctl/sensor"
)

// newRBACCommand is the sub-command that prints what the sensor may have to do.
func newRBACCommand(env Env) *cobra.Command {
	var o rbac.Options
	var onCancel string
	cmd := &cobra.Command{
		Use: "rbac [flags]", Short: "Print the Role that the sensor needs", Args: cobra.NoArgs,
		Example: `  # the Role, a ServiceAccount that has it, and the binding of the two
  sensor rbac -n jobs --service-account spark-sensor | kubectl apply -f -`,
	}
	flags := addRoleFlags(cmd, &o, "sensor")
	flags.StringVar(&onCancel, "on-cancel", string(sensor.CancelLeave), "as it is given to the sensor: kill and auto need to delete pods")
	flags.BoolVar(&o.Proxy, "proxy", false, "let the sensor read Spark's progress through the API server")
	cmd.RunE = func(*cobra.Command, []string) error {
		treatment, err := sensor.ParseOnCancel(onCancel)
		if err != nil {
			return problem.Usage("give auto, leave or kill", "--on-cancel: %w", err)
		}
		o.Kill = treatment != sensor.CancelLeave
		if err := checkNames(o); err != nil {
			return err
		}
		_, err = io.WriteString(env.Stdout, rbac.Manifest(o))
		return err
	}
	return cmd
}

// newLauncherRBACCommand is the sub-command that prints what a launcher may have to do.
func newLauncherRBACCommand(env Env) *cobra.Command {
	var o rbac.Options
	var engine string
	cmd := &cobra.Command{
		Use: "rbac [flags]", Short: "Print the Role that the submitter needs", Args: cobra.NoArgs,
		Example: `  # the Role for the native engine, a ServiceAccount that has it, and the binding of the two
  submitter rbac -n jobs --engine native --service-account spark-launcher | kubectl apply -f -`,
	}
	flags := addRoleFlags(cmd, &o, "launcher")
	flags.StringVar(&engine, "engine", engineAuto, "as it is given to the submitter: native, spark-submit, or auto, which may be either")
	cmd.RunE = func(*cobra.Command, []string) error {
		of, known := map[string]string{engineAuto: "", engineNative: rbac.Native, engineSparkSubmit: rbac.SparkSubmit}[engine]
		if !known {
			return unknownEngine(engine)
		}
		if err := checkNames(o); err != nil {
			return err
		}
		_, err := io.WriteString(env.Stdout, rbac.LauncherManifest(o, of))
		return err
	}
	return cmd
}

// addRoleFlags adds the flags that say whose Role it is.
func addRoleFlags(cmd *cobra.Command, o *rbac.Options, whose string) *flagSet {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.Namespace, "namespace", "n", "default", "namespace of the drivers")
	flags.StringVar(&o.Name, "name", "spark-"+whose, "name of the Role and its RoleBinding")
	flags.StringVar(&o.ServiceAccount, "service-account", "", "ServiceAccount that is given the Role; without it only the Role is printed")
	flags.StringVar(&o.ServiceAccountNamespace, "service-account-namespace", "", "namespace of the "+whose+"'s pod; without it that of the drivers")
	return flags
}

// checkNames refuses names that Kubernetes would refuse.
func checkNames(o rbac.Options) error {
	for _, named := range []struct {
		flag, value string
		check       func(string) []string
	}{
		{"--namespace", o.Namespace, validation.IsDNS1123Label},
		{"--name", o.Name, validation.IsDNS1123Subdomain},
		{"--service-account", o.ServiceAccount, validation.IsDNS1123Subdomain},
		{"--service-account-namespace", o.ServiceAccountNamespace, validation.IsDNS1123Label},
	} {
		optional := named.flag == "--service-account" || named.flag == "--service-account-namespace"
		if named.value == "" && optional {
			continue
		}
		if wrong := named.check(named.value); wrong != nil {
			return problem.Usage("check "+named.flag, "%q cannot be a name in Kubernetes: %s", named.value, problem.Rule(wrong))
		}
	}
	return nil
}
