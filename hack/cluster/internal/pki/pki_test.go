// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

func TestCertificatesAreOfTheAuthority(t *testing.T) {
	t.Parallel()
	c := layout.Cluster{Name: "test", Slot: 3}
	folder, now := t.TempDir(), time.Now()
	if err := fill(c, folder, now); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		t.Fatal("the authority's certificate cannot be read")
	}
	check := func(name, host string, usage x509.ExtKeyUsage) {
		t.Helper()
		pair, err := tls.LoadX509KeyPair(filepath.Join(folder, name+".crt"), filepath.Join(folder, name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: host, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name := range Clients(c) {
		check(name, "", x509.ExtKeyUsageClientAuth)
	}
	for _, host := range []string{c.NodeAddress().String(), c.APIServiceAddress().String(), "127.0.0.1", "kubernetes.default.svc"} {
		check("server", host, x509.ExtKeyUsageServerAuth)
	}
}
