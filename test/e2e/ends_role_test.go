// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"path/filepath"
	"testing"

	"github.com/tidwall/gjson"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// underItsRole is the cluster as a sensor outside of it sees it that has the published Role's rights, and no others.
func (c *cluster) underItsRole(t *testing.T) *cluster {
	t.Helper()
	return c.as(t, "spark-sensor")
}

// as is the cluster as a ServiceAccount of the test's namespace sees it, from outside of the cluster.
func (c *cluster) as(t *testing.T, account string) *cluster {
	t.Helper()
	answer, err := c.core.Post().Namespace(c.namespace).Resource("serviceaccounts").Name(account).SubResource("token").
		SetHeader("Content-Type", "application/json").
		Body([]byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}`)).DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(c.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.AuthInfos = map[string]*api.AuthInfo{account: {Token: gjson.GetBytes(answer, "status.token").String()}}
	config.Contexts[c.context].AuthInfo, config.Contexts[c.context].Namespace = account, c.namespace
	limited := *c
	limited.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, limited.kubeconfig); err != nil {
		t.Fatal(err)
	}
	return &limited
}
