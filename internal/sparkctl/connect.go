// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// lookFlags are kubectl's own flags that say where to look and how to write what is found.
type lookFlags struct {
	// cluster is the root command's: kubectl takes those flags before the command too.
	cluster       *cli.ClusterFlags
	allNamespaces bool
	selector      string
	output        string
}

func (f *lookFlags) add(cmd *cobra.Command) {
	f.addWhere(cmd)
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "how to write it: "+view.Formats)
}

// addWhere adds those that say where to look.
func (f *lookFlags) addWhere(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVarP(&f.allNamespaces, "all-namespaces", "A", false, "look in all namespaces")
	flags.StringVarP(&f.selector, "selector", "l", "", "only drivers with these labels, such as team=a,stage!=dev")
}

// looking is where one looks and how what is found is written.
type looking struct {
	env       cli.Env
	client    *kube.Client
	namespace string // empty means all
	selector  string
	labels    string // those of the selector that somebody asked for
	format    view.Format
	colours   bool
	now       time.Time
}

// look checks the flags and connects.
func (f *lookFlags) look(env cli.Env) (*looking, error) {
	format, err := view.ParseFormat(f.output)
	if err != nil {
		return nil, problem.Usage("give -o one of "+view.Formats, "--output: %w", err)
	}
	selector, err := labels.Parse(f.selector)
	if err != nil {
		return nil, problem.Usage("write -l key=value,other!=value", "--selector: %w", err)
	}
	role, err := labels.NewRequirement(driver.LabelRole, "=", []string{driver.RoleDriver})
	if err != nil {
		return nil, err
	}
	client, namespace, err := f.cluster.Connect(env, "sparkctl")
	if err != nil {
		return nil, err
	}
	if f.allNamespaces {
		namespace = ""
	}
	return &looking{
		env: env, client: client, namespace: namespace, selector: selector.Add(*role).String(), labels: selector.String(),
		format: format, colours: coloured(env), now: time.Now(),
	}, nil
}

// lookAt is look, with the driver pod of the application that somebody calls so.
func (f *lookFlags) lookAt(ctx context.Context, env cli.Env, name string) (*looking, *corev1.Pod, error) {
	l, err := f.look(env)
	if err != nil {
		return nil, nil, err
	}
	pod, err := l.find(ctx, name)
	return l, pod, err
}

// coloured reports whether standard output is a terminal that wants colours (https://no-color.org).
func coloured(env cli.Env) bool {
	return env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb" && terminal(env)
}

// terminal reports whether standard output is a terminal.
func terminal(env cli.Env) bool {
	file, ok := env.Stdout.(*os.File)
	if !ok {
		return false
	}
	return cli.Columns(file) > 0
}

// where says where was looked.
func (l *looking) where() string {
	where := "in all namespaces"
	if l.namespace != "" {
		where = "in namespace " + l.namespace
	}
	if l.labels != "" {
		where += " with the labels " + l.labels
	}
	return where
}

// find reads the driver pod of the application that somebody calls so.
func (l *looking) find(ctx context.Context, text string) (*corev1.Pod, error) {
	ref := view.ParseReference(text)
	if ref.Namespace != "" {
		pod, err := l.lookup(ctx, ref.Namespace, ref.Name)
		if pod != nil || err != nil && !apierrors.IsForbidden(err) {
			return pod, err
		}
		// No such namespace, or none of ours: a run key can hold a slash.
		ref = view.Reference{Name: text, Text: text}
	}
	pod, err := l.lookup(ctx, l.namespace, ref.Name)
	if err != nil {
		return nil, err
	}
	if pod == nil {
		return nil, l.nobody(text)
	}
	return pod, nil
}

// nobody says that no application is called so.
func (l *looking) nobody(text string) error {
	hint := "see what there is with: sparkctl list"
	if l.namespace != "" {
		hint += " -n " + l.namespace + ", or look elsewhere with -n NAMESPACE or -A"
	} else {
		hint += " -A"
	}
	if ref := view.ParseReference(text); ref.Namespace != "" {
		return problem.Usage("see what there is with: sparkctl list -n "+ref.Namespace,
			"no Spark application is called %q in namespace %s, and no run key is %q %s", ref.Name, ref.Namespace, text, l.where())
	}
	if text == view.Latest {
		return problem.Usage(hint, "there is no Spark driver %s", l.where())
	}
	return problem.Usage(hint, "no Spark application is called %q %s", text, l.where())
}

// lookup reads the driver pod that name means in a namespace, nil if none is meant. The name of a pod takes one
// small read; any other name is looked for among all drivers.
func (l *looking) lookup(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	if namespace != "" && (view.Reference{Name: name}).PodName() {
		pod, err := l.client.Pod(ctx, namespace, name)
		switch {
		case err == nil && pod.Labels[driver.LabelRole] == driver.RoleDriver:
			return pod, nil
		case err == nil:
			return nil, problem.Usage("name a driver pod: it has the label spark-role=driver", "pod %s/%s is no Spark driver", namespace, name)
		case !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err):
			return nil, unreadable(err)
		}
	}
	var named []view.Application
	pods := map[string]*corev1.Pod{}
	err := l.client.EachPod(ctx, namespace, l.selector, func(pod *corev1.Pod) {
		a := view.Of(pod, nil, l.now)
		if !view.Named(a, name) {
			return
		}
		if name == view.Latest && len(named) > 0 {
			// Of thousands, only the newest is kept.
			newer, _, _ := view.Choose(name, []view.Application{named[0], a})
			if newer.UID == named[0].UID {
				return
			}
			named, pods = nil, map[string]*corev1.Pod{}
		}
		named = append(named, a)
		pods[a.UID] = pod
	})
	if err != nil {
		return nil, unreadable(err)
	}
	chosen, ok, err := view.Choose(name, named)
	if ambiguous, is := errors.AsType[*view.AmbiguousError](err); is {
		return nil, problem.Usage("name one of them as NAMESPACE/POD, such as "+ambiguous.Candidates[0].FullName(), "%w", err)
	}
	if !ok {
		return nil, nil
	}
	return pods[chosen.UID], nil
}

// unreadable says that the cluster does not let itself be read: exit code 85.
func unreadable(err error) error {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return problem.New(xcom.ExitBlind, xcom.CategoryPermission, string(apierrors.ReasonForError(err)),
			"look in a namespace that you may read with -n, or ask for the Role that this prints: sparkctl rbac --for cli", "%w", err)
	case errors.Is(err, context.Canceled):
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "%w", err)
	default:
		return problem.New(xcom.ExitBlind, xcom.CategoryAPI, "Unreachable", "check the cluster with: kubectl cluster-info; --context names another", "%w", err)
	}
}
