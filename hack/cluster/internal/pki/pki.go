// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package pki makes the keys and certificates of one cluster: an authority,
// one server certificate for everything on the node, a client certificate for
// each component, and the key that signs service account tokens.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

// Clients returns the client certificates to make: file name to subject.
func Clients(c layout.Cluster) map[string]pkix.Name {
	return map[string]pkix.Name{
		"admin":              {CommonName: "kubernetes-admin", Organization: []string{"system:masters"}},
		"apiserver-client":   {CommonName: "kube-apiserver-kubelet-client", Organization: []string{"system:masters"}},
		"controller-manager": {CommonName: "system:kube-controller-manager"},
		"scheduler":          {CommonName: "system:kube-scheduler"},
		"kube-proxy":         {CommonName: "system:kube-proxy"},
		"kubelet":            {CommonName: "system:node:" + c.NodeName(), Organization: []string{"system:nodes"}},
		"coredns":            {CommonName: "system:coredns"},
	}
}

// Ensure makes all files of the cluster's PKI folder, or none when it exists.
func Ensure(c layout.Cluster, now time.Time) error {
	folder := c.State("pki")
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	fresh := folder + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove half-made keys: %w", err)
	}
	if err := os.MkdirAll(fresh, 0o700); err != nil {
		return fmt.Errorf("make key folder: %w", err)
	}
	if err := fill(c, fresh, now); err != nil {
		return err
	}
	if err := os.Rename(fresh, folder); err != nil {
		return fmt.Errorf("keep keys: %w", err)
	}
	return nil
}

func fill(c layout.Cluster, folder string, now time.Time) error {
	a, err := newAuthority(c.Name, now)
	if err != nil {
		return err
	}
	if err := writePair(folder, "ca", a.certificate.Raw, a.key); err != nil {
		return err
	}
	server := a.template(pkix.Name{CommonName: c.NodeName()}, x509.ExtKeyUsageServerAuth)
	server.DNSNames = []string{
		"localhost", c.NodeName(), "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc.cluster.local",
	}
	for _, address := range []string{"127.0.0.1", c.NodeAddress().String(), c.APIServiceAddress().String()} {
		server.IPAddresses = append(server.IPAddresses, net.ParseIP(address))
	}
	if err := a.issue(folder, "server", server); err != nil {
		return err
	}
	for name, subject := range Clients(c) {
		if err := a.issue(folder, name, a.template(subject, x509.ExtKeyUsageClientAuth)); err != nil {
			return err
		}
	}
	return serviceAccountKey(folder)
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	now         time.Time
}

func newAuthority(name string, now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make authority key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "sparkctl cluster " + name},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make authority certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("read authority certificate: %w", err)
	}
	return &authority{certificate: certificate, key: key, now: now}, nil
}

func (a *authority) template(subject pkix.Name, usage x509.ExtKeyUsage) *x509.Certificate {
	return &x509.Certificate{
		Subject:     subject,
		NotBefore:   a.now.Add(-time.Hour),
		NotAfter:    a.now.AddDate(10, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
}

func (a *authority) issue(folder, name string, template *x509.Certificate) error {
	// Java clients read RSA keys in their oldest encoding without further libraries, and no others.
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("make key of %s: %w", name, err)
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fmt.Errorf("make serial number: %w", err)
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return fmt.Errorf("make certificate of %s: %w", name, err)
	}
	return writePair(folder, name, raw, key)
}

// serviceAccountKey makes an RSA key: RS256 is what every token library can sign.
func serviceAccountKey(folder string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("make service account key: %w", err)
	}
	if err := writeKey(folder, "service-account.key", key); err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("encode service account key: %w", err)
	}
	return writePEM(folder, "service-account.pub", "PUBLIC KEY", public)
}

func writePair(folder, name string, certificate []byte, key crypto.PrivateKey) error {
	if err := writePEM(folder, name+".crt", "CERTIFICATE", certificate); err != nil {
		return err
	}
	return writeKey(folder, name+".key", key)
}

func writeKey(folder, name string, key crypto.PrivateKey) error {
	if old, ok := key.(*rsa.PrivateKey); ok {
		return writePEM(folder, name, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(old))
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode key %s: %w", name, err)
	}
	return writePEM(folder, name, "PRIVATE KEY", raw)
}

func writePEM(folder, name, kind string, raw []byte) error {
	data := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
	if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
