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
		return c.applications(strings.Contains(takes, "APP..."), unended(use))
	case strings.Contains(takes, "ARGUMENTS"), strings.Contains(takes, "FILE"):
		return nil
	default:
		return cobra.NoFileCompletions
	}
}

// unended reports whether a command is for applications that have not ended.
func unended(use string) bool {
	name, _, _ := strings.Cut(use, " ")
	return slices.Contains([]string{"kill", "ui", "wait"}, name)
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
	case "render --as":
		return []string{asObjects, asSparkSubmit, asManifest}
	case "submit --on-cancel", "rerun --on-cancel":
		return []string{"leave", "kill"}
	case "wait --for":
		return []string{forDone, forRunning}
	case "rbac --for":
		return []string{"launcher", "sensor", "driver", "cli"}
	}
	switch flag {
	case "engine":
		return []string{"auto", "native", "spark-submit"}
	case "dry-run":
		return []string{dryNone, dryClient, dryServer}
	case "on-active":
		return []string{"auto", "adopt", "replace", "fail"}
	case "on-succeeded":
		return []string{"auto", "reuse", "rerun"}
	case "on-cancel":
		return []string{"auto", "kill", "leave"}
	}
	return nil
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

// applications completes names of applications; several has it complete more than one, unended leaves out those that have ended.
func (c completer) applications(several, unended bool) cobra.CompletionFunc {
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
			if names := elsewhere.completions(ctx, begun, true, named, unended); len(names) > 0 {
				return names, directive
			}
			// No such namespace, or none of ours: a run key can hold a slash.
		}
		return l.completions(ctx, begun, l.namespace == "", named, unended), directive
	}
}

// completions are the names of applications that can be read, but for those that are named already.
func (l *looking) completions(ctx context.Context, begun string, prefixed bool, named []string, unended bool) []string {
	var standing []view.Application
	// What came before a failure is offered.
	_ = l.client.EachPod(ctx, l.namespace, l.selector, func(pod *corev1.Pod) {
		a := view.Of(pod, nil, l.now)
		if !slices.Contains(named, a.Name) && !slices.Contains(named, a.FullName()) && (!unended || !a.State.Final()) {
			standing = append(standing, a)
		}
	})
	return view.Completions(begun, standing, prefixed, l.now)
}
