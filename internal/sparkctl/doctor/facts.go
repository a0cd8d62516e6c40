// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/submitter/native"
)

// Facts are what was read of a cluster and, if one is to be submitted, of an application.
type Facts struct {
	// Namespace that would be submitted into.
	Namespace string
	// Server is the version of the API server (/version, gitVersion).
	Server Read[string]
	// Object is the namespace itself.
	Object Read[*corev1.Namespace]
	// User is the caller's name; empty if it is not known.
	User string
	// Mine says what the caller may do; see [Wanted].
	Mine map[Access]Read[bool]
	// Driver says what a driver's service account may do; see [DriverWanted].
	Driver map[Access]Read[bool]
	// AccountName is the driver's service account, and Account is what stands under that name.
	AccountName string
	// AccountMeant says that the driver has this account, and not that it has it unless an application names another.
	AccountMeant bool
	Account      Read[*corev1.ServiceAccount]
	// Quotas and LimitRanges are those of the namespace.
	Quotas      Read[[]corev1.ResourceQuota]
	LimitRanges Read[[]corev1.LimitRange]
	// DNS is the cluster's DNS service (kube-system/kube-dns).
	DNS Read[*corev1.Service]
	// Secrets says of each of the account's pull secrets whether it is there.
	Secrets map[string]Read[bool]
	// Objects says of each of the application's references whether it is there.
	Objects map[Reference]Read[bool]
	// Application is what is to be submitted; nil if nothing is.
	Application *Application
}

// Application is what is to be submitted, as far as it is judged here.
type Application struct {
	// Name as a person knows it.
	Name string
	// Unmade is why nothing of the following is known; nil if it is.
	Unmade error
	// Spark is its version.
	Spark native.Version
	// Driver is its driver pod, as it would be made, and Executor what is known of one of its executors'.
	Driver, Executor *corev1.Pod
	// Executors is how many executors there are at first.
	Executors int
	// Makes is what the submission makes beside the pod.
	Makes []Reference
	// Tried is how many objects the API server took when it was asked to check them and keep none, or what it refused; nil if it was not asked.
	Tried *Read[int]
}

// made is the application, nil if there is none or what it makes is not known.
func (f Facts) made() *Application {
	if f.Application == nil || f.Application.Unmade != nil {
		return nil
	}
	return f.Application
}
