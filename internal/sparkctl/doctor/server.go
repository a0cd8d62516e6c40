// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"fmt"
	"strconv"
	"strings"
)

// oldestKubernetes is the first minor version whose scheduling gates are on unless somebody turns them off (KEP-3521: beta in 1.27).
const oldestKubernetes = 27

// kubernetes judges the version of the server.
func (f Facts) kubernetes() Finding {
	const check = "kubernetes"
	if f.Server.Err != nil {
		return Finding{check, Unknown, "the version of Kubernetes is not known: " + f.Server.why(), "kubectl version"}
	}
	version := f.Server.Value
	major, minor, ok := versionOf(version)
	switch {
	case !ok:
		return Finding{check, Unknown, fmt.Sprintf("the server calls its version %q, which is no version of Kubernetes", version), "kubectl version"}
	case major == 1 && minor < oldestKubernetes:
		return Finding{check, Problem, fmt.Sprintf("Kubernetes %s has no scheduling gates: 1.%d and newer have", version, oldestKubernetes), "upgrade the cluster"}
	default:
		return Finding{Check: check, Level: OK, Message: fmt.Sprintf("Kubernetes %s has scheduling gates", version)}
	}
}

// versionOf reads v1.32.1-eks and its like.
func versionOf(text string) (major, minor int, ok bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(text, "v"), ".")
	second, _, _ := strings.Cut(rest, ".")
	second = strings.TrimRight(second, "+")
	major, wrong := strconv.Atoi(first)
	minor, alsoWrong := strconv.Atoi(second)
	return major, minor, wrong == nil && alsoWrong == nil
}

// namespace judges the namespace.
func (f Facts) namespace() Finding {
	const check = "namespace"
	switch {
	case f.Object.absent():
		return Finding{check, Problem, "namespace " + f.Namespace + " does not exist", "kubectl create namespace " + f.Namespace}
	case f.Object.Err != nil:
		return Finding{check, Unknown, "whether namespace " + f.Namespace + " exists, and what it enforces, is not known: " + f.Object.why(), "kubectl get namespace " + f.Namespace + " --show-labels"}
	case f.Object.Value.DeletionTimestamp != nil:
		return Finding{check, Problem, "namespace " + f.Namespace + " is being deleted: nothing can be made in it", "submit into another namespace with -n"}
	default:
		return Finding{Check: check, Level: OK, Message: "namespace " + f.Namespace + " exists"}
	}
}

// dns judges whether executors can find their driver: they look its Service up.
func (f Facts) dns() Finding {
	const check, mend = "dns", "kubectl get service kube-dns -n kube-system"
	switch {
	case f.DNS.absent():
		return Finding{
			check, Warning, "there is no service kube-system/kube-dns, as most clusters call their DNS: executors find their driver by the name of its Service",
			"kubectl run dns --rm -it --restart=Never --image=busybox -n " + f.Namespace + " -- nslookup kubernetes.default.svc",
		}
	case f.DNS.Err != nil:
		return Finding{check, Unknown, "whether the cluster has a DNS, by which executors find their driver, is not known: " + f.DNS.why(), mend}
	default:
		return Finding{Check: check, Level: OK, Message: "the cluster's DNS, by which executors find their driver, is the service kube-system/" + f.DNS.Value.Name}
	}
}

// spark says which Spark's objects were judged.
func (f Facts) spark() Finding {
	a := f.Application
	if a.Unmade != nil {
		return Finding{"spark", Unknown, "what " + a.Name + " would make is not known, so that only the namespace is judged: " + reason(a.Unmade), hint(a.Unmade)}
	}
	return Finding{Check: "spark", Level: OK, Message: fmt.Sprintf("%s is made as Spark %s makes it, with %d executors at first", a.Name, a.Spark, a.Executors)}
}
