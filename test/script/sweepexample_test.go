// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// The arguments that stand in the example's CronJob do what its README says, with its Role's rights.
func TestTheSweepExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/sweep/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	documents := strings.Split(string(text), "\n---\n")
	var cron struct {
		Spec struct {
			JobTemplate struct {
				Spec struct {
					Template struct {
						Spec struct{ Containers []struct{ Args []string } }
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(documents[len(documents)-1]), &cron); err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"list": true, "delete": true}
	server := apiserver.New(apiserver.Options{
		Namespaces: []string{"spark"}, Now: func() time.Time { return time.Now().Add(-8 * 24 * time.Hour) },
		Authorize: func(a apiserver.Attributes) bool {
			return allowed[a.Verb] && a.Resource == "pods" || a.Verb == "create"
		},
	})
	web := httptest.NewServer(server)
	defer web.Close()
	pod := map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": "left", "labels": map[string]string{"app.kubernetes.io/managed-by": "sparkctl", "sparkctl.dev/run": "0123456789abcdef", "sparkctl.dev/attempt": "1"}},
		"spec": map[string]any{
			"containers":      []any{map[string]any{"name": "spark-kubernetes-driver", "image": "spark"}},
			"schedulingGates": []any{map[string]any{"name": "sparkctl.dev/submission"}},
		},
	}
	if _, err := post(web.URL+"/api/v1/namespaces/spark/pods", pod); err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	config := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"c","clusters":[{"name":"c","cluster":{"server":%q}}],"contexts":[{"name":"c","context":{"cluster":"c","user":""}}]}`, web.URL)
	if err := os.WriteFile(kubeconfig, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	args := append(cron.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args, "--kubeconfig="+kubeconfig)
	code := cli.Submitter(t.Context(), cli.Env{Args: args, Getenv: func(string) string { return "" }, Stdout: &stdout, Stderr: &stderr, Start: time.Now()})
	if code != 0 || !strings.HasPrefix(stdout.String(), "left  removed  announced ") || len(server.All("pods", "spark")) != 0 {
		t.Errorf("exit code %d, %d pods left\n%s%s", code, len(server.All("pods", "spark")), &stdout, &stderr)
	}
}
