// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// Sweeping is the work of the sub-command sweep, which submitter and sparkctl have: it lists, and if it is told to removes, drivers that
// are no longer needed.
type Sweeping struct {
	keepSucceeded, keepFailed, abandoned Age
	remove                               bool
	// Rights says what to do where a right is missing.
	Rights string
}

// What sweep is and does, for the help of both programs.
const (
	SweepShort = "List, and with --delete remove, drivers that are no longer needed"
	SweepLong  = `List the drivers of a namespace that are no longer needed, and remove them with --delete: those that
a launcher announced and did not complete, and those that ended long ago. Their ConfigMaps and Services go
with them, and so do Volcano's PodGroups that were made for a driver that never came, where there is the right to
list and delete them. Only objects with the labels of submitter are looked at.`
	sweepExample = `  # what would go
  %[1]s sweep -n jobs

  # remove it; failures are kept for two days
  %[1]s sweep -n jobs --keep-failed 2d --delete`
)

// SweepExample shows how a program is used to sweep.
func SweepExample(program string) string { return fmt.Sprintf(sweepExample, program) }

// Add adds the flags.
func (s *Sweeping) Add(flags *pflag.FlagSet) {
	s.keepSucceeded, s.keepFailed, s.abandoned = Age(7*day), Age(7*day), Age(time.Hour)
	flags.Var(&s.keepSucceeded, "keep-succeeded", "how long a success is kept; while it stands there it is not run again")
	flags.Var(&s.keepFailed, "keep-failed", "how long a failure is kept")
	flags.Var(&s.abandoned, "abandoned-after", "age at which a driver that its launcher did not complete is removed; it has never run")
	flags.BoolVar(&s.remove, "delete", false, "remove what is listed")
}

// Swept is an object that is no longer needed.
type Swept struct {
	// Kind is pod or podgroup.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Done is what became of it: removed, "would be removed", left, because it has changed, or "not removed".
	Done string `json:"done"`
	// Why it is no longer needed.
	Why string `json:"why"`
}

// Values of [Swept.Done].
const (
	sweptRemoved    = "removed"
	sweptWould      = "would be removed"
	sweptLeft       = "left: it has changed"
	sweptNotRemoved = "not removed"
)

// FullName is namespace/name, before it the kind of what is no driver.
func (s Swept) FullName() string { return s.kind("/") + s.Namespace + "/" + s.Name }

// kind is the kind of what is no driver, with what separates it from its name.
func (s Swept) kind(separator string) string {
	if s.Kind == "pod" {
		return ""
	}
	return s.Kind + separator
}

// WriteSwept writes a line for each.
func WriteSwept(w io.Writer, all []Swept, namespaces bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range all {
		if namespaces {
			_, _ = fmt.Fprintf(table, "%s\t", s.Namespace)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", s.kind(" ")+s.Name, s.Done, s.Why)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write list: %w", err)
	}
	return nil
}

// newSweepCommand is the submitter's sub-command.
func newSweepCommand(env Env) *cobra.Command {
	var cluster ClusterFlags
	s := Sweeping{Rights: "give it a Role with list and delete on pods, as examples/sweep has it"}
	cmd := &cobra.Command{
		Use: "sweep [flags]", Short: SweepShort, Args: cobra.NoArgs, Long: SweepLong, Example: SweepExample("submitter"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, namespace, err := cluster.Connect(env, "submitter")
			if err != nil {
				return err
			}
			all, failed := s.Sweep(cmd.Context(), client, namespace)
			return cmp.Or(failed, WriteSwept(env.Stdout, all, false))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	cluster.Add(flags)
	s.Add(flags)
	return cmd
}

// Sweep finds what is no longer needed in a namespace, all if it is empty, and removes it if asked. What changes meanwhile is left. What it
// returns beside an error is what was done until then.
func (s *Sweeping) Sweep(ctx context.Context, client *kube.Client, namespace string) ([]Swept, error) {
	now := time.Now()
	policy := submitter.SweepPolicy{KeepSucceeded: time.Duration(s.keepSucceeded), KeepFailed: time.Duration(s.keepFailed), Abandoned: time.Duration(s.abandoned)}
	with := labels.Set{driver.LabelManagedBy: driver.ManagedBy}
	pods, err := client.Pods(ctx, namespace, with, "")
	if err != nil {
		return nil, s.cannot(err)
	}
	var all []Swept
	var failed error
	sweep := func(swept Swept, remove func() error) {
		var err error
		if swept.Done, err = s.treat(remove); err != nil {
			failed = s.cannot(err)
		}
		all = append(all, swept)
	}
	for _, old := range submitter.Sweep(pods, policy, now) {
		pod := old.Pod
		sweep(Swept{Kind: "pod", Namespace: pod.Namespace, Name: pod.Name, Why: old.Why}, func() error {
			return client.DeletePodVersion(ctx, pod.Namespace, pod.Name, pod.UID, pod.ResourceVersion)
		})
	}
	group := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "scheduling.volcano.sh/v1beta1", "kind": "PodGroup"}}
	groups, err := client.MetadataList(ctx, namespace, group, with)
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
		return all, s.cannot(err)
	}
	// Where there are no PodGroups, or no right to them, nothing is said.
	for _, left := range submitter.SweepOwnerless(groups, policy, now) {
		group.SetName(left.Name)
		sweep(Swept{Kind: "podgroup", Namespace: left.Namespace, Name: left.Name, Why: "made for a driver that was not: its launcher is gone"}, func() error {
			return client.Remove(ctx, left.Namespace, group, left.UID)
		})
	}
	return all, failed
}

// treat removes an object, if that was asked for, and says what became of it.
func (s *Sweeping) treat(remove func() error) (string, error) {
	if !s.remove {
		return sweptWould, nil
	}
	switch err := remove(); {
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return sweptLeft, nil
	case err != nil:
		return sweptNotRemoved, err
	default:
		return sweptRemoved, nil
	}
}

func (s *Sweeping) cannot(err error) error {
	if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) {
		return problem.New(xcom.ExitRefused, xcom.CategoryPermission, string(apierrors.ReasonForError(err)), s.Rights, "%w", err)
	}
	return problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "check the network to the API server, then sweep again", "%w", err)
}
