// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/rbac"
	"github.com/sparkctl/sparkctl/xcom"
)

// ClusterFlags are --kubeconfig, --context and --namespace as all programs have them.
type ClusterFlags struct{ flags clusterFlags }

// Add adds the flags.
func (f *ClusterFlags) Add(flags *pflag.FlagSet) { f.flags.add(flags) }

// Connect finds the cluster that the flags mean, and its namespace; program names the caller to the API
// server. Nothing is sent. Errors end with exit code 2.
func (f *ClusterFlags) Connect(env Env, program string) (client *kube.Client, namespace string, err error) {
	cluster, err := f.flags.connect(env, program, "")
	if err != nil {
		return nil, "", err
	}
	client, err = kube.NewClient(cluster.Config)
	if err != nil {
		return nil, "", err
	}
	return client, cmp.Or(f.flags.namespace, cluster.Namespace, "default"), nil
}

// Execute runs a program for people until it has ended or is asked to end, and returns the exit code.
func Execute(ctx context.Context, env Env, cmd *cobra.Command) int {
	// What client-go logs on its own account is told by us where it matters.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	ctx, stop := untilAsked(ctx)
	defer stop()
	return Report(env.Stderr, cmd.Name(), cmd.ExecuteContext(ctx))
}

// Ended is the error that ends a program with a code after everything has been said.
func Ended(code xcom.ExitCode) error {
	if code == xcom.ExitOK {
		return nil
	}
	return &exit{code: code}
}

// Log is the log of a program for people: lines on standard error.
func Log(env Env, program string) (*slog.Logger, error) { return newLog(env.Stderr, program, "text") }

// Warnings is the log of a program for people that says what should not be so, and nothing else.
func Warnings(env Env, program string) *slog.Logger {
	return slog.New(&textHandler{w: env.Stderr, mu: &sync.Mutex{}, program: program, least: slog.LevelWarn})
}

// CheckRole refuses names of a Role that Kubernetes would refuse: exit code 2.
func CheckRole(o rbac.Options) error { return checkNames(o) }
