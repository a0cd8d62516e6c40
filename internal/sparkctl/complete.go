// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/rbac"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// completionPatience is how long a shell waits for names from the cluster; what has come by then is offered.
const completionPatience = 2 * time.Second

// completer tells a shell how a command line can go on. It never says anything else: whatever is wrong, it offers nothing.
type completer struct {
	env     cli.Env
	cluster *cli.ClusterFlags
}

// addTo has every argument and flag of the commands below cmd completed, but for those that complete themselves.
func (c completer) addTo(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		c.addTo(sub)
	}
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		cmd.ValidArgsFunction = c.arguments(cmd.Use)
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if _, is := cmd.GetFlagCompletionFunc(f.Name); is || f.Value.Type() == "bool" {
			return
		}
		if complete := c.flag(cmd.Name(), f); complete != nil {
			// It errs only for a flag that the command does not have, or that is completed already.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, complete)
		}
	})
}

// arguments completes those that a usage names: applications, files, or none.
func (c completer) arguments(use string) cobra.CompletionFunc {
	_, takes, _ := strings.Cut(use, " ")
	switch {
	case strings.Contains(takes, "APP"):
		return c.applications(strings.Contains(takes, "APP..."))
	case strings.Contains(takes, "ARGUMENTS"), strings.Contains(takes, "FILE"):
		return nil
	default:
		return cobra.NoFileCompletions
	}
}

// meant reports whether a command can be meant for an application in that state.
func meant(cmd *cobra.Command, state xcom.State) bool {
	switch cmd.Name() {
	case "kill", "wait":
		return !state.Final()
	case "ui":
		return state == xcom.Running
	case "delete":
		// A command without the flag has it not set.
		force, _ := cmd.Flags().GetBool("force")
		return force || state.Final()
	default:
		return true
	}
}

// flag completes the values of a flag; nil where they are files.
func (c completer) flag(command string, f *pflag.Flag) cobra.CompletionFunc {
	switch f.Name {
	case "namespace", "service-account-namespace":
		return c.namespaces
	case "context":
		return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			names, _ := c.cluster.Contexts()
			return names, cobra.ShellCompDirectiveNoFileComp
		}
	case "output":
		if values := valuesOf(command, f.Name); values != nil {
			break
		}
		return outputs
	case "state":
		return several([]string{"pending", "running", "succeeded", "failed", "lost"})
	case "kubeconfig", "filename", "spark-home", "templates":
		return nil
	case "with":
		return several(append(rbac.PersonCommands(), "all"))
	}
	if values := valuesOf(command, f.Name); values != nil {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	return cobra.NoFileCompletions
}

// valuesOf are the values that a flag can have, where they are few.
func valuesOf(command, flag string) []string {
	switch command + " --" + flag {
	case "list --sort":
		return view.SortKeys()
	case "wait --for":
		return []string{forDone, forRunning}
	case "rbac --for":
		return []string{"launcher", "sensor", "driver", "cli"}
	case "rbac --on-cancel":
		return []string{"auto", "kill", "leave"}
	case "render --as":
		return []string{asObjects, asSparkSubmit, asManifest}
	case "render --output":
		return []string{"yaml", "json"}
	case "logs --output":
		return []string{"text", "json"}
	case "logs --executor":
		return []string{"all", "none"}
	}
	return map[string][]string{
		"engine":       {"auto", "native", "spark-submit"},
		"on-cancel":    {"leave", "kill"},
		"on-active":    {"auto", "adopt", "replace", "fail"},
		"on-succeeded": {"auto", "reuse", "rerun"},
		"dry-run":      {dryNone, dryClient, dryServer},
	}[flag]
}

// outputs completes -o.
func outputs(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var forms []string
	directive := cobra.ShellCompDirectiveNoFileComp
	for form := range strings.SplitSeq(view.Formats, ", ") {
		form = strings.TrimSuffix(form, "...")
		if !strings.HasPrefix(form, begun) {
			continue
		}
		if forms = append(forms, form); strings.HasSuffix(form, "=") {
			// A template follows at once.
			directive |= cobra.ShellCompDirectiveNoSpace
		}
	}
	if len(forms) > 1 {
		directive = cobra.ShellCompDirectiveNoFileComp
	}
	return forms, directive
}

// several completes a list of values between commas.
func several(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		var left []string
		for _, value := range values {
			if !slices.Contains(strings.Split(before, ","), value) {
				left = append(left, before+value)
			}
		}
		return left, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// namespaces completes names of namespaces, where they may be listed.
func (c completer) namespaces(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	client, _, err := c.cluster.Connect(c.env, "sparkctl")
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
	defer cancel()
	// A namespaced Role cannot give this right; without it nothing is offered.
	names, _ := client.Namespaces(ctx)
	return names, cobra.ShellCompDirectiveNoFileComp
}

// applications completes names of applications that the command can be meant for; several has it complete more than one.
func (c completer) applications(several bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, named []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		if len(named) > 0 && !several {
			return nil, directive
		}
		flags := lookFlags{cluster: c.cluster}
		// Flags that the command does not have are not set.
		flags.allNamespaces, _ = cmd.Flags().GetBool("all-namespaces")
		flags.selector, _ = cmd.Flags().GetString("selector")
		l, err := flags.look(c.env)
		if err != nil {
			return nil, directive
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
		defer cancel()
		if namespace, _, found := strings.Cut(begun, "/"); found {
			elsewhere := *l
			elsewhere.namespace = namespace
			if names := elsewhere.completions(ctx, cmd, named, begun, true); len(names) > 0 {
				return names, directive
			}
			// No such namespace, or none of ours: a run key can hold a slash.
		}
		return l.completions(ctx, cmd, named, begun, l.namespace == ""), directive
	}
}

// completions are the names of applications that can be read, but for those that are named already.
func (l *looking) completions(ctx context.Context, cmd *cobra.Command, named []string, begun string, prefixed bool) []string {
	var standing []view.Application
	// What came before a failure is offered.
	_ = l.client.EachPod(ctx, l.namespace, l.selector, func(pod *corev1.Pod) {
		a := view.Of(pod, nil, l.now)
		if !slices.Contains(named, a.Name) && !slices.Contains(named, a.FullName()) && meant(cmd, a.State) {
			standing = append(standing, a)
		}
	})
	return view.Completions(begun, standing, prefixed, l.now)
}
