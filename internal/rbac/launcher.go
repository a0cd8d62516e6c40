// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// The engines that a launcher can have.
const (
	Native      = "native"
	SparkSubmit = "spark-submit"
)

// LauncherNeed is one verb on resources of one group.
type LauncherNeed struct {
	// Verb, Group and Resources as a Role names them.
	Verb, Group string
	Resources   []string
	// Why is what it is for.
	Why string
	// Engine that needs it; empty means any.
	Engine string
	// When says which applications need it; empty means all. In a Role it is a comment then.
	When string
}

// LauncherNeeds lists what a launcher may do.
func LauncherNeeds() []LauncherNeed {
	pods, objects, policies := []string{"pods"}, []string{"services", "configmaps"}, []string{"networkpolicies"}
	const networking, volcano = "networking.k8s.io", "scheduling.volcano.sh"
	const lost = "whether one was made, when the answer to its create is lost"
	needs := []LauncherNeed{
		{Verb: "create", Resources: pods, Why: "the engine makes the driver pod"},
		{Verb: "list", Resources: pods, Why: "which drivers of the run stand there; --wait: the first read of the driver"},
		{Verb: "get", Resources: pods, Why: "whether another launcher is alive, and who has a name that is taken"},
		{Verb: "patch", Resources: pods, Why: "the scheduling gate is taken off a driver that is complete"},
		{Verb: "delete", Resources: pods, Why: "what was announced and not completed is removed; a cancelled run ends its driver"},
		{Verb: "watch", Resources: pods, Why: "--wait: every later change of the driver"},
		{Verb: "get", Resources: []string{"pods/log"}, Why: "--wait: the driver's log in the launcher's own"},
		{Verb: "list", Resources: []string{"events"}, Why: "--wait: why the driver or an executor waits"},
		{Verb: "create", Resources: objects, Why: "the driver's headless Service and its configuration"},
		{Verb: "get", Resources: objects, Why: "that they exist before the driver may run"},
		{Verb: "patch", Resources: objects, Engine: SparkSubmit, Why: "Spark 3.5 and newer write them by server-side apply"},
		{Verb: "update", Resources: objects, Engine: SparkSubmit, When: "Spark 3.3 and 3.4", Why: "in the place of patch"},
		{Verb: "create", Group: networking, Resources: policies, Why: "Spark 4.2 and newer: who may talk to the executors"},
		{Verb: "get", Group: networking, Resources: policies, Engine: Native, Why: lost},
		{Verb: "patch", Group: networking, Resources: policies, Engine: SparkSubmit, Why: "it is written by server-side apply"},
	}
	for _, rare := range []LauncherNeed{
		{Resources: []string{"secrets"}, When: "spark.kubernetes.authenticate.driver.*File and oauthToken", Why: "the driver's own credentials"},
		{Resources: []string{"persistentvolumeclaims"}, When: "volumes of the driver with claimName OnDemand", Why: "the claims"},
		{Group: volcano, Resources: []string{"podgroups"}, When: "Volcano's feature step", Why: "the PodGroup: made, given to the pod, and removed when that is refused"},
	} {
		verbs := []LauncherNeed{{Verb: "create"}, {Verb: "get", Engine: Native}, {Verb: "patch", Engine: SparkSubmit}}
		if rare.Group == volcano {
			verbs = []LauncherNeed{{Verb: "create"}, {Verb: "get", Engine: Native}, {Verb: "patch"}, {Verb: "delete"}}
		}
		for _, verb := range verbs {
			rare.Verb, rare.Engine = verb.Verb, verb.Engine
			needs = append(needs, rare)
		}
	}
	return needs
}

// LauncherManifest writes the Role of a launcher with that engine, native or spark-submit, or with either where it is empty; and if a
// ServiceAccount is named that too and its RoleBinding, as YAML.
func LauncherManifest(o Options, engine string) string {
	needs := slices.DeleteFunc(LauncherNeeds(), func(n LauncherNeed) bool { return engine != "" && n.Engine != "" && n.Engine != engine })
	var text strings.Builder
	text.WriteString("# What a launcher pod (the submitter) may do: make one application's objects in one namespace, and look at the drivers\n# that stand there. Nothing cluster-wide.")
	if engine == "" {
		text.WriteString(" For one engine alone: submitter rbac --engine=native or --engine=spark-submit.")
	}
	text.WriteString("\n")
	o.open(&text)
	writeRules(&text, needs)
	o.bind(&text)
	return text.String()
}

// writeRules writes a rule for each kind of resources.
func writeRules(text *strings.Builder, needs []LauncherNeed) {
	for len(needs) > 0 {
		same := func(n LauncherNeed) bool {
			return n.Group == needs[0].Group && slices.Equal(n.Resources, needs[0].Resources)
		}
		rule := slices.DeleteFunc(slices.Clone(needs), func(n LauncherNeed) bool { return !same(n) })
		writeRule(text, rule)
		needs = slices.DeleteFunc(needs, func(n LauncherNeed) bool { return slices.Equal(n.Resources, rule[0].Resources) })
	}
}

// writeRule writes what is needed of one kind of resources; one that only some applications need is a comment.
func writeRule(text *strings.Builder, rule []LauncherNeed) {
	mark, width := "", 0
	if !slices.ContainsFunc(rule, func(n LauncherNeed) bool { return n.When == "" }) {
		mark = "# "
	}
	for _, n := range rule {
		width = max(width, len(n.Verb))
	}
	fmt.Fprintf(text, "%[1]s- apiGroups: [%[2]s]\n%[1]s  resources: [%[3]s]\n%[1]s  verbs:\n", mark, group(rule[0].Group), strings.Join(rule[0].Resources, ", "))
	for _, n := range rule {
		why := n.Why
		if n.When != "" {
			why = n.When + ": " + why
		}
		if n.Engine != "" {
			why += " (" + n.Engine + ")"
		}
		before := mark + "  - "
		if mark == "" && n.When != "" {
			before = "  # - "
		}
		fmt.Fprintf(text, "%s%-*s # %s\n", before, width, n.Verb, why)
	}
}

func group(name string) string {
	if name == "" {
		return `""`
	}
	return name
}
