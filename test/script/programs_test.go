// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// exits is "exits CODE PROGRAM ARGUMENTS": ends well if the program ends with that code. With
// EXITS_PID it writes the program's process id into that file.
func exits(args []string) int {
	want, err := strconv.Atoi(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// Ctrl-C is for the program, and for this one to see what becomes of it.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if path := os.Getenv("EXITS_PID"); path != "" {
		if err := os.WriteFile(path, []byte(strconv.Itoa(cmd.Process.Pid)), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
	}
	// The code is looked at below, whatever Wait makes of it.
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != want {
		fmt.Fprintf(os.Stderr, "exits: exit code %d, want %d\n", got, want)
		return 1
	}
	return 0
}

// fakeSparkSubmit does what spark-submit does that matters here: it makes the driver pod that its confs
// name, at its master. FAKE_SAYS is a file that it prints on standard error, FAKE_EXIT its exit code
// (then it makes nothing), FAKE_WAIT a file whose coming it waits for before it makes the pod.
func fakeSparkSubmit(args []string) int {
	_ = os.WriteFile("spark-submit.args", []byte(strings.Join(args, "\n")+"\n"), 0o600)
	fmt.Println("fake spark-submit: standard output")
	if says := os.Getenv("FAKE_SAYS"); says != "" {
		text, err := os.ReadFile(says)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		_, _ = os.Stderr.Write(text)
	}
	for wait := os.Getenv("FAKE_WAIT"); wait != ""; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(wait); err == nil {
			break
		}
	}
	if code, err := strconv.Atoi(os.Getenv("FAKE_EXIT")); err == nil && code != 0 {
		return code
	}
	if err := makeDriver(args); err != nil {
		fmt.Fprintf(os.Stderr, "Exception in thread \"main\" io.fabric8.kubernetes.client.KubernetesClientException: %v\n\tat io.fabric8.Nowhere\n", err)
		return 1
	}
	return 0
}

// makeDriver posts the driver pod, and then the ConfigMap and the Service that are its own.
func makeDriver(args []string) error {
	labels := map[string]string{"spark-role": "driver", "spark-app-selector": "spark-0123456789abcdef", "spark-version": "4.0.5"}
	annotations := map[string]string{}
	conf := map[string]string{}
	for i, arg := range args {
		if arg != "--conf" {
			continue
		}
		key, value, _ := strings.Cut(args[i+1], "=")
		conf[key] = value
		if label, ok := strings.CutPrefix(key, "spark.kubernetes.driver.label."); ok {
			labels[label] = value
		}
		if annotation, ok := strings.CutPrefix(key, "spark.kubernetes.driver.annotation."); ok {
			annotations[annotation] = value
		}
	}
	pod := map[string]any{}
	template, err := os.ReadFile(strings.TrimPrefix(conf["spark.kubernetes.driver.podTemplateFile"], "file://"))
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(template, &pod); err != nil {
		return err
	}
	name := conf["spark.kubernetes.driver.pod.name"]
	pod["metadata"] = map[string]any{"name": name, "labels": labels, "annotations": annotations}
	spec, ok := pod["spec"].(map[string]any)
	if !ok {
		return fmt.Errorf("the pod template has no spec: %s", template)
	}
	spec["restartPolicy"] = "Never"
	spec["containers"] = []any{map[string]any{"name": "spark-kubernetes-driver", "image": "spark:4.0.5"}}
	spec["volumes"] = []any{map[string]any{"name": "spark-conf-volume-driver", "configMap": map[string]any{"name": name + "-conf-map"}}}
	base := strings.TrimPrefix(conf["spark.master"], "k8s://") + "/api/v1/namespaces/" + conf["spark.kubernetes.namespace"]
	uid, err := post(base+"/pods", pod)
	if err != nil {
		return err
	}
	owned := func(name string) map[string]any {
		owner := map[string]any{"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid, "controller": true}
		return map[string]any{"name": name, "ownerReferences": []any{owner}}
	}
	service := name + "-svc"
	if _, err := post(base+"/services", map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": owned(service)}); err != nil {
		return err
	}
	properties := fmt.Sprintf("spark.driver.host=%s.%s.svc\n", service, conf["spark.kubernetes.namespace"])
	_, err = post(base+"/configmaps", map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": owned(name + "-conf-map"), "data": map[string]string{"spark.properties": properties},
	})
	return err
}

// post makes an object and returns its UID.
func post(url string, object map[string]any) (string, error) {
	body, err := json.Marshal(object)
	if err != nil {
		return "", err
	}
	answer, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("Failure executing: POST at: %s. Message: %s. Received status: Status(code=%d)", url, text, answer.StatusCode)
	}
	var made struct{ Metadata struct{ UID string } }
	err = json.Unmarshal(text, &made)
	return made.Metadata.UID, err
}
