// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// newSweepCommand is the sub-command that removes drivers that are no longer needed.
func newSweepCommand(env Env) *cobra.Command {
	var cluster clusterFlags
	var policy submitter.SweepPolicy
	var remove bool
	cmd := &cobra.Command{
		Use: "sweep [flags]", Short: "List, and with --delete remove, drivers that are no longer needed", Args: cobra.NoArgs,
		Long: `List the drivers of a namespace that are no longer needed, and remove them with --delete: those that
a launcher announced and did not complete, and those that ended long ago. Their ConfigMaps and Services go
with them, and so do Volcano's PodGroups that were made for a driver that never came, where there is the right to
list and delete them. Only objects with the labels of submitter are looked at.`,
		Example: `  # what would go
  submitter sweep -n jobs

  # remove it; failures are kept for two days
  submitter sweep -n jobs --keep-failed 48h --delete`,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	cluster.add(flags)
	flags.DurationVar(&policy.KeepSucceeded, "keep-succeeded", 7*24*time.Hour, "how long a success is kept; while it stands there it is not run again")
	flags.DurationVar(&policy.KeepFailed, "keep-failed", 7*24*time.Hour, "how long a failure is kept")
	flags.DurationVar(&policy.Abandoned, "abandoned-after", time.Hour, "age at which a driver that its launcher did not complete is removed; it has never run")
	flags.BoolVar(&remove, "delete", false, "remove what is listed")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for flag, length := range map[string]time.Duration{"keep-succeeded": policy.KeepSucceeded, "keep-failed": policy.KeepFailed, "abandoned-after": policy.Abandoned} {
			if length < 0 {
				return problem.Usage("give a length of time such as 48h", "--%s %s is negative", flag, length)
			}
		}
		found, err := cluster.connect(env, "submitter", "")
		if err != nil {
			return err
		}
		client, err := kube.NewClient(found.Config)
		if err != nil {
			return err
		}
		namespace := cluster.namespace
		if namespace == "" {
			namespace = found.Namespace
		}
		return sweep(cmd.Context(), env, client, namespace, policy, remove)
	}
	return cmd
}

// sweep lists what is no longer needed, and removes it if asked. What changes meanwhile is left.
func sweep(ctx context.Context, env Env, client *kube.Client, namespace string, policy submitter.SweepPolicy, remove bool) error {
	pods, err := client.Pods(ctx, namespace, labels.Set{driver.LabelManagedBy: driver.ManagedBy}, "")
	if err != nil {
		return cannotSweep(err)
	}
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	done := "would be removed"
	if remove {
		done = "removed"
	}
	var failed error
	for _, swept := range submitter.Sweep(pods, policy, time.Now()) {
		said := done
		if remove {
			err := client.DeletePodVersion(ctx, namespace, swept.Pod.Name, swept.Pod.UID, swept.Pod.ResourceVersion)
			switch {
			case apierrors.IsNotFound(err), apierrors.IsConflict(err):
				said = "left: it has changed"
			case err != nil:
				said, failed = "not removed", cannotSweep(err)
			}
		}
		// A reader that is gone does not end the sweeping.
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", swept.Pod.Name, said, swept.Why)
	}
	if err := sweepOwnerless(ctx, table, client, namespace, policy, remove); err != nil {
		failed = err
	}
	if err := table.Flush(); err != nil && failed == nil {
		return fmt.Errorf("write list: %w", err)
	}
	return failed
}

// sweepOwnerless does the same with PodGroups that no driver owns. Where there are none, or no right to them, nothing is said.
func sweepOwnerless(ctx context.Context, table io.Writer, client *kube.Client, namespace string, policy submitter.SweepPolicy, remove bool) error {
	group := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "scheduling.volcano.sh/v1beta1", "kind": "PodGroup"}}
	groups, err := client.MetadataList(ctx, namespace, group, labels.Set{driver.LabelManagedBy: driver.ManagedBy})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
		return cannotSweep(err)
	}
	var failed error
	for _, left := range submitter.SweepOwnerless(groups, policy, time.Now()) {
		said := "would be removed"
		if remove {
			said = "removed"
			group.SetName(left.Name)
			if err := client.Remove(ctx, namespace, group, left.UID); err != nil && !apierrors.IsNotFound(err) {
				said, failed = "not removed", cannotSweep(err)
			}
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", "podgroup "+left.Name, said, "made for a driver that was not: its launcher is gone")
	}
	return failed
}

func cannotSweep(err error) error {
	if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) {
		return problem.New(xcom.ExitRefused, xcom.CategoryPermission, string(apierrors.ReasonForError(err)), "give it a Role with list and delete on pods, as examples/sweep has it", "%w", err)
	}
	return problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "check the network to the API server, then sweep again", "%w", err)
}
