// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mostRequests is how many requests a submission that nobody disturbs may make beside spark-submit's own.
const mostRequests = 5

// mostNativeRequests is the same without a JVM: two lists of the run's drivers, and the patch that takes the gate off.
const mostNativeRequests = 3

// A submission that nobody disturbs costs a handful of requests more than the bare spark-submit's.
func TestRunCostsFewRequests(t *testing.T) {
	t.Parallel()
	c := connect(t)
	l := killLaunch("spark-submit", "cost")
	l.flags, l.command = nil, []string{"exit", "0"}
	ours := c.newProcess(t, l, "launcher")
	bare := c.newProcess(t, l, "launcher")
	bare.withoutUs()
	l.engine, l.key = "native", "cost-native"
	native := c.newProcess(t, l, "launcher")
	for _, p := range []*process{ours, bare, native} {
		p.start(t)
		<-p.done
		if !p.command.ProcessState.Success() {
			t.Errorf("%s ended with %s", p.command.Path, p.command.ProcessState)
		}
	}
	more := len(ours.calls()) - len(bare.calls())
	t.Logf("%d requests more than the bare spark-submit's %d; with us\n%swithout\n%s", more, len(bare.calls()), ours.told(), bare.told())
	if len(bare.calls()) == 0 || more > mostRequests {
		t.Errorf("%d requests more than the bare spark-submit's, want at most %d", more, mostRequests)
	}
	more = len(native.calls()) - len(bare.calls())
	t.Logf("%d requests more without a JVM\n%s", more, native.told())
	if len(native.calls()) == 0 || more > mostNativeRequests {
		t.Errorf("%d requests more than the bare spark-submit's without a JVM, want at most %d", more, mostNativeRequests)
	}
	c.nothingLeft(t)
}

// withoutUs makes a bare spark-submit of a launcher.
func (p *process) withoutUs() {
	args := p.command.Args[slices.Index(p.command.Args, "--")+1:]
	for _, variable := range p.command.Env {
		if home, found := strings.CutPrefix(variable, "SPARK_HOME="); found {
			p.command.Path = filepath.Join(home, "bin/spark-submit")
		}
		if kubeconfig, found := strings.CutPrefix(variable, "SPARKCTL_KUBECONFIG="); found {
			p.command.Env = append(p.command.Env, "KUBECONFIG="+kubeconfig)
		}
		if namespace, found := strings.CutPrefix(variable, "SPARKCTL_NAMESPACE="); found {
			args = append([]string{"--conf", "spark.kubernetes.namespace=" + namespace}, args...)
		}
	}
	p.command.Args = append([]string{
		p.command.Path, "--master", "k8s://" + p.server.URL, "--deploy-mode", "cluster",
		"--conf", "spark.kubernetes.submission.waitAppCompletion=false",
	}, args...)
}
