// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// The job files of the example are submitted by the launcher as its DAG calls it, and by a person as its README says.
func TestTheJobFilesOfTheExample(t *testing.T) {
	t.Parallel()
	const folder = "../../examples/job-files/jobs"
	server := apiserver.New(apiserver.Options{Namespaces: []string{"spark"}})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	account := map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": "spark-driver"}}
	if _, err := post(web.URL+"/api/v1/namespaces/spark/serviceaccounts", account); err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"c","clusters":[{"name":"c","cluster":{"server":%q}}],
"contexts":[{"name":"c","context":{"cluster":"c","user":"u","namespace":"spark"}}],"users":[{"name":"u","user":{}}]}`, web.URL)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(args ...string) (cli.Env, *bytes.Buffer) {
		var said bytes.Buffer
		return cli.Env{
			Args: append(args, "--kubeconfig", kubeconfig), Getenv: func(string) string { return "" },
			Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &said, Start: time.Now(),
		}, &said
	}

	e, said := env("submit", "-f", folder, "--dry-run=server")
	if code := sparkctl.Run(t.Context(), e); code != 0 {
		t.Fatalf("sparkctl submit --dry-run=server: exit code %d\n%s", code, said)
	}
	for _, job := range []struct{ name, file string }{{"sales", "sales.json"}, {"report", "report.yaml"}} {
		e, said := env("--run-key=spark_jobs/"+job.name, "--generation=0", "--result-file="+filepath.Join(t.TempDir(), "return.json"),
			"--termination-log=", "--filename="+filepath.Join(folder, job.file))
		e.Args = append(e.Args, "--", "exit", "7")
		if code := cli.Submitter(t.Context(), e); code != 0 {
			t.Fatalf("submitter --filename %s: exit code %d\n%s", job.file, code, said)
		}
		// By hand, what the launcher has submitted is what stands there.
		e, said = env("submit", "-f", filepath.Join(folder, job.file), "--run-key=spark_jobs/"+job.name, "--generation=0")
		if code := sparkctl.Run(t.Context(), e); code != 87 || !strings.Contains(said.String(), `the argument list is ["exit" "7"] there`) {
			t.Errorf("sparkctl submit -f %s with other arguments: exit code %d, not the conflict about the arguments\n%s", job.file, code, said)
		}
	}
}
