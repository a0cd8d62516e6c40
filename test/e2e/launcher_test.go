// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/xcom"
)

// sparkUser is the user of the Spark image.
var sparkUser = int64(185)

// ourJar is our example's jar in the images.
const ourJar = "local:///opt/spark/examples/jars/sparkctl-examples.jar"

// A launch says what a launcher pod is to submit.
type launch struct {
	spark   string   // version of Spark
	engine  string   // by default the real spark-submit
	key     string   // run key
	flags   []string // further flags of submitter
	confs   []string // further KEY=VALUE
	command []string // our example's arguments
	account string   // ServiceAccount, by default the published one
	cancel  bool     // the test deletes the pod: keep it until its end was read
	bare    bool     // without the pod templates that fit "restricted"
	file    string   // main file, by default our example's jar
	class   string   // main class, by default our example's in its jar
	most    int      // size of the result in bytes, by default as nothing is said
}

// A launcher is a launcher pod.
type launcher struct {
	*cluster
	name string
	key  string
	most int
}

// watcher prints return.json whenever it changes, and goes on while the pod is
// being terminated, so that what was written last is seen on every way out.
const watcher = `trap '' TERM
trap 'exit 0' INT
last=
while :; do
	now=$(cat /airflow/xcom/return.json 2>/dev/null; echo .)
	if [ "$now" != "$last" ] && [ "$now" != . ]; then printf '%s\n' "$now"; fi
	last=$now
	sleep 0.05
done`

// launch creates a launcher pod of the submitter image, with a second container
// that prints every state of return.json.
func (c *cluster) launch(t *testing.T, name string, l launch) *launcher {
	t.Helper()
	if c.submitter[l.spark] == "" {
		t.Fatalf("no image with Spark %s", l.spark)
	}
	if l.most == 0 {
		l.most = xcom.DefaultBytes
	}
	pod := c.launcherPod(name, l)
	if l.cancel {
		c.hold(t, pod)
	}
	c.createPod(t, pod)
	return &launcher{c, name, l.key, l.most}
}

// launcherPod is the pod that launch creates.
func (c *cluster) launcherPod(name string, l launch) *corev1.Pod {
	image := c.submitter[l.spark]
	args := append([]string{"--engine=" + cmp.Or(l.engine, "spark-submit"), "--spark-version=" + l.spark, "--run-key=" + l.key, "--generation=1"}, l.flags...)
	if l.most != 0 && l.most != xcom.DefaultBytes {
		args = append(args, fmt.Sprintf("--result-max-bytes=%d", l.most))
	}
	args = append(args, "--", "--name="+name)
	if l.file == "" {
		l.file, l.class = ourJar, cmp.Or(l.class, "dev.sparkctl.examples.Main")
	}
	if l.class != "" {
		args = append(args, "--class="+l.class)
	}
	confs := []string{
		"spark.kubernetes.container.image=" + image,
		"spark.kubernetes.authenticate.driver.serviceAccountName=spark-driver",
		"spark.executor.instances=1",
		"spark.driver.memory=512m",
		"spark.executor.memory=512m",
		"spark.kubernetes.driver.request.cores=0.1",
		"spark.kubernetes.executor.request.cores=0.1",
	}
	if !l.bare {
		confs = append(confs, "spark.kubernetes.driver.podTemplateFile=/templates/driver.yaml",
			"spark.kubernetes.executor.podTemplateFile=/templates/executor.yaml")
	}
	for _, conf := range append(confs, l.confs...) {
		args = append(args, "--conf="+conf)
	}
	args = append(append(args, l.file), l.command...)

	xcomMount := corev1.VolumeMount{Name: "xcom", MountPath: "/airflow/xcom"}
	submitter := restricted(corev1.Container{
		Name: "submitter", Image: image, Args: args,
		VolumeMounts: []corev1.VolumeMount{xcomMount, {Name: "templates", MountPath: "/templates"}},
	}, "100m", "256Mi")
	if l.engine == "native" {
		readOnly := true
		submitter.Image, submitter.SecurityContext.ReadOnlyRootFilesystem = c.native, &readOnly
	}
	watch := restricted(corev1.Container{
		Name: "watcher", Image: image, Command: []string{"/bin/sh", "-c", watcher},
		VolumeMounts: []corev1.VolumeMount{xcomMount},
	}, "1m", "10Mi")

	account := l.account
	if account == "" {
		account = "spark-launcher"
	}
	pod := c.newPod(name, account, &sparkUser, submitter, watch)
	templates := corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "spark-templates"}}
	pod.Spec.Volumes = []corev1.Volume{
		{Name: "xcom", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		{Name: "templates", VolumeSource: corev1.VolumeSource{ConfigMap: &templates}},
	}
	return pod
}

// ended is what is left of a launcher or a sensor.
type ended struct {
	code   int         // exit code of the process
	result xcom.Result // its last line on stdout
	line   string      // that line itself
	log    string      // everything it wrote
}

// end waits for the launcher's end, checks return.json on its whole way there,
// and removes the pod.
func (l *launcher) end(t *testing.T) ended {
	t.Helper()
	code := l.awaitEnd(t, l.name, "submitter").ExitCode
	end := l.read(t, int(code))
	l.deletePod(t, l.name, 0)
	return end
}

// cancel deletes the pod, waits for the submitter's end and goes on like end.
func (l *launcher) cancel(t *testing.T) ended {
	t.Helper()
	l.deletePod(t, l.name, -1)
	// The kubelet tells of a container's end only when all containers of a pod that
	// is going have ended; the end of its log tells earlier.
	if _, err := l.followLog(t.Context(), l.name, "submitter"); err != nil {
		t.Fatalf("follow the submitter's log: %v", err)
	}
	end := l.read(t, 0)
	// The end of a container's first process ends the one that asked for it too, often before that has
	// told how it went; whether the container ends is what counts.
	if err := l.kubectl(t.Context(), "exec", l.name, "-c", "watcher", "--", "/bin/sh", "-c", "kill -s INT 1"); err != nil {
		t.Logf("ask the watcher to end: %v", err)
	}
	end.code = int(l.awaitEnd(t, l.name, "submitter").ExitCode)
	return end
}

// read reads what a submitter that has ended left.
func (l *launcher) read(t *testing.T, code int) ended {
	t.Helper()
	var log, last, document string
	var written []string
	// The watcher looks every 50 ms; what is printed is in the logs soon after.
	for until := time.Now().Add(10 * time.Second); document == "" || document != last; time.Sleep(200 * time.Millisecond) {
		log = l.log(t.Context(), l.name, "submitter", 0)
		last = lastLine(log)
		if written = documents(l.log(t.Context(), l.name, "watcher", 0)); len(written) > 0 {
			document = strings.TrimRight(written[len(written)-1], "\n")
		}
		if last == "" && code == int(xcom.ExitUsage) {
			last = document // a mistake in usage prints nothing on stdout
		}
		if time.Now().After(until) {
			break
		}
	}
	switch {
	case document == "":
		t.Fatal("the submitter wrote no return.json")
	case last == "":
		// On a busy node the container runtime can lose what a process wrote just before it ended: that is why there is the
		// file. That the document is printed is for the tests without a cluster to say.
		t.Logf("the document is not in the container's log, only in return.json:\n%s", log)
		last = document
	case document != last:
		t.Errorf("return.json is\n%s\nprinted was\n%s", document, last)
	}
	for _, document := range written {
		checkDocument(t, document, l.most)
	}
	if t.Failed() {
		l.describe(t, l.name)
	}
	return ended{code, parse(t, last), last, log}
}

// documents splits the watcher's log: each state of the file ends with a line ".".
func documents(log string) []string {
	var found []string
	for document := range strings.SplitSeq(log, ".\n") {
		if document != "" {
			found = append(found, document)
		}
	}
	return found
}

// checkDocument holds what stands in return.json to the contract: one line of
// valid JSON within its size, of our schema, never without saying where the
// application stands, and without a pod where there is none.
func checkDocument(t *testing.T, document string, most int) {
	t.Helper()
	if n := len(document); n > most {
		t.Errorf("return.json has %d bytes, more than %d: %s", n, most, document)
	}
	if strings.Count(document, "\n") != 1 || !strings.HasSuffix(document, "\n") {
		t.Errorf("return.json is not one line: %q", document)
	}
	result := parse(t, document)
	if result.Schema != xcom.Schema {
		t.Errorf("return.json has schema %q, want %q", result.Schema, xcom.Schema)
	}
	hasPod := result.PodUID != ""
	switch result.State {
	case xcom.Submitting, xcom.NotSubmitted:
		if result.State == xcom.NotSubmitted && hasPod {
			t.Errorf("return.json names a pod that was never made: %s", document)
		}
	case xcom.Unknown:
	default:
		if !hasPod || result.PodName == "" {
			t.Errorf("return.json says %s without a driver's name and UID: %s", result.State, document)
		}
	}
}

// parse reads a result strictly: a key of the document that the contract does
// not know is a mistake.
func parse(t *testing.T, document string) xcom.Result {
	t.Helper()
	var result xcom.Result
	decoder := json.NewDecoder(bytes.NewReader([]byte(document)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&result); err != nil {
		t.Fatalf("read the result %q: %v", document, err)
	}
	return result
}

// lastLine returns the last line of stdout from a log that holds stderr too: the
// order in which a container runtime writes the two down is not certain.
func lastLine(log string) string {
	last := ""
	for line := range strings.SplitSeq(log, "\n") {
		if strings.HasPrefix(line, "{") {
			last = line
		}
	}
	return last
}

// summary is what a verdict comes down to, for comparing.
func (e ended) summary() string {
	code := "none"
	if e.result.ExitCode != nil {
		code = fmt.Sprint(*e.result.ExitCode)
	}
	return fmt.Sprintf("%s, exit code %d, of the driver %s", e.result.State, e.code, code)
}
