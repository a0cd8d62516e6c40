// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/rbac"
	"github.com/sparkctl/sparkctl/xcom"
)

// ClusterFlags are --kubeconfig, --context and --namespace as all programs have them.
type ClusterFlags struct {
	flags clusterFlags
	// Defaults are asked for what no flag gives when the cluster is looked for; nil means that there are none.
	Defaults func() (context, namespace string, err error)
}

// Add adds the flags.
func (f *ClusterFlags) Add(flags *pflag.FlagSet) { f.flags.add(flags) }

// AddAs adds --as, which is kubectl's too, for a command that has a use for it.
func (f *ClusterFlags) AddAs(flags *pflag.FlagSet) {
	flags.StringVar(&f.flags.as, "as", "", "user to act as, such as system:serviceaccount:airflow:worker; takes the right to impersonate it")
}

// As is the user of --as; empty for the one that the kubeconfig says.
func (f *ClusterFlags) As() string { return f.flags.as }

// Connect finds the cluster that the flags mean, and its namespace; program names the caller to the API
// server. Nothing is sent. Errors end with exit code 2.
func (f *ClusterFlags) Connect(env Env, program string) (client *kube.Client, namespace string, err error) {
	flags := f.flags
	if f.Defaults != nil {
		context, namespace, err := f.Defaults()
		if err != nil {
			return nil, "", err
		}
		flags.context, flags.namespace = cmp.Or(flags.context, context), cmp.Or(flags.namespace, namespace)
	}
	cluster, err := flags.connect(env, program, "")
	if err != nil {
		return nil, "", err
	}
	client, err = kube.NewClient(cluster.Config)
	if err != nil {
		return nil, "", err
	}
	namespace = cmp.Or(flags.namespace, cluster.Namespace, "default")
	if wrong := validation.IsDNS1123Label(namespace); wrong != nil {
		return nil, "", problem.Usage("give another with --namespace", "%q cannot be a namespace's name: %s", namespace, problem.Rule(wrong))
	}
	return client, namespace, nil
}

// Execute runs a program for people until it has ended or is asked to end, and returns the exit code.
func Execute(ctx context.Context, env Env, cmd *cobra.Command) int {
	ctx, stop := untilAsked(ctx, true)
	defer stop()
	return Report(env.Stderr, cmd.Name(), called(cmd, written(cmd.ExecuteContext(ctx))))
}

// written is err, unless it is that standard output takes no more: who has closed it, as head does after some lines, knows
// that and is told nothing.
func written(err error) error {
	wrong, is := errors.AsType[*fs.PathError](err)
	switch {
	case !is || wrong.Path != os.Stdout.Name():
		return err
	case errors.Is(err, syscall.EPIPE):
		return Ended(xcom.ExitCancelled)
	default:
		return problem.Usage("make room where standard output goes, or give it another place", "%w", err)
	}
}

// calledError is an error whose hint calls the program as its user did.
type calledError struct {
	error
	hint string
}

func (e calledError) Unwrap() error { return e.error }

// Hint says what to try next.
func (e calledError) Hint() string { return e.hint }

// called is err with a hint that calls a program by the name that it shows, which for a plugin of kubectl is not its own.
func called(cmd *cobra.Command, err error) error {
	if err == nil || cmd.DisplayName() == cmd.Name() {
		return err
	}
	return calledError{err, strings.ReplaceAll(hintOf(err), cmd.Name()+" ", cmd.DisplayName()+" ")}
}

// Contexts are those of the kubeconfig that the flags mean, and the current one; none where it cannot be read.
func (f *ClusterFlags) Contexts() (names []string, current string) {
	return kube.Contexts(f.flags.kubeconfig)
}

// Kubeconfig is the file that the flag names; empty if it names none.
func (f *ClusterFlags) Kubeconfig() string { return f.flags.kubeconfig }

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
	return slog.New(&textHandler{w: env.Stderr, mu: &sync.Mutex{}, program: program, least: slog.LevelWarn, bare: true})
}

// Columns is the width of the terminal that a file is, 0 when it is none, or none that knows escape sequences.
func Columns(file *os.File) int { return columns(file) }

// CheckRole refuses names of a Role that Kubernetes would refuse: exit code 2.
func CheckRole(o rbac.Options) error { return checkNames(o) }

// TerminalSize is the width and the height of the terminal that standard output is, 0 when it is none or one
// that knows no cursor.
func TerminalSize(env Env) (columns, rows int) {
	file, ok := env.Stdout.(*os.File)
	if kind := env.Getenv("TERM"); !ok || kind == "dumb" || kind == "" && !nameless {
		return 0, 0
	}
	return size(file)
}
