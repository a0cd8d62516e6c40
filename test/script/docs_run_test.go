// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

// onlyParsed are commands of sparkctl in blocks that are not run below, each with the reason.
var onlyParsed = map[string]string{
	"ui": "it goes on until it is asked to end",
}

// What a page says that one can type is typed here, block by block, in a cluster and a folder in which everything bears
// the names that the pages use. A command ends with 0, unless the comment behind it says: ends with N. Commands of other
// programs are left out, and so are words that only a shell understands; [TestCommandsInTheDocumentationExist] parses
// those of ours. A block of text right below is what the last command says.
func TestCommandsInTheDocumentationRun(t *testing.T) {
	t.Parallel()
	all, typed := pages(t), 0
	for _, page := range slices.Sorted(maps.Keys(all)) {
		for _, block := range blocks(page, all[page]) {
			var lines []commandLine
			for _, line := range shellCommands(block.text) {
				words := ours(line.words)
				if words == nil || line.unknown || len(words) > 1 && onlyParsed[words[1]] != "" {
					continue
				}
				line.words = words
				lines = append(lines, line)
			}
			if len(lines) == 0 {
				continue
			}
			typed += len(lines)
			t.Run(block.String(), func(t *testing.T) {
				t.Parallel()
				world := newDocsWorld(t)
				if strings.Contains(block.text, "--from-result") {
					world.handedOver(t)
				}
				if strings.Contains(block.text, "sparkctl rerun ") || strings.Contains(block.text, "sparkctl kill daily-") {
					world.submitted(t)
				}
				out := ""
				for _, line := range lines {
					out = world.run(t, line)
				}
				for line := range strings.SplitSeq(block.says, "\n") {
					if !strings.Contains(out, line) {
						t.Errorf("the page says %q, the command\n%s", line, out)
					}
				}
			})
		}
	}
	t.Logf("%d command lines are run", typed)
}

// docsWorld is a cluster and a folder in which the pages' commands do something.
type docsWorld struct {
	server *apiserver.Server
	folder string
	env    []string
	// here turns what a pod would have mounted, and placeholders, into what the folder has.
	here *strings.Replacer
}

var endsWith = regexp.MustCompile(`ends with (\d+)`)

// run runs a command as a shell would, and returns what it says.
func (w *docsWorld) run(t *testing.T, line commandLine) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, line.words[0])
	for _, word := range line.words[1:] {
		command.Args = append(command.Args, w.here.Replace(word))
	}
	command.Dir, command.Env = w.folder, w.env
	out, err := command.CombinedOutput()
	want := 0
	if told := endsWith.FindStringSubmatch(line.comment); told != nil {
		want, _ = strconv.Atoi(told[1])
	}
	var exit *exec.ExitError
	if slices.Contains(line.words, "--diff") && command.ProcessState.ExitCode() == 1 {
		return string(out) // there is a difference
	}
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) || command.ProcessState.ExitCode() != want {
		t.Fatalf("%s: exit code %d, want %d: %v %v\n%s", strings.Join(line.words, " "), command.ProcessState.ExitCode(), want, err, ctx.Err(), out)
	}
	return string(out)
}

// newDocsWorld makes the namespaces, accounts, applications and files that the pages name.
func newDocsWorld(t *testing.T) *docsWorld {
	t.Helper()
	w := &docsWorld{server: apiserver.New(apiserver.Options{Namespaces: []string{"jobs", "sparkctl-demo"}}), folder: t.TempDir()}
	web := httptest.NewServer(w.server)
	t.Cleanup(web.Close)
	w.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.folder, "USER=alice", "KUBECONFIG=" + filepath.Join(w.folder, "kubeconfig")}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("kubeconfig", kubeconfigOf(web.URL))
	var places []string
	for _, mounted := range []string{"/airflow/xcom/", "/sparkctl/", "/jobs/"} {
		places = append(places, "="+mounted, "="+w.folder+mounted)
		if mounted != "/jobs/" {
			places = append(places, mounted, w.folder+mounted)
			if err := os.MkdirAll(w.folder+mounted, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.here = strings.NewReplacer(append(places, "FILE", "kubeconfig", "NAME", "double")...)
	for _, link := range [][2]string{{"examples", "examples"}, {"examples/job-files/jobs", "jobs"}} {
		folder, err := filepath.Abs(filepath.Join(root, link[0]))
		if err == nil {
			err = os.Symlink(folder, filepath.Join(w.folder, link[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	first, err := os.ReadFile(filepath.Join(root, "examples/first-job/pi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write("etl.yaml", strings.Replace(string(first), "name: pi\n", "name: etl\n", 1))
	for _, namespace := range []string{"default", "jobs"} {
		for _, account := range []string{"spark", "spark-driver"} {
			w.create(t, web.URL, namespace, "serviceaccounts", map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": account}})
		}
		w.stand(t, web.URL, namespace, "pi-driver", "old-pi", "", 0)
		w.stand(t, web.URL, namespace, "sales-1-driver", "sales", "daily/sales", 0)
		w.stand(t, web.URL, namespace, "nightly", "nightly", "", 0)
		w.stand(t, web.URL, namespace, "etl-0123456789-1-driver", "old-etl", "", 0)
		w.stand(t, web.URL, namespace, "stock-1-driver", "stock", "daily/stock", 0)
	}
	w.stand(t, web.URL, "sparkctl-demo", "exit-3-driver", "exit-3", "demo/exit-3", 3)
	go w.kubelet(t.Context())
	return w
}

// handedOver is a launcher's result in the places in which the pages have a sensor read it.
func (w *docsWorld) handedOver(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/airflow/xcom/return.json", "/sparkctl/return.json", "return.json"} {
		w.run(t, commandLine{words: []string{
			"submitter", "--run-key", "handed-over", "--result-file", path, "--", "--conf", "spark.kubernetes.container.image=spark:4.0.1", "local:///opt/pi.py",
		}})
	}
}

// submitted has the applications submitted that the pages call by their runs, and run again: drivers know what they were made from.
func (w *docsWorld) submitted(t *testing.T) {
	t.Helper()
	for key, name := range map[string]string{"daily-2026-11-21": "daily-driver", "etl": "etl-1b2c3d4e5f-1-driver"} {
		w.run(t, commandLine{words: []string{
			"sparkctl", "submit", "-f", "etl.yaml", "--wait", "--run-key", key, "--conf", "spark.kubernetes.driver.pod.name=" + name,
		}})
	}
}

func (w *docsWorld) create(t *testing.T, url, namespace, resource string, object map[string]any) {
	t.Helper()
	if _, err := post(url+"/api/v1/namespaces/"+namespace+"/"+resource, object); err != nil {
		t.Fatal(err)
	}
}

// stand makes a driver that has ended with a code, and two executors.
func (w *docsWorld) stand(t *testing.T, url, namespace, name, application, key string, code int32) {
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
		}
		w.create(t, url, namespace, "pods", map[string]any{
			"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": pod, "labels": labels, "annotations": annotations},
			"spec": map[string]any{"restartPolicy": "Never", "containers": []any{map[string]any{"name": container, "image": "apache/spark:4.0.1"}}},
		})
		if !w.server.Schedule(namespace, pod, "node-1") || !w.server.Run(namespace, pod) {
			t.Fatalf("pod %s does not run", pod)
		}
		w.server.AppendLog(namespace, pod, container, "something\n")
		if !w.server.Terminate(namespace, pod, container, code) {
			t.Fatalf("pod %s does not end", pod)
		}
	}
}

// kubelet runs what is submitted to its end: a driver whose last argument is "three" fails as Python does, "sleep" goes on.
func (w *docsWorld) kubelet(ctx context.Context) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, object := range w.server.All("pods", "") {
			var pod corev1.Pod
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &pod); err != nil || len(pod.Spec.Containers) == 0 {
				continue
			}
			container := pod.Spec.Containers[0]
			switch {
			case pod.DeletionTimestamp != nil:
				w.server.FinishDeletion(pod.Namespace, pod.Name, 143)
			case pod.Spec.NodeName == "":
				_ = w.server.Schedule(pod.Namespace, pod.Name, "node-1") && w.server.Run(pod.Namespace, pod.Name)
			case pod.Status.Phase == corev1.PodRunning && slices.Contains(container.Args, "three"):
				w.server.AppendLog(pod.Namespace, pod.Name, container.Name, "Traceback (most recent call last):\n"+
					"  File \"/opt/pi.py\", line 32, in <module>\nValueError: invalid literal for int() with base 10: 'three'\n")
				w.server.Terminate(pod.Namespace, pod.Name, container.Name, 1)
			case pod.Status.Phase == corev1.PodRunning && !slices.Contains(container.Args, "sleep"):
				w.server.Terminate(pod.Namespace, pod.Name, container.Name, 0)
			}
		}
	}
}

// kubeconfigOf leads to a server, and there to the namespace default.
func kubeconfigOf(server string) string {
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "double",
		"clusters": []any{map[string]any{"name": "double", "cluster": map[string]any{"server": server}}},
		"users":    []any{map[string]any{"name": "u", "user": map[string]any{}}},
		"contexts": []any{map[string]any{"name": "double", "context": map[string]any{"cluster": "double", "user": "u", "namespace": "default"}}},
	})
	if err != nil {
		panic(err) // it is a literal
	}
	return string(text)
}
