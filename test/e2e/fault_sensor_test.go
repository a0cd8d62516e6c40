// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/xcom"
)

// A watching is a sensor that follows a driver, as a process of this machine with
// a ServiceAccount's token in a file and its own way to the API server.
type watching struct {
	f       *faults
	tunnel  *tunnel
	token   string // file that holds the token
	account string
	result  string // return.json
	command *exec.Cmd
	done    chan struct{} // closed when it has ended
	stderr  *lockedBuffer
	stdout  bytes.Buffer
}

// how says how to follow; the zero value follows with the published Role.
type how struct {
	flags   []string
	account string        // ServiceAccount, by default spark-sensor
	token   time.Duration // life of its token, by default an hour
	env     []string
	early   bool // do not wait until the sensor follows
}

// follow starts a sensor on a driver and waits until it has copied some of the log.
func (f *faults) follow(t *testing.T, d *faultDriver, h how) *watching {
	t.Helper()
	server, err := url.Parse(f.config.Host)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	w := &watching{
		f: f, tunnel: newTunnel(t, server.Host), token: filepath.Join(folder, "token"), result: filepath.Join(folder, "return.json"),
		account: h.account, done: make(chan struct{}), stderr: &lockedBuffer{},
	}
	if w.account == "" {
		w.account = "spark-sensor"
	}
	if h.token == 0 {
		h.token = time.Hour
	}
	w.renew(t, h.token)
	kubeconfig := filepath.Join(folder, "kubeconfig")
	if err := os.WriteFile(kubeconfig, w.kubeconfig(t, server.Hostname()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{
		"--kubeconfig=" + kubeconfig, "--namespace=" + f.namespace, "--pod=" + d.pod.Name, "--uid=" + string(d.pod.UID), "--result-file=" + w.result,
	}, h.flags...)
	w.command = exec.Command(f.sensor, args...)
	w.command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder}, h.env...)
	w.command.Stdout, w.command.Stderr = &w.stdout, w.stderr
	if err := w.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.done)
		// How it ended is in its ProcessState.
		_ = w.command.Wait()
	}()
	t.Cleanup(func() {
		_ = w.command.Process.Kill()
		<-w.done
		if t.Failed() {
			t.Logf("sensor %s said\n%s%s", strings.Join(args, " "), w.said(), w.stdout.String())
		}
	})
	if !h.early {
		w.copies(t, 20)
	}
	return w
}

// kubeconfig names the tunnel's address and the server's name: certificates stay checked.
func (w *watching) kubeconfig(t *testing.T, name string) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "test",
		"clusters": []any{map[string]any{"name": "test", "cluster": map[string]any{
			"server": "https://" + w.tunnel.address, "tls-server-name": name, "certificate-authority-data": w.f.config.CAData,
		}}},
		"users":    []any{map[string]any{"name": "test", "user": map[string]any{"tokenFile": w.token}}},
		"contexts": []any{map[string]any{"name": "test", "context": map[string]any{"cluster": "test", "user": "test"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// renew writes a new token into the file, in place as a kubelet does: by renaming.
func (w *watching) renew(t *testing.T, life time.Duration) {
	t.Helper()
	token := w.f.sign(t, w.account, life)
	if err := os.WriteFile(w.token+".new", []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(w.token+".new", w.token); err != nil {
		t.Fatal(err)
	}
}

// sign makes a ServiceAccount's token with the cluster's key; the API server gives none out
// for less than ten minutes.
func (f *faults) sign(t *testing.T, account string, life time.Duration) string {
	t.Helper()
	made, err := f.objects.Resource(resources["ServiceAccount"]).Namespace(f.namespace).Get(t.Context(), account, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(faultState, "pki/service-account.key"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("the signing key is no PEM")
	}
	parsed, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		other, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		key, ok := other.(*rsa.PrivateKey)
		if err != nil || !ok {
			t.Fatalf("read the signing key: %v", err)
		}
		parsed = key
	}
	// The API server takes a token for this long after its end.
	const leeway = time.Minute
	const issuer = "https://kubernetes.default.svc.cluster.local"
	now := time.Now()
	claims := map[string]any{
		"iss": issuer, "aud": []string{issuer}, "sub": "system:serviceaccount:" + f.namespace + ":" + account,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(life - leeway).Unix(),
		"kubernetes.io": map[string]any{"namespace": f.namespace, "serviceaccount": map[string]any{"name": account, "uid": made.GetUID()}},
	}
	signed := part(t, map[string]any{"alg": "RS256", "typ": "JWT"}) + "." + part(t, claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, parsed, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func part(t *testing.T, of any) string {
	t.Helper()
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// copies waits until the sensor has copied this many lines more of the driver's log.
func (w *watching) copies(t *testing.T, more int) {
	t.Helper()
	want := followedLines(w.stderr.String()) + more
	w.until(t, "the sensor to copy the driver's log", func() bool { return followedLines(w.stderr.String()) >= want })
}

// says waits until the sensor has said something again.
func (w *watching) says(t *testing.T, what string) {
	t.Helper()
	before := strings.Count(w.said(), what)
	w.until(t, "the sensor to say "+what, func() bool { return strings.Count(w.said(), what) > before })
}

func (w *watching) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	w.f.await(t, patience, what, func(context.Context) (bool, error) {
		select {
		case <-w.done:
			t.Fatalf("the sensor ended instead of %s: %s", what, w.command.ProcessState)
		default:
		}
		return done(), nil
	})
}

// said is what the sensor has said by itself, without the driver's log.
func (w *watching) said() string {
	var own []string
	for line := range strings.SplitSeq(w.stderr.String(), "\n") {
		if strings.Contains(line, "sensor: ") {
			own = append(own, line)
		}
	}
	return strings.Join(own, "\n") + "\n"
}

// ends waits for the sensor's end and checks that what it printed stands in return.json.
func (w *watching) ends(t *testing.T) ended {
	t.Helper()
	select {
	case <-w.done:
	case <-time.After(10 * time.Minute):
		t.Fatal("the sensor does not end")
	}
	last := lastLine(w.stdout.String())
	checkDocument(t, last+"\n", xcom.DefaultBytes)
	if text, err := os.ReadFile(w.result); err != nil || string(text) != last+"\n" {
		t.Errorf("return.json holds %q, %v; printed was %q", text, err, last)
	}
	return ended{w.command.ProcessState.ExitCode(), parse(t, last), last, w.stderr.String()}
}

// endsWhole waits for the sensor's end, since which it could be known, and compares it and all of the log that it has copied.
func (w *watching) endsWhole(t *testing.T, want want, since time.Time) {
	t.Helper()
	end := w.ends(t)
	want.check(t, end, since)
	checkLines(t, end.log)
}
