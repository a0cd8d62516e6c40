// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package rbac knows what a sensor and a launcher may have to do.
//
// [Needs] is the sensor's table; [Manifest] makes the Role of it that `sensor rbac` prints,
// and with it the one in examples/rbac and the reference page. [LauncherNeeds] and [LauncherManifest] are the same for `submitter rbac`.
package rbac

import (
	"cmp"
	"fmt"
	"strings"
)

// Need is one verb on one resource.
type Need struct {
	// Verb and Resource as a Role names them.
	Verb, Resource string
	// Why is what it is for.
	Why string
	// Without is what becomes of a sensor that lacks it.
	Without string
	// When names the flag with which it is needed; empty means always.
	When string
}

// Needs lists what a sensor may do, the most important first.
func Needs() []Need {
	return []Need{
		{
			Verb: "get", Resource: "pods", Why: "is it the driver with this UID, and is it still there",
			Without: "nothing can be followed: the sensor ends with 85 and says that the driver may not be read",
		},
		{
			Verb: "list", Resource: "pods", Why: "the first read of the driver; its executors, by label",
			Without: "the driver is read every 15 seconds instead of watched, and its executors are not told",
		},
		{
			Verb: "watch", Resource: "pods", Why: "every later change of the driver",
			Without: "the driver is read every 15 seconds instead of watched: its end is seen that much later",
		},
		{
			Verb: "get", Resource: "pods/log", Why: "the driver's log in the sensor's own, and the exception in it",
			Without: "the driver's log is not copied, and a cause holds an exception only if the pod tells of it",
		},
		{
			Verb: "list", Resource: "events", Why: "why the driver or an executor waits",
			Without: "what only an event tells is not told: a volume that is missing, a node that is on its way",
		},
		{
			Verb: "get", Resource: "pods/proxy", When: "--proxy",
			Why:     "Spark's progress through the API server, where the driver's own address cannot be reached",
			Without: "progress is told only where the driver's address can be reached from the sensor",
		},
		{
			Verb: "delete", Resource: "pods", When: "--on-cancel=kill",
			Why:     "--on-cancel=kill or auto: a cancelled sensor ends its driver",
			Without: "a cancelled sensor with --on-cancel=kill or auto says that the driver could not be killed, and leaves it",
		},
	}
}

// Options say whose Role it is.
type Options struct {
	// Namespace is the one that the drivers are in.
	Namespace string
	// Name is that of the Role and of its RoleBinding.
	Name string
	// ServiceAccount is who is given the Role; empty means that nobody is, only the Role is made.
	ServiceAccount string
	// ServiceAccountNamespace is the namespace of the sensor's pod; empty means that of the drivers.
	ServiceAccountNamespace string
	// Kill adds what a sensor with --on-cancel=kill or auto needs, and Proxy what Spark's progress
	// through the API server needs.
	Kill, Proxy bool
}

// needed reports whether a need is one with these options.
func (o Options) needed(n Need) bool {
	switch n.When {
	case "":
		return true
	case "--proxy":
		return o.Proxy
	default:
		return o.Kill
	}
}

// Manifest writes the Role, and if a ServiceAccount is named that too and its RoleBinding, as YAML.
func Manifest(o Options) string {
	var text strings.Builder
	text.WriteString("# What a sensor may do: read one namespace's pods, their logs and events.\n")
	if o.Kill {
		text.WriteString("# It changes nothing but that it ends a driver when it is cancelled.\n")
	} else {
		text.WriteString("# It changes nothing.\n")
	}
	o.open(&text)
	for _, resource := range resources() {
		o.rule(&text, resource)
	}
	text.WriteString(`# No right to nodes is asked for: they belong to no namespace. With a ClusterRole that
# gives get on nodes, a sensor that is told of it by no event sees that the node of a
# deleted driver is not ready, and waits 30 s for the driver's end instead of 5 min.
`)
	o.bind(&text)
	return text.String()
}

// open writes the ServiceAccount, if one is named, and the head of the Role.
func (o Options) open(text *strings.Builder) {
	if o.ServiceAccount != "" {
		fmt.Fprintf(text, "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: %s\n  namespace: %s\n---\n", o.ServiceAccount, o.account())
	}
	fmt.Fprintf(text, "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: %s\n  namespace: %s\nrules:\n", o.Name, o.Namespace)
}

// bind writes the RoleBinding, if a ServiceAccount is named.
func (o Options) bind(text *strings.Builder) {
	if o.ServiceAccount != "" {
		fmt.Fprintf(text, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: %s\n  namespace: %s\nroleRef:\n"+
			"  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: %s\nsubjects:\n- kind: ServiceAccount\n  name: %s\n  namespace: %s\n",
			o.Name, o.Namespace, o.Name, o.ServiceAccount, o.account())
	}
}

// account is the ServiceAccount's namespace.
func (o Options) account() string { return cmp.Or(o.ServiceAccountNamespace, o.Namespace) }

// rule writes the rule about one resource; what is not needed stands in it as a comment.
func (o Options) rule(text *strings.Builder, resource string) {
	var lines []string
	any := false
	for _, n := range Needs() {
		switch {
		case n.Resource != resource:
		case o.needed(n):
			any = true
			lines = append(lines, fmt.Sprintf("  - %s # %s\n", n.Verb, n.Why))
		default:
			lines = append(lines, fmt.Sprintf("  # - %s # %s\n", n.Verb, n.Why))
		}
	}
	mark := ""
	if !any {
		mark = "# "
		for i, line := range lines {
			lines[i] = "#   " + strings.TrimPrefix(line, "  # ")
		}
	}
	fmt.Fprintf(text, "%[1]s- apiGroups: [\"\"]\n%[1]s  resources: [%[2]s]\n%[1]s  verbs:\n%[3]s", mark, resource, strings.Join(lines, ""))
}

// resources are those of the table, each once, in its order.
func resources() []string {
	var all []string
	seen := map[string]bool{}
	for _, n := range Needs() {
		if !seen[n.Resource] {
			all = append(all, n.Resource)
			seen[n.Resource] = true
		}
	}
	return all
}
