// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// readmePatience is how long a new user's path may take on a small, busy machine.
const readmePatience = 15 * time.Minute

// What README says that a new user types is typed by a shell as it stands there, and says what README says.
func TestReadme(t *testing.T) {
	t.Parallel()
	c := connect(t)
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	// Two that build at a time would write the same programs.
	c.types(t, "make build")
	start := readmeBlock(t, string(text), "make demo ")
	t.Run("from nothing to a failed job explained", func(t *testing.T) {
		t.Parallel()
		demo := regexp.MustCompile(`(?m)^make test .*\n`).ReplaceAllString(start.script, "")
		explain := readmeBlock(t, string(text), "sparkctl explain exit-3")
		if c.embedded == "" {
			explain.script = strings.Replace(explain.script, "$(hack/cluster/cluster kubeconfig)", c.pointed(t), 1)
		}
		out := c.types(t, demo+explain.script)
		holds(t, out, "Both verdicts are as expected", "Failed: the driver exited with code 3", "  exiting with code 3")
	})
	t.Run("on a cluster of one's own", func(t *testing.T) {
		t.Parallel()
		own := readmeBlock(t, string(text), "kubectl create namespace jobs")
		c.pullApacheSpark(t)
		c.makeRoomFor(t, "jobs")
		if len(own.says) == 0 {
			t.Fatal("README does not say how the failed job is explained")
		}
		out := c.types(t, own.script, "KUBECONFIG="+c.pointed(t))
		holds(t, out, own.says...)
	})
}

func holds(t *testing.T, out string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in what was said:\n%s", want, out)
		}
	}
}

// A block of shell commands of README, and the lines that it is said to print.
type block struct {
	script string
	says   []string
}

var readmeBlocks = regexp.MustCompile("(?ms)^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?")

// readmeBlock is the one block of commands that holds a text.
func readmeBlock(t *testing.T, page, holds string) block {
	t.Helper()
	var found []block
	for _, at := range readmeBlocks.FindAllStringSubmatch(page, -1) {
		if strings.Contains(at[1], holds) {
			found = append(found, block{at[1], strings.FieldsFunc(at[2], func(r rune) bool { return r == '\n' })})
		}
	}
	if len(found) != 1 {
		t.Fatalf("README has %d blocks of commands with %q, want one", len(found), holds)
	}
	return found[0]
}

// endsWithCode is a command on a line of its own that is said to fail.
var endsWithCode = regexp.MustCompile(`(?m)^(.*?) +# ends with (\d+).*$`)

// types runs a script as a person types it at the top of the repository, and returns what it says. A command that fails
// ends it, unless the script says that it does.
func (c *cluster) types(t *testing.T, script string, env ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readmePatience)
	defer cancel()
	script = endsWithCode.ReplaceAllString(script, "code=0; $1 || code=$$?; [ $$code = $2 ]")
	command := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	command.WaitDelay = time.Minute
	command.Dir, command.Env = root, append(os.Environ(), env...)
	command.Env = append(command.Env, "PATH="+c.withKubectl(t)+":"+os.Getenv("PATH"))
	if c.embedded == "" {
		command.Env = append(command.Env, "SPARKCTL_CLUSTER_KUBECONFIG="+c.kubeconfig, "SPARKCTL_CLUSTER_CONTEXT="+c.context)
	} else {
		command.Env = append(command.Env, "SPARKCTL_CLUSTER_NAME="+c.embedded)
	}
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// withKubectl is a folder with the program that a user of Kubernetes has.
func (c *cluster) withKubectl(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if c.embedded == "" {
		return folder
	}
	program, err := filepath.Abs(filepath.Join(root, "hack/cluster/cluster"))
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nexec '" + program + "' --name " + c.embedded + " kubectl \"$@\"\n"
	if err := os.WriteFile(filepath.Join(folder, "kubectl"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// pointed is a kubeconfig whose current context is that of the cluster.
func (c *cluster) pointed(t *testing.T) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(c.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.CurrentContext = c.context
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// firstJobImage is the image of examples/first-job.
const firstJobImage = "apache/spark:4.0.1"

// pullApacheSpark sees to it that pods find the image of examples/first-job. The embedded cluster reaches no registry:
// there its own image of Spark, which has the same paths, stands for it.
func (c *cluster) pullApacheSpark(t *testing.T) {
	t.Helper()
	if c.embedded == "" {
		return
	}
	command := exec.CommandContext(t.Context(), filepath.Join(root, "hack/cluster/cluster"), "--name", c.embedded, "tag", c.submitter[newestSpark], firstJobImage)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// makeRoomFor sees to it that there is no such namespace, now and after the test. The embedded cluster of the tests is not
// the one on which somebody follows README.
func (c *cluster) makeRoomFor(t *testing.T, namespace string) {
	t.Helper()
	gone := func(ctx context.Context) (bool, error) {
		err := c.objects.Resource(resources["Namespace"]).Delete(ctx, namespace, metav1.DeleteOptions{})
		return apierrors.IsNotFound(err), ignoreConflict(err)
	}
	if c.embedded == "" {
		if _, err := c.objects.Resource(resources["Namespace"]).Get(t.Context(), namespace, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Skipf("a namespace %s of somebody's own is not touched: %v", namespace, err)
		}
	}
	c.await(t, patience, "a namespace "+namespace+" of an earlier test to go", gone)
	t.Cleanup(func() {
		if _, err := gone(context.Background()); err != nil {
			t.Errorf("remove namespace %s: %v", namespace, err)
		}
	})
}

// ignoreConflict drops what a namespace answers that is gone, or is about to.
func ignoreConflict(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
