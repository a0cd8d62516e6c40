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
	"strconv"
	"strings"
	"time"
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

// makeDriver posts the driver pod.
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
	body, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": conf["spark.kubernetes.driver.pod.name"], "labels": labels, "annotations": annotations},
		"spec": map[string]any{
			"restartPolicy": "Never",
			"containers":    []any{map[string]any{"name": "spark-kubernetes-driver", "image": "spark:4.0.5"}},
		},
	})
	if err != nil {
		return err
	}
	url := strings.TrimPrefix(conf["spark.master"], "k8s://") + "/api/v1/namespaces/" + conf["spark.kubernetes.namespace"] + "/pods"
	answer, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("Failure executing: POST at: %s. Message: %s. Received status: Status(code=%d)", url, text, answer.StatusCode)
	}
	return nil
}
