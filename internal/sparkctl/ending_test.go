// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// manyEnded is a cluster with that many drivers that have failed, and an environment that leads to it.
func manyEnded(t *testing.T, n int) (server *apiserver.Server, env cli.Env, stdout, stderr *bytes.Buffer) {
	t.Helper()
	server = apiserver.New(apiserver.Options{})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	for i := range n {
		name := fmt.Sprintf("driver-%d", i)
		pod := fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":%q,"labels":{"spark-role":"driver"}},"spec":{"containers":[{"name":"spark-kubernetes-driver","image":"spark"}]}}`, name)
		answer, err := http.Post(web.URL+"/api/v1/namespaces/default/pods", "application/json", strings.NewReader(pod))
		if err != nil || answer.StatusCode != http.StatusCreated {
			t.Fatal(answer, err)
		}
		_ = answer.Body.Close()
		server.ChangePod("default", name, func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed })
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	config := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"c","clusters":[{"name":"c","cluster":{"server":%q}}],"contexts":[{"name":"c","context":{"cluster":"c","user":""}}]}`, web.URL)
	if err := os.WriteFile(kubeconfig, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	variables := map[string]string{"KUBECONFIG": kubeconfig, "SPARKCTL_CONFIG": os.DevNull}
	return server, cli.Env{
		Args: []string{"delete", "--all", "--yes", "--kubeconfig", kubeconfig}, Getenv: func(key string) string { return variables[key] },
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr, Start: time.Now(),
	}, stdout, stderr
}

func TestManyAreDeletedAndEachIsToldOnce(t *testing.T) {
	t.Parallel()
	server, env, stdout, stderr := manyEnded(t, 40)
	if code := Run(t.Context(), env); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if left := len(server.All("pods", "default")); left != 0 {
		t.Errorf("%d are left", left)
	}
	for i := range 40 {
		if said := strings.Count(stdout.String(), fmt.Sprintf("default/driver-%d deleted\n", i)); said != 1 {
			t.Errorf("driver-%d is told %d times", i, said)
		}
	}
}

func TestWhereNoneOfManyMayBeDeletedAFewAreToldAndTheRestIsCounted(t *testing.T) {
	t.Parallel()
	server, env, stdout, stderr := manyEnded(t, 40)
	server.SetAuthorize(func(a apiserver.Attributes) bool { return a.Verb != "delete" })
	if code := Run(t.Context(), env); code != 80 {
		t.Errorf("exit code %d", code)
	}
	if stdout.Len() > 0 {
		t.Errorf("told as done: %s", stdout)
	}
	if said := stderr.String(); strings.Count(said, "note: delete pod") != 5 || !strings.Contains(said, "note: so it is with 34 more\n") || strings.Count(said, "error: ") != 1 {
		t.Errorf("%s", said)
	}
}
