// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package rbac

import "strings"

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

// PersonNeeds lists what a person's sparkctl asks for when it lists, tells, explains and waits.
func PersonNeeds() []LauncherNeed {
	pods := []string{"pods"}
	return []LauncherNeed{
		{Verb: "get", Resources: pods, Why: "a driver by its name"},
		{Verb: "list", Resources: pods, Why: "drivers by any other name, and their executors"},
		{Verb: "watch", Resources: pods, Why: "wait and logs -f: every change of a driver and its executors"},
		{Verb: "get", Resources: []string{"pods/log"}, Why: "logs, and the exception in the driver's log for explain and wait"},
		{Verb: "list", Resources: []string{"events"}, Why: "status, explain and wait: why a driver waits"},
	}
}

// PersonManifest writes the Role of a person who looks at applications, and if a ServiceAccount is named that too and its RoleBinding, as YAML.
func PersonManifest(o Options) string {
	return o.write("# What a person's sparkctl may do: look at one namespace's drivers, executors, logs and events. It changes nothing.\n", PersonNeeds())
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
