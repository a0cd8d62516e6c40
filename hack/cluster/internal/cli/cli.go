// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package cli is the command line of the embedded cluster: one file for each
// command. Results go to standard output, progress and errors to standard error.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/cluster"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/progress"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/spark"
)

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "cluster: error: %v\n", err)
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		fmt.Fprintf(os.Stderr, "cluster: hint: %s\n", hinted.Hint())
	}
	return 1
}

// app is what the commands share.
type app struct {
	name string
}

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "cluster",
		Short: "A real Kubernetes on this machine, for tests and demos",
		Long: `A real Kubernetes on this machine, for tests and demos.

It needs root on Debian or Ubuntu, and Go. To use a cluster of your own instead,
name it with SPARKCTL_CLUSTER_KUBECONFIG and SPARKCTL_CLUSTER_CONTEXT.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		// A flag before the command is ours even if the command leaves its flags to kubectl.
		TraverseChildren: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("find command %q: there is none; see cluster --help", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := layout.CheckName(a.name); err != nil {
				return err
			}
			return checkMachine()
		},
	}
	root.PersistentFlags().StringVar(&a.name, "name", cmp.Or(os.Getenv("SPARKCTL_CLUSTER_NAME"), layout.DefaultName), "name of the cluster, $SPARKCTL_CLUSTER_NAME where that is set")
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		newUp(a), newDown(a), newStatus(a), newKubeconfig(a), newLoad(a), newTag(a),
		newKill(a), newStop(a), newStart(a),
		newSparkImage(a), newSparkHome(a), newKubectl(a), newReadyNodes(a),
	)
	return root
}

// machineError says that a cluster cannot be made on this machine.
type machineError struct{ reason string }

func (e *machineError) Error() string { return "check this machine: " + e.reason }

// Hint names the way out.
func (e *machineError) Hint() string {
	return "name a cluster of your own instead: set SPARKCTL_CLUSTER_KUBECONFIG (a file) and SPARKCTL_CLUSTER_CONTEXT (a context in it)"
}

// checkMachine looks at what the script beside main.go does not: it refuses
// whoever is not root before it builds anything.
func checkMachine() error {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil || !host.DebianLike(string(release)) {
		return &machineError{"the embedded cluster needs Debian or Ubuntu"}
	}
	return nil
}

// manager returns the manager of the named cluster; stop ends its progress lines.
func (a *app) manager(ctx context.Context) (m *cluster.Manager, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("find own program: %w", err)
	}
	reporter := progress.New(os.Stderr, time.Now)
	keep, stop := context.WithCancel(ctx)
	go reporter.Keep(keep)
	return &cluster.Manager{
		Name: a.name, Cache: userCache(), Progress: reporter, Source: os.Getenv("SPARKCTL_CLUSTER_SOURCE"), Program: program, Now: time.Now,
	}, stop, nil
}

func userCache() layout.Cache {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/root"
	}
	return layout.NewCache(os.Getenv("XDG_CACHE_HOME"), home)
}

func maker(m *cluster.Manager) spark.Maker {
	return spark.Maker{Cache: m.Cache, Progress: m.Progress}
}
