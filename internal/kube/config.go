// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package kube builds clients for the few parts of the Kubernetes API that
// are used: pods and their logs. [Connect] finds the cluster, [Client] talks to
// it. The typed clientset is not imported: it would double the memory and the size of every program.
package kube

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// Options say which cluster is meant.
type Options struct {
	// Kubeconfig is the path of a kubeconfig; empty means $KUBECONFIG, else the
	// pod's service account, else ~/.kube/config.
	Kubeconfig string
	// Context is a context in that kubeconfig; empty means its current one.
	Context string
	// Master is the URL of the API server when it is given apart from the credentials, as spark-submit's --master is.
	Master string
	// KubeconfigEnv is the value of $KUBECONFIG: where it is set, a pod's service
	// account does not count. Its files are read by client-go itself.
	KubeconfigEnv string
	// UserAgent names the program to the API server.
	UserAgent string
	// As is the user to act as (impersonation), with the groups that the API server gives it; empty for the one of the credentials.
	As string
}

// Cluster is a cluster that was found, not yet spoken to.
type Cluster struct {
	// Config is what clients are built from.
	Config *rest.Config
	// Namespace is the default one: of the context, or of the pod we run in.
	Namespace string
	// Kubeconfig and Context are what the user named, to be handed on to a child; empty in a pod.
	Kubeconfig, Context string
}

const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount"

// Connect finds the cluster that o means. It sends nothing. Every error is a [*problem.Error] with exit code 2.
func Connect(o Options) (*Cluster, error) {
	cluster, err := load(o)
	if err != nil {
		return nil, err
	}
	cluster.Config.UserAgent = o.UserAgent
	if o.As != "" {
		cluster.Config.Impersonate = rest.ImpersonationConfig{UserName: o.As}
	}
	// Our own calls are few and must not wait for a limiter; the server has its own.
	cluster.Config.QPS = -1
	if o.Master != "" {
		cluster.Config.Host = o.Master
		cluster.Config.APIPath = ""
	}
	return cluster, nil
}

func load(o Options) (*Cluster, error) {
	named := o.Kubeconfig != "" || o.Context != "" || o.KubeconfigEnv != ""
	if !named {
		if config, err := rest.InClusterConfig(); err == nil {
			return &Cluster{Config: config, Namespace: podNamespace()}, nil
		}
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.WarnIfAllMissing = false
	rules.ExplicitPath = o.Kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: o.Context}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, explain(o, err)
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, explain(o, err)
	}
	return &Cluster{Config: config, Namespace: namespace, Kubeconfig: o.Kubeconfig, Context: o.Context}, nil
}

// Contexts are the names of the contexts in a kubeconfig, in order, and which of them is the current one; an empty path means $KUBECONFIG,
// else ~/.kube/config. Of one that cannot be read there are none.
func Contexts(kubeconfig string) (names []string, current string) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.WarnIfAllMissing = false
	rules.ExplicitPath = kubeconfig
	config, err := rules.Load()
	if err != nil {
		return nil, ""
	}
	return slices.Sorted(maps.Keys(config.Contexts)), config.CurrentContext
}

// explain turns what client-go says of a kubeconfig into a sentence and a hint.
func explain(o Options, err error) error {
	switch {
	case clientcmd.IsEmptyConfig(err) && o.Context != "":
		return problem.Usage("see it with: kubectl config view"+kubeconfigFlag(o.Kubeconfig), "context %q names no cluster that is in the kubeconfig", o.Context)
	case clientcmd.IsEmptyConfig(err) && o.Kubeconfig != "":
		return problem.Usage("check the path given to --kubeconfig", "%s is no kubeconfig: it names no cluster", o.Kubeconfig)
	case clientcmd.IsEmptyConfig(err) && o.KubeconfigEnv != "":
		return problem.Usage("check the environment variable KUBECONFIG, or name a file with --kubeconfig", "KUBECONFIG names no cluster: %s", o.KubeconfigEnv)
	case clientcmd.IsEmptyConfig(err), errors.Is(err, rest.ErrNotInCluster):
		return problem.Usage(
			"run it in a pod with a service account, or name a cluster with --kubeconfig FILE (and --context NAME)",
			"no cluster is configured: no kubeconfig, and this is not a pod",
		)
	case clientcmd.IsContextNotFound(err), o.Context != "" && strings.Contains(err.Error(), fmt.Sprintf("context %q does not exist", o.Context)):
		which := "the current context"
		if o.Context != "" {
			which = fmt.Sprintf("context %q", o.Context)
		}
		return problem.Usage("list the contexts with: kubectl config get-contexts", "%s is not in the kubeconfig", which)
	case errors.Is(err, os.ErrNotExist):
		return problem.Usage("check the path given to --kubeconfig", "kubeconfig %s does not exist", o.Kubeconfig)
	default:
		return problem.Usage(
			"check the file with: kubectl config view"+kubeconfigFlag(o.Kubeconfig),
			"kubeconfig cannot be read: %s", withoutGoTypes(firstLine(err)),
		)
	}
}

func kubeconfigFlag(path string) string {
	if path == "" {
		return ""
	}
	return " --kubeconfig " + path
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(fmt.Sprint(err)), "\n")
	return line
}

// withoutGoTypes cuts off what a decoder says of this program's own types.
func withoutGoTypes(text string) string {
	text, _, _ = strings.Cut(text, " into Go ")
	text, _, _ = strings.Cut(text, ": struct {")
	return text
}

// podNamespace is the namespace of the pod we run in.
func podNamespace() string {
	text, err := os.ReadFile(serviceAccountDir + "/namespace")
	if namespace := strings.TrimSpace(string(text)); err == nil && namespace != "" {
		return namespace
	}
	return "default"
}
