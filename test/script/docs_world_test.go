// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

// docsWorld is a cluster, a folder and a shell in which the pages' commands do something.
type docsWorld struct {
	server *apiserver.Server
	// ago is by how much the server's clock is behind, as a [time.Duration].
	ago         atomic.Int64
	url, folder string
	env         []string
}

// standIns are shell functions in the place of what this test has not: a cluster, and shells other than bash.
const standIns = `
kubectl() { if [ "$1" = spark ]; then shift; kubectl-spark "$@"; else kubectl-stand-in "$@"; fi; }
make() { for target; do grep -q "^$target:" "$REPOSITORY/Makefile"; done; }
hack/cluster/cluster() { test "$*" = kubeconfig && echo "$KUBECONFIG"; }
source() { local text; text=$(cat "$1"); [[ $text == '#compdef '* ]] || eval "$text"; } # zsh's is read, no more
Out-String() { cat; }
Invoke-Expression() { cat >/dev/null; }
BASH_XTRACEFD=3
set -x
`

var (
	endsWith = regexp.MustCompile(`(?m)^(.*\S) +# .*ends with (\d+).*$`)
	webUI    = regexp.MustCompile(`^http://127\.0\.0\.1:\d+$`)
)

// run has a shell run a script, and returns what that and its commands say, and which commands they were. A command ends
// with 0, unless the comment behind it says: ends with N. A web UI that a line is the URL of is looked at; the first is left by
// Ctrl-C, and the next ends with its driver.
func (w *docsWorld) run(t *testing.T, script string) (said, trace string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	script = endsWith.ReplaceAllString(script, "exits $2 $1")
	for _, mounted := range []string{"/airflow/xcom/", "/sparkctl/", "/jobs/"} {
		script = strings.NewReplacer(" "+mounted, " "+w.folder+mounted, "="+mounted, "="+w.folder+mounted).Replace(script)
	}
	commands, err := os.Create(filepath.Join(w.folder, ".commands"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = commands.Close() }()
	command := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", standIns+script)
	command.Dir, command.Env, command.ExtraFiles = w.folder, w.env, []*os.File{commands}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	visits := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if !webUI.MatchString(lines.Text()) {
			continue
		}
		visit(t, lines.Text()+"/jobs/")
		if visits++; visits == 1 {
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGINT)
		} else {
			w.server.Terminate("jobs", "pi-driver", "spark-kubernetes-driver", 0)
		}
	}
	if err := command.Wait(); err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, &all)
	}
	text, err := os.ReadFile(commands.Name())
	if err != nil {
		t.Fatal(err)
	}
	return all.String(), string(text)
}

// visit looks at a page of the web UI of a driver.
func visit(t *testing.T, url string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	if text, err := io.ReadAll(answer.Body); err != nil || !strings.HasPrefix(string(text), "/jobs/ of the web UI of ") {
		t.Errorf("%s answers %q: %v", url, text, err)
	}
}

// newDocsWorld makes the namespaces, accounts, applications and files that a text of the pages names.
func newDocsWorld(t *testing.T, text string) *docsWorld {
	t.Helper()
	namespaces := []string{"sparkctl-demo"}
	for namespace, made := range map[string]string{"jobs": "kubectl create namespace jobs", "spark": "examples/rbac"} {
		if !strings.Contains(text, made) {
			namespaces = append(namespaces, namespace)
		}
	}
	w := &docsWorld{folder: t.TempDir()}
	w.server = apiserver.New(apiserver.Options{Namespaces: namespaces, Now: func() time.Time { return time.Now().Add(-time.Duration(w.ago.Load())) }})
	web := httptest.NewServer(w.server)
	t.Cleanup(web.Close)
	w.url = web.URL
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.folder, "USER=alice", "KUBECONFIG=" + filepath.Join(w.folder, "kubeconfig"),
		"GORACE=atexit_sleep_ms=0", "SERVER=" + web.URL, "REPOSITORY=" + repository,
		"PROFILE=" + filepath.Join(w.folder, "profile.ps1"),
	}
	w.furnish(t, repository)
	w.startKubelet(t.Context())
	if slices.Contains(namespaces, "jobs") {
		w.populate(t, text)
	}
	if strings.Contains(text, "return.json") {
		w.run(t, `submitter --run-key handed-over --result-file return.json -- --conf spark.kubernetes.container.image=spark:4.0.1 local:///opt/pi.py
			cp return.json airflow/xcom; cp return.json sparkctl`)
	}
	switch {
	case strings.Contains(text, "sparkctl kill daily-"):
		w.run(t, `sparkctl submit -f etl.yaml --run-key daily-2026-11-21 -- sleep
			sparkctl wait daily-2026-11-21 --for running`)
	case strings.Contains(text, "sparkctl rerun "): // of drivers that know what they were made from
		w.run(t, `submit="sparkctl submit -f etl.yaml --wait --conf spark.kubernetes.driver.pod.name"
			$submit=daily-driver --run-key daily-2026-11-21
			$submit=etl-1b2c3d4e5f-1-driver --run-key etl`)
	}
	return w
}

// furnish fills the folder, which is the user's home and holds what the repository does.
func (w *docsWorld) furnish(t *testing.T, repository string) {
	t.Helper()
	for _, folder := range []string{"airflow/xcom", "sparkctl", ".kube", ".local/bin", ".config/fish/completions"} {
		if err := os.MkdirAll(filepath.Join(w.folder, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	first, err := os.ReadFile(filepath.Join(root, "examples/first-job/pi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := kubeconfigOf(w.url, "jobs")
	for name, text := range map[string]string{
		"kubeconfig":   kubeconfig,
		".kube/config": strings.ReplaceAll(kubeconfig, "double", "prod"),
		"etl.yaml":     strings.Replace(string(first), "name: pi\n", "name: etl\n", 1),
	} {
		if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, folder := range map[string]string{"examples": "examples", "jobs": "examples/job-files/jobs"} {
		if err := os.Symlink(filepath.Join(repository, folder), filepath.Join(w.folder, link)); err != nil {
			t.Fatal(err)
		}
	}
}

// populate makes the drivers that the pages name: they succeeded, or failed if the text says what to do then, or run if it ends them or
// looks at their web UI.
func (w *docsWorld) populate(t *testing.T, text string) {
	t.Helper()
	for _, account := range []string{"spark", "spark-driver"} {
		w.create(t, "jobs", "serviceaccounts", map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": account}})
	}
	if strings.Contains(text, "sparkctl ui @") {
		w.stand(t, "jobs", "pi-driver", "pi", "", -1)
		if _, err := serveWebUI(t.Cleanup, w.server, "jobs", "pi-driver"); err != nil {
			t.Fatal(err)
		}
		return
	}
	w.ago.Store(int64(10 * 24 * time.Hour))
	w.stand(t, "jobs", "last-week-1-driver", "last-week", "daily/last-week", 1)
	w.ago.Store(0)
	code := int32(0)
	switch {
	case strings.Contains(text, "||"):
		code = 1
	case strings.Contains(text, "sparkctl kill "):
		code = -1
	}
	for _, driver := range []struct{ name, application, key string }{
		{"sales-1-driver", "sales", "daily/sales"},
		{"nightly", "nightly", ""},
		{"etl-0123456789-1-driver", "old-etl", ""},
		{"stock-1-driver", "stock", "daily/stock"},
		{"pi-driver", "old-pi", ""},
	} {
		w.stand(t, "jobs", driver.name, driver.application, driver.key, code)
	}
	w.stand(t, "sparkctl-demo", "exit-3-driver", "exit-3", "demo/exit-3", 3)
}

func (w *docsWorld) create(t *testing.T, namespace, resource string, object map[string]any) {
	t.Helper()
	if _, err := post(w.url+"/api/v1/namespaces/"+namespace+"/"+resource, object); err != nil {
		t.Fatal(err)
	}
}

// stand makes a driver that has ended with a code, or runs if the code is negative, and two executors that did the same.
func (w *docsWorld) stand(t *testing.T, namespace, name, application, key string, code int32) {
	t.Helper()
	for i, container := range []string{"spark-kubernetes-driver", "spark-kubernetes-executor", "spark-kubernetes-executor"} {
		labels := map[string]string{"spark-role": "driver", "spark-app-selector": "spark-of-" + name, "spark-app-name": application, "spark-version": "4.0.1"}
		annotations := map[string]string{}
		pod := name
		switch {
		case i > 0:
			pod = fmt.Sprintf("%s-exec-%d", name, i)
			labels["spark-role"], labels["spark-exec-id"] = "executor", strconv.Itoa(i)
		case key != "":
			annotations["sparkctl.dev/run-key"], labels["sparkctl.dev/attempt"] = key, "1"
			labels["sparkctl.dev/run"], labels["app.kubernetes.io/managed-by"] = "0123456789abcdef", "sparkctl"
		}
		w.create(t, namespace, "pods", map[string]any{
			"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": pod, "labels": labels, "annotations": annotations},
			"spec": map[string]any{"nodeName": "node-1", "restartPolicy": "Never", "containers": []any{
				map[string]any{"name": container, "image": "apache/spark:4.0.1", "args": []string{"sleep"}},
			}},
		})
		if !w.server.Run(namespace, pod) {
			t.Fatalf("pod %s does not run", pod)
		}
		w.server.AppendLog(namespace, pod, container, "something\n")
		if code >= 0 && !w.server.Terminate(namespace, pod, container, code) {
			t.Fatalf("pod %s does not end", pod)
		}
	}
}

// startKubelet has something run what is submitted to its end, whenever a pod has changed.
func (w *docsWorld) startKubelet(ctx context.Context) {
	changed := make(chan struct{}, 1)
	w.server.SetObserve(func(r apiserver.Request) {
		if r.Resource == "pods" && !slices.Contains([]string{"get", "list", "watch"}, r.Verb) {
			select {
			case changed <- struct{}{}:
			default: // it will look in any case
			}
		}
	})
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
				w.advanceAll()
			}
		}
	}()
}

// advanceAll does what comes next for every pod until there is nothing any more.
func (w *docsWorld) advanceAll() {
	for again := true; again; {
		again = false
		for _, object := range w.server.All("pods", "") {
			var pod corev1.Pod
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &pod); err == nil {
				again = w.advance(pod) || again
			}
		}
	}
}

// advance does what comes next for a pod, and says whether there was anything: a driver whose last argument is "three" fails as
// Python does, one with "sleep" goes on.
func (w *docsWorld) advance(pod corev1.Pod) bool {
	container := pod.Spec.Containers[0]
	switch {
	case pod.DeletionTimestamp != nil:
		return w.server.FinishDeletion(pod.Namespace, pod.Name, 143)
	case pod.Spec.NodeName == "":
		return w.server.Schedule(pod.Namespace, pod.Name, "node-1") && w.server.Run(pod.Namespace, pod.Name)
	case pod.Status.Phase == corev1.PodRunning && slices.Contains(container.Args, "three"):
		w.server.AppendLog(pod.Namespace, pod.Name, container.Name, "Traceback (most recent call last):\n"+
			"  File \"/opt/pi.py\", line 32, in <module>\nValueError: invalid literal for int() with base 10: 'three'\n")
		return w.server.Terminate(pod.Namespace, pod.Name, container.Name, 1)
	case pod.Status.Phase == corev1.PodRunning && !slices.Contains(container.Args, "sleep"):
		return w.server.Terminate(pod.Namespace, pod.Name, container.Name, 0)
	}
	return false
}

// kubeconfigOf leads to a server, and there to a namespace.
func kubeconfigOf(server, namespace string) string {
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "double",
		"clusters": []any{map[string]any{"name": "double", "cluster": map[string]any{"server": server}}},
		"users":    []any{map[string]any{"name": "u", "user": map[string]any{}}},
		"contexts": []any{map[string]any{"name": "double", "context": map[string]any{"cluster": "double", "user": "u", "namespace": namespace}}},
	})
	if err != nil {
		panic(err) // it is a literal
	}
	return string(text)
}
