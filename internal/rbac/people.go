// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package rbac

import (
	"slices"
	"strings"
)

// DriverNeeds lists what Spark itself needs in the driver (ExecutorPodsAllocator, KubernetesClusterSchedulerBackend).
func DriverNeeds() []LauncherNeed {
	pods, configMaps, others := []string{"pods"}, []string{"configmaps"}, []string{"services", "persistentvolumeclaims"}
	return []LauncherNeed{
		{Verb: "get", Resources: pods, Why: "the driver reads its own pod, to own the executors"},
		{Verb: "create", Resources: pods, Why: "executors"},
		{Verb: "list", Resources: pods, Why: "executors, by polling"},
		{Verb: "watch", Resources: pods, Why: "executors, as they change"},
		{Verb: "delete", Resources: pods, Why: "one executor that failed or is idle"},
		{Verb: "deletecollection", Resources: pods, Why: "all executors at the end"},
		{Verb: "create", Resources: configMaps, Why: "the executors' configuration"},
		{Verb: "deletecollection", Resources: configMaps, Why: "and its end"},
		{Verb: "deletecollection", Resources: others, Why: "what else was made for the executors, at the end"},
	}
}

// DriverManifest writes the Role of a Spark driver, and if a ServiceAccount is named that too and its RoleBinding, as YAML.
func DriverManifest(o Options) string {
	return o.write("# What a Spark driver may do: run and remove its own executors. Spark itself needs this, whatever submits the application.\n", DriverNeeds())
}

// Commands of sparkctl that need more than to look.
const (
	CommandDelete = "delete"
	CommandDoctor = "doctor"
	CommandKill   = "kill"
	CommandSubmit = "submit"
	CommandSweep  = "sweep"
	CommandUI     = "ui"
)

// PersonNeed is one verb that a person's sparkctl needs.
type PersonNeed struct {
	LauncherNeed
	// With is the command that needs it; empty means those that look: list, status, explain, wait and their like.
	With string
}

// PersonCommands are the commands that need more than to look, as --with takes them.
func PersonCommands() []string {
	return []string{CommandDelete, CommandDoctor, CommandKill, CommandSubmit, CommandSweep, CommandUI}
}

// PersonNeeds lists what a person's sparkctl asks for: what looks first, then what each command needs beside it.
func PersonNeeds() []PersonNeed {
	pods := []string{"pods"}
	const volcano = "scheduling.volcano.sh"
	needs := []PersonNeed{
		{LauncherNeed{Verb: "get", Resources: pods, Why: "a driver by its name"}, ""},
		{LauncherNeed{Verb: "list", Resources: pods, Why: "drivers by any other name, and their executors"}, ""},
		{LauncherNeed{Verb: "watch", Resources: pods, Why: "wait and logs -f: every change of a driver and its executors"}, ""},
		{LauncherNeed{Verb: "get", Resources: []string{"pods/log"}, Why: "logs, and the exception in the driver's log for explain and wait"}, ""},
		{LauncherNeed{Verb: "list", Resources: []string{"events"}, Why: "events; status, explain and wait: why a driver waits"}, ""},
		{LauncherNeed{Verb: "watch", Resources: []string{"events"}, Why: "events --watch"}, ""},
		{LauncherNeed{Verb: "delete", Resources: pods, Why: "a driver that runs"}, CommandKill},
		{LauncherNeed{Verb: "delete", Resources: pods, Why: "a driver that has ended, or with --force one that runs"}, CommandDelete},
		{LauncherNeed{Verb: "delete", Resources: pods, Why: "a driver that is no longer needed"}, CommandSweep},
		{LauncherNeed{Verb: "create", Resources: []string{"pods/portforward"}, Why: "a way to the driver's web UI; it leads to every port of every pod of the namespace"}, CommandUI},
		{LauncherNeed{Verb: "get", Resources: []string{"pods/portforward"}, Why: "the same by WebSocket, where a proxy lets SPDY not through"}, CommandUI},
		{LauncherNeed{Verb: "get", Resources: []string{"pods/proxy"}, Why: "the progress that status --watch shows, which is left out without it"}, CommandUI},
		{LauncherNeed{Verb: "list", Group: volcano, Resources: []string{"podgroups"}, When: "Volcano's feature step", Why: "those that no driver came to own"}, CommandSweep},
		{LauncherNeed{Verb: "delete", Group: volcano, Resources: []string{"podgroups"}, When: "Volcano's feature step", Why: "and their removal"}, CommandSweep},
	}
	for _, n := range []LauncherNeed{
		{Verb: "get", Resources: []string{"namespaces"}, Why: "whether it is there, and its Pod Security Standard"},
		{Verb: "get", Resources: []string{"serviceaccounts"}, Why: "the driver's, and its pull secrets"},
		{Verb: "list", Resources: []string{"resourcequotas", "limitranges"}, Why: "what they leave room for"},
		{Verb: "create", Group: "authorization.k8s.io", Resources: []string{"localsubjectaccessreviews"}, Why: "what the driver's service account may do"},
		{Verb: "get", Resources: []string{"configmaps", "persistentvolumeclaims"}, Why: "whether those that an application names are there"},
		{Verb: "get", Resources: []string{"secrets"}, When: "it lets one read what is in them", Why: "whether those that an application names are there"},
	} {
		needs = append(needs, PersonNeed{n, CommandDoctor})
	}
	for _, n := range LauncherNeeds() {
		needs = append(needs, PersonNeed{n, CommandSubmit})
	}
	return needs
}

// PersonManifest writes the Role of a person who looks at applications and uses these of [PersonCommands], submitting with that engine as
// [LauncherManifest] has it; and if a ServiceAccount is named that too and its RoleBinding, as YAML.
func PersonManifest(o Options, with []string, engine string) string {
	var needs []LauncherNeed
	for _, n := range PersonNeeds() {
		switch {
		case n.With != "" && !slices.Contains(with, n.With), n.With == CommandSubmit && engine != "" && n.Engine != "" && n.Engine != engine:
			continue
		case n.With != "":
			n.Why = n.With + ": " + n.Why
		}
		needs = joined(needs, n.LauncherNeed)
	}
	comment := "# What a person's sparkctl may do: look at one namespace's drivers, executors, logs and events. "
	if len(with) == 0 {
		return o.write(comment+"It changes nothing.\n", needs)
	}
	return o.write(comment+"What it changes is for\n# sparkctl "+strings.Join(with, ", ")+".\n", needs)
}

// joined adds a need to others, into the one for the same verb if there is one. What all applications need stays so.
func joined(needs []LauncherNeed, n LauncherNeed) []LauncherNeed {
	for i, other := range needs {
		if other.Verb != n.Verb || other.Group != n.Group || !slices.Equal(other.Resources, n.Resources) {
			continue
		}
		if (other.When == "") == (n.When == "") {
			needs[i].Why += "; " + n.Why
		} else if other.When != "" {
			needs[i] = n
		}
		if other.Engine != n.Engine {
			needs[i].Engine = ""
		}
		return needs
	}
	return append(needs, n)
}

// write writes a Role with a comment above it, and what goes with it.
func (o Options) write(comment string, needs []LauncherNeed) string {
	var text strings.Builder
	text.WriteString(comment)
	o.open(&text)
	writeRules(&text, needs)
	o.bind(&text)
	return text.String()
}
