// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/xcom"
)

// The API server does what it was asked, and the answer is lost: the run has one driver all the same, at the latest when
// it is submitted again as the exit code says.
func TestRunAnswersLost(t *testing.T) {
	t.Parallel()
	c := connect(t)
	w := c.watchDrivers(t)
	lost := []string{"spark-submit POST pods #1"}
	if full() {
		lost = append(lost,
			"spark-submit PATCH services/NAME #1", "spark-submit PATCH configmaps/NAME #1", "spark-submit PATCH configmaps/NAME #2",
			"submitter GET pods #1", "submitter GET pods #2", "submitter GET configmaps/NAME #1", "submitter GET services/NAME #1",
			"submitter PATCH pods/NAME #1",
		)
	}
	t.Run("lost", func(t *testing.T) {
		for i, name := range lost {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				key := fmt.Sprintf("lost-%d", i)
				p := c.newProcess(t, killLaunch("spark-submit", key), "")
				set := p.set(name, after, func() {})
				p.start(t)
				end := p.end(t)
				if end.code == int(xcom.ExitRetry) {
					// What its exit code asks its caller for.
					again := c.newProcess(t, killLaunch("spark-submit", key), "")
					again.start(t)
					end = again.end(t)
				}
				checkRun(t, w, key, end)
				select {
				case <-set.hit:
				default:
					t.Error("the boundary was not hit")
				}
				t.Logf("the API server answered %d, which was lost; exit code %d after\n%s", set.status, p.command.ProcessState.ExitCode(), p.told())
			})
		}
	})
	c.nothingLeft(t)
}

// While the quota is full no driver is made, and nothing is left of the attempt. Once there is room the same run has
// its driver. A newer generation that has no room beside the older one's driver ends that first.
func TestRunQuotaFull(t *testing.T) {
	t.Parallel()
	needsFull(t)
	c := connect(t)
	w := c.watchDrivers(t)
	quotas := c.objects.Resource(schema.GroupVersionResource{Version: "v1", Resource: "resourcequotas"}).Namespace(c.namespace)
	quota := func(pods string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "ResourceQuota", "metadata": map[string]any{"name": "pods"},
			"spec": map[string]any{"hard": map[string]any{"count/pods": pods}},
		}}
	}
	if _, err := quotas.Create(t.Context(), quota("0"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.await(t, 30*time.Second, "the quota to hold", func(ctx context.Context) (bool, error) {
		seen, err := quotas.Get(ctx, "pods", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		_, counted, err := unstructured.NestedString(seen.Object, "status", "hard", "count/pods")
		return counted, err
	})
	p := c.newProcess(t, killLaunch("spark-submit", "quota"), "")
	p.start(t)
	end := p.end(t)
	if end.code != int(xcom.ExitRetry) || end.result.State != xcom.NotSubmitted {
		t.Errorf("with a full quota: exit code %d, want %d and NotSubmitted: %s", end.code, xcom.ExitRetry, end.line)
	}
	c.nothingLeft(t)

	if _, err := quotas.Update(t.Context(), quota("1"), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	long := killLaunch("spark-submit", "quota")
	long.command, long.flags = []string{"sleep", "600"}, nil
	p = c.newProcess(t, long, "")
	p.start(t)
	older := p.end(t)
	if older.code != 0 || older.result.State != xcom.Submitted {
		t.Fatalf("with room again: exit code %d, want 0 and Submitted: %s", older.code, older.line)
	}
	long.flags = []string{"--generation=2"}
	p = c.newProcess(t, long, "")
	p.start(t)
	newer := p.end(t)
	settled()
	ever, history := w.run("quota")
	if newer.code != 0 || len(ever) != 2 || string(ever[0]) != older.result.PodUID || string(ever[1]) != newer.result.PodUID {
		t.Errorf("ran: %v, want %s, then %s; %s\nseen was\n%s", ever, older.result.PodUID, newer.result.PodUID, newer.line, history)
	}
	c.nothingLeft(t)
}

// A webhook that is slower than the client's patience: the client gives up, and the pod may still be made.
func TestRunWebhookSlow(t *testing.T) {
	t.Parallel()
	needsFull(t)
	c := connect(t)
	w := c.watchDrivers(t)
	var asked atomic.Int32
	address, ca := c.serveWebhook(t, func() {
		if asked.Add(1) <= 2 {
			time.Sleep(8 * time.Second)
		}
	})
	hooks := c.objects.Resource(schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingwebhookconfigurations"})
	hook := map[string]any{}
	text := fmt.Sprintf(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: %[1]s}
webhooks:
- name: slow.sparkctl.dev
  clientConfig: {url: "https://%[2]s/", caBundle: %[3]s}
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Ignore
  timeoutSeconds: 20
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %[1]s}}
  objectSelector: {matchLabels: {spark-role: driver}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]`, c.namespace, address, base64.StdEncoding.EncodeToString(ca))
	if err := yaml.Unmarshal([]byte(text), &hook); err != nil {
		t.Fatal(err)
	}
	if _, err := hooks.Create(t.Context(), &unstructured.Unstructured{Object: hook}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := hooks.Delete(context.Background(), c.namespace, metav1.DeleteOptions{}); err != nil {
			t.Errorf("remove the webhook: %v", err)
		}
	})
	impatient := killLaunch("spark-submit", "webhook")
	impatient.confs = append(impatient.confs, "spark.kubernetes.submission.requestTimeout=3000", "spark.kubernetes.submission.connectionTimeout=3000")
	var last ended
	for range 5 { // a caller's retries
		p := c.newProcess(t, impatient, "")
		p.start(t)
		end := p.end(t)
		t.Logf("exit code %d after %d calls of the webhook: %s\n%s", end.code, asked.Load(), end.line, p.told())
		if last = end; end.code != int(xcom.ExitRetry) {
			break
		}
	}
	checkRun(t, w, "webhook", last)
	if asked.Load() < 2 {
		t.Errorf("the webhook was asked %d times, so nobody met a slow one", asked.Load())
	}
	c.nothingLeft(t)
}

// serveWebhook serves a webhook that allows everything, after wait, on the address of this machine that the API server's
// machine sees. It returns that address and the certificate to trust.
func (c *cluster) serveWebhook(t *testing.T, wait func()) (string, []byte) {
	t.Helper()
	config, err := c.config()
	if err != nil {
		t.Fatal(err)
	}
	server, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	// Nothing is sent: this asks the routing table.
	route, err := (&net.Dialer{}).DialContext(t.Context(), "udp", server.Host)
	if err != nil {
		t.Fatal(err)
	}
	own, _, err := net.SplitHostPort(route.LocalAddr().String())
	_ = route.Close()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.ParseIP(own)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(own, "0"))
	if err != nil {
		t.Fatal(err)
	}
	hook := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		review, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		wait()
		_, _ = fmt.Fprintf(w, `{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {"uid": %q, "allowed": true}}`, gjson.GetBytes(review, "request.uid").String())
	}))
	_ = hook.Listener.Close()
	hook.Listener = listener
	hook.Config.ErrorLog = log.New(io.Discard, "", 0)
	hook.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	hook.StartTLS()
	t.Cleanup(hook.Close)
	return listener.Addr().String(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
