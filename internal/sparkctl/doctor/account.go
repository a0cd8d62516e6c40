// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"fmt"
	"slices"
)

// account judges the driver's service account: that it is there, may run executors, and has pull secrets that are there.
func (f Facts) account() []Finding {
	const check = "service account"
	name := f.AccountName
	grant := fmt.Sprintf("sparkctl rbac --for driver -n %s --service-account %s | kubectl apply -f -", f.Namespace, name)
	switch {
	case f.Account.absent():
		return []Finding{{check, Problem, fmt.Sprintf("the driver's service account %s is not there: its pod would be refused", name), grant}}
	case f.Account.Err != nil:
		return []Finding{{check, Unknown, fmt.Sprintf("whether the driver's service account %s is there is not known: %s", name, f.Account.why()), fmt.Sprintf("kubectl get serviceaccount %s -n %s", name, f.Namespace)}, f.driver()}
	}
	found := []Finding{{Check: check, Level: OK, Message: fmt.Sprintf("the driver's service account %s is there", name)}, f.driver()}
	for _, pull := range f.Account.Value.ImagePullSecrets {
		secret := f.Secrets[pull.Name]
		switch {
		case secret.absent():
			found = append(found, Finding{
				"pull secret", Warning, fmt.Sprintf("service account %s names the pull secret %s, which is not there", name, pull.Name), pullSecret(pull.Name, f.Namespace),
			})
		case secret.Err != nil:
			found = append(found, Finding{
				"pull secret", Unknown, fmt.Sprintf("whether the pull secret %s of service account %s is there is not known: %s", pull.Name, name, secret.why()),
				fmt.Sprintf("kubectl get secret %s -n %s", pull.Name, f.Namespace),
			})
		}
	}
	return found
}

func pullSecret(name, namespace string) string {
	return fmt.Sprintf("kubectl create secret docker-registry %s -n %s --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD", name, namespace)
}

// driver judges what the driver's service account may do. A driver that may not clean up runs all the same.
func (f Facts) driver() Finding {
	const check = "driver"
	who := fmt.Sprintf("a driver with the service account %s", f.AccountName)
	missing, unknown, why := sift(DriverWanted(), f.Driver)
	indispensable := slices.ContainsFunc(missing, func(a Access) bool { return a.Verb != "deletecollection" })
	mend := fmt.Sprintf("sparkctl rbac --for driver -n %s --service-account %s | kubectl apply -f -", f.Namespace, f.AccountName)
	if f.AccountName == "default" {
		// Rights of the account default are rights of every pod that names none.
		mend = fmt.Sprintf("sparkctl rbac --for driver -n %s --service-account spark | kubectl apply -f -; then submit with --conf spark.kubernetes.authenticate.driver.serviceAccountName=spark", f.Namespace)
	}
	switch {
	case indispensable && f.AccountMeant:
		return Finding{check, Problem, who + " cannot run executors: it may not " + list(missing), mend}
	case indispensable:
		return Finding{check, Warning, who + ", which is that of an application that names none, cannot run executors: it may not " + list(missing), mend}
	case len(missing) > 0:
		return Finding{check, Warning, who + " cannot clean up at its end: it may not " + list(missing), mend}
	case len(unknown) > 0:
		return Finding{
			check, Unknown, fmt.Sprintf("whether %s may run executors is not known: %s", who, why),
			fmt.Sprintf("kubectl auth can-i --list -n %s --as system:serviceaccount:%s:%s", f.Namespace, f.Namespace, f.AccountName),
		}
	default:
		return Finding{Check: check, Level: OK, Message: who + " has the rights to run executors"}
	}
}
