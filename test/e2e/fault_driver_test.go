// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// loadDriver builds the driver's image, one static program, and loads it.
func (f *faults) loadDriver(t *testing.T) string {
	t.Helper()
	program, err := os.ReadFile(f.buildProgram(t, "./test/e2e/faultdriver", "faultdriver"))
	if err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(f.folder, "faultdriver.tar")
	if err := os.WriteFile(archive, imageArchive(t, "localhost/sparkctl/faultdriver", "faultdriver", program), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := f.embeddedOutput(t.Context(), "load", archive)
	if err != nil {
		t.Fatal(err)
	}
	return out[strings.LastIndexByte(out, '\n')+1:]
}

// imageArchive is a docker archive of an image that holds one program.
func imageArchive(t *testing.T, name, file string, program []byte) []byte {
	t.Helper()
	layer := tarOf(t, tar.Header{Name: file, Mode: 0o755}, program)
	digest := sha256.Sum256(layer)
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/" + file}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(digest[:])}},
	})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{name + ":build"}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for name, content := range map[string][]byte{"manifest.json": manifest, "config.json": config, "layer.tar": layer} {
		writeTar(t, w, tar.Header{Name: name, Mode: 0o644}, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func tarOf(t *testing.T, header tar.Header, content []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	writeTar(t, w, header, content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func writeTar(t *testing.T, w *tar.Writer, header tar.Header, content []byte) {
	t.Helper()
	header.Size = int64(len(content))
	if err := w.WriteHeader(&header); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
}

// A faultDriver is a pod that looks like a driver and writes numbered lines.
type faultDriver struct {
	f   *faults
	pod *corev1.Pod
}

// driver creates such a pod and waits until it runs.
func (f *faults) driver(t *testing.T, name string, change ...func(*corev1.Pod)) *faultDriver {
	t.Helper()
	pod := f.driverPod(name, 20*time.Millisecond)
	for _, c := range change {
		c(pod)
	}
	f.createPod(t, pod)
	f.awaitRunning(t, name)
	made, err := f.pod(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return &faultDriver{f, made}
}

func (f *faults) driverPod(name string, interval time.Duration) *corev1.Pod {
	user := sparkUser
	container := restricted(corev1.Container{
		Name: "spark-kubernetes-driver", Image: f.image, Args: []string{"/control/end", interval.String()},
		VolumeMounts: []corev1.VolumeMount{{Name: "control", MountPath: "/control"}},
	}, "10m", "16Mi")
	pod := f.newPod(name, "default", &user, container)
	pod.Labels = map[string]string{"spark-role": "driver", "spark-app-selector": "spark-" + name}
	pod.Spec.Volumes = []corev1.Volume{{Name: "control", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
	grace := int64(2)
	pod.Spec.TerminationGracePeriodSeconds = &grace
	return pod
}

// end tells the driver to end with a code, through the node's disk, and waits
// until the container runtime has written its last line; it returns when that was.
func (d *faultDriver) end(t *testing.T, code int) time.Time {
	t.Helper()
	folder := filepath.Join(podFolder(d.pod), "volumes/kubernetes.io~empty-dir/control")
	if err := os.WriteFile(filepath.Join(folder, "end.new"), []byte(strconv.Itoa(code)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, "end.new"), filepath.Join(folder, "end")); err != nil {
		t.Fatal(err)
	}
	d.f.await(t, patience, "the driver to end", func(context.Context) (bool, error) {
		text, err := d.f.onDisk(d.pod)
		return strings.Contains(text, "ending after"), err
	})
	return time.Now()
}

// written waits until the driver has written this many lines more.
func (d *faultDriver) written(t *testing.T, more int) {
	t.Helper()
	lines := func() int {
		text, err := d.f.onDisk(d.pod)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(text, " line ")
	}
	want := lines() + more
	d.f.await(t, time.Minute, "the driver to write", func(context.Context) (bool, error) { return lines() >= want, nil })
}

// remove deletes the driver's pod by force: it is gone at once.
func (d *faultDriver) remove(t *testing.T) {
	t.Helper()
	d.f.deletePod(t, d.pod.Name, 0)
	d.f.await(t, time.Minute, "the pod to be gone", func(ctx context.Context) (bool, error) {
		pod, err := d.f.pod(ctx, d.pod.Name)
		if err == nil {
			return pod.UID != d.pod.UID, nil
		}
		return true, ignoreNotFound(err)
	})
}

// checkLines holds the followed log to what the driver wrote: every line once, in order.
func checkLines(t *testing.T, log string) {
	t.Helper()
	next, ended := 0, false
	for line := range strings.SplitSeq(log, "\n") {
		if rest, ok := strings.CutPrefix(line, "ending after "); ok {
			if count, _, _ := strings.Cut(rest, " "); count != fmt.Sprint(next) {
				t.Errorf("the driver wrote %s lines, the followed log has %d", count, next)
			}
			ended = true
			continue
		}
		rest, ok := strings.CutPrefix(line, "line ")
		if !ok {
			continue
		}
		number, fill, long := strings.Cut(rest, " ")
		if number != fmt.Sprint(next) {
			t.Fatalf("after line %d the followed log has line %s", next-1, number)
		}
		if long && len("line ")+len(number)+1+len(fill) != 20_000 {
			t.Errorf("line %s is cut: %d bytes", number, len(line))
		}
		next++
	}
	if !ended {
		t.Errorf("the end of the log is missing after %d lines", next)
	}
	t.Logf("%d lines, each of them once", next)
}

// followedLines counts the lines that have been followed so far.
func followedLines(log string) int { return strings.Count(log, "\nline ") }
