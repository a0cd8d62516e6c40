// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// networkPolicy lets only pods of the application reach its executors (Spark: features/NetworkPolicyFeatureStep).
func networkPolicy(c *driverConf, d *spec) {
	application := map[string]string{driver.LabelSelector: c.in.ApplicationID}
	d.owned = append(d.owned, &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: c.prefix + "-policy", Namespace: c.namespace(), Labels: application},
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{driver.LabelRole: "executor", driver.LabelSelector: c.in.ApplicationID}},
			Ingress: []networkingv1.NetworkPolicyIngressRule{{
				From: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{MatchLabels: application}}},
			}},
		},
	})
}
