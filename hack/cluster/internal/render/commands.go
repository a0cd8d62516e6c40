// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"fmt"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

// Etcd returns etcd's arguments. It listens inside the namespace alone and does
// not wait for the disk: what it holds dies with the cluster anyway.
func Etcd(c layout.Cluster) []string {
	return []string{
		"--name=" + c.Name,
		"--data-dir=" + c.State("etcd"),
		"--listen-client-urls=http://127.0.0.1:2379",
		"--advertise-client-urls=http://127.0.0.1:2379",
		"--listen-peer-urls=http://127.0.0.1:2380",
		"--initial-advertise-peer-urls=http://127.0.0.1:2380",
		"--initial-cluster=" + c.Name + "=http://127.0.0.1:2380",
		"--unsafe-no-fsync",
		"--log-level=warn",
	}
}

// APIServer returns the API server's arguments.
func APIServer(c layout.Cluster) []string {
	return []string{
		"--etcd-servers=http://127.0.0.1:2379",
		"--advertise-address=" + c.NodeAddress().String(),
		"--bind-address=0.0.0.0",
		"--secure-port=6443",
		"--tls-cert-file=" + c.PKI("server.crt"),
		"--tls-private-key-file=" + c.PKI("server.key"),
		"--client-ca-file=" + c.PKI("ca.crt"),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--service-cluster-ip-range=" + c.ServiceNetwork().String(),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + c.PKI("service-account.pub"),
		"--service-account-signing-key-file=" + c.PKI("service-account.key"),
		"--kubelet-certificate-authority=" + c.PKI("ca.crt"),
		"--kubelet-client-certificate=" + c.PKI("apiserver-client.crt"),
		"--kubelet-client-key=" + c.PKI("apiserver-client.key"),
		// The node's name resolves nowhere; without this logs and exec fail.
		"--kubelet-preferred-address-types=InternalIP",
		fmt.Sprintf("--default-not-ready-toleration-seconds=%d", PodsStaySeconds),
		fmt.Sprintf("--default-unreachable-toleration-seconds=%d", PodsStaySeconds),
	}
}

// ControllerManager returns the controller manager's arguments.
func ControllerManager(c layout.Cluster) []string {
	return []string{
		"--kubeconfig=" + c.State("kubeconfigs", "controller-manager"),
		"--authentication-kubeconfig=" + c.State("kubeconfigs", "controller-manager"),
		"--authorization-kubeconfig=" + c.State("kubeconfigs", "controller-manager"),
		"--bind-address=127.0.0.1",
		"--service-account-private-key-file=" + c.PKI("service-account.key"),
		"--root-ca-file=" + c.PKI("ca.crt"),
		"--cluster-signing-cert-file=" + c.PKI("ca.crt"),
		"--cluster-signing-key-file=" + c.PKI("ca.key"),
		"--use-service-account-credentials",
		"--leader-elect=false",
		"--node-monitor-grace-period=" + NodeGrace,
	}
}

// Scheduler returns the scheduler's arguments.
func Scheduler(c layout.Cluster) []string {
	return []string{
		"--kubeconfig=" + c.State("kubeconfigs", "scheduler"),
		"--authentication-kubeconfig=" + c.State("kubeconfigs", "scheduler"),
		"--authorization-kubeconfig=" + c.State("kubeconfigs", "scheduler"),
		"--bind-address=127.0.0.1",
		"--leader-elect=false",
	}
}

// KubeProxy returns the service proxy's arguments.
func KubeProxy(c layout.Cluster) []string {
	return []string{
		"--kubeconfig=" + c.State("kubeconfigs", "kube-proxy"),
		"--proxy-mode=nftables",
		"--cluster-cidr=" + c.PodNetwork().String(),
		"--hostname-override=" + c.NodeName(),
		"--healthz-bind-address=127.0.0.1:10256",
		"--metrics-bind-address=127.0.0.1:10249",
		// Its own setting would change the host's, which need not be writable.
		"--conntrack-max-per-core=0",
	}
}

// KubeletArgs returns the kubelet's arguments, those its configuration file cannot hold.
func KubeletArgs(c layout.Cluster) []string {
	return []string{
		"--config=" + c.State("kubelet.json"),
		"--kubeconfig=" + c.State("kubeconfigs", "kubelet"),
		"--hostname-override=" + c.NodeName(),
		"--node-ip=" + c.NodeAddress().String(),
	}
}

// CoreDNS returns the DNS server's arguments.
func CoreDNS(c layout.Cluster) []string {
	return []string{"-conf", c.State("Corefile")}
}
