// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/internal/rbac"
)

// Access is one verb on one kind of resources in the namespace, as a Role gives it.
type Access struct {
	Verb, Group, Resource, Subresource string
}

// String writes it as one asks for it: create pods, get pods/log.
func (a Access) String() string {
	resource := a.Resource
	if a.Subresource != "" {
		resource += "/" + a.Subresource
	}
	return a.Verb + " " + resource
}

// accesses are the rights that a need is about.
func accesses(n rbac.LauncherNeed) []Access {
	var all []Access
	for _, resource := range n.Resources {
		name, subresource, _ := strings.Cut(resource, "/")
		all = append(all, Access{n.Verb, n.Group, name, subresource})
	}
	return all
}

// role is who needs rights, which ones, and what it means when they are missing.
type role struct {
	name  string
	needs []Access
	// has says that none is missing.
	has string
	// missing is how bad it is that one is missing, without what becomes of it then, and mend the command.
	missing Level
	without string
	mend    string
}

// policies are the rights that make a difference to one version of Spark only.
func (f Facts) policies() []Access {
	var all []Access
	for _, n := range rbac.LauncherNeeds() {
		if n.Group == "networking.k8s.io" && n.Engine != rbac.SparkSubmit {
			all = append(all, accesses(n)...)
		}
	}
	return all
}

// launcher is what a launcher with the native engine does whatever the application is, but for network policies.
func (f Facts) launcher() []Access {
	var all []Access
	policies := f.policies()
	for _, n := range rbac.LauncherNeeds() {
		if n.When != "" || n.Engine == rbac.SparkSubmit {
			continue
		}
		for _, a := range accesses(n) {
			if !slices.Contains(policies, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// roles are those whose rights the caller may need.
func (f Facts) roles() []role {
	var sensor, looker []Access
	for _, n := range rbac.Needs() {
		if n.When == "" {
			sensor = append(sensor, accesses(rbac.LauncherNeed{Verb: n.Verb, Resources: []string{n.Resource}})...)
		}
	}
	for _, n := range rbac.PersonNeeds() {
		if n.With == "" {
			looker = append(looker, accesses(n.LauncherNeed)...)
		}
	}
	policies := role{"network policies", f.policies(), "you may make the network policies of Spark 4.2 and newer", Warning, "you can submit no application of Spark 4.2 or newer, which makes one", f.grant("launcher")}
	roles := []role{{"launcher", f.launcher(), "you may submit: you have all rights of a launcher", Problem, "you cannot submit", f.grant("launcher")}}
	switch {
	case f.made() == nil:
		roles = append(roles, policies)
	case f.Application.Spark.AtLeast(4, 2):
		policies.missing, policies.without = Problem, "Spark "+f.Application.Spark.String()+" makes one, and you cannot submit"
		roles = append(roles, policies)
	}
	return append(roles,
		role{"sensor", sensor, "you may follow drivers: you have all rights of a sensor", Warning, "you cannot follow a driver in every respect", f.grant("sensor")},
		role{"cli", looker, "you may look at applications with list, status, explain, wait and logs", Warning, "not every command that looks at applications works", f.grant("cli")})
}

// grant is the command that gives the caller a Role.
func (f Facts) grant(whose string) string {
	role := fmt.Sprintf("sparkctl rbac --for %s -n %s", whose, f.Namespace)
	if account, is := strings.CutPrefix(f.User, "system:serviceaccount:"); is {
		namespace, name, _ := strings.Cut(account, ":")
		role += " --service-account " + name
		if namespace != f.Namespace {
			role += " --service-account-namespace " + namespace
		}
		return role + " | kubectl apply -f -"
	}
	return fmt.Sprintf("%s | kubectl apply -f - && kubectl create rolebinding spark-%s -n %s --role spark-%s --user %s", role, whose, f.Namespace, whose, quoted(cmp.Or(f.User, "USER")))
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_", r)
	}) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// Wanted lists what the caller may have to do.
func (f Facts) Wanted() []Access {
	var all []Access
	for _, r := range f.roles() {
		for _, a := range r.needs {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// DriverWanted lists what a driver does (Spark: ExecutorPodsAllocator, KubernetesClusterSchedulerBackend).
func DriverWanted() []Access {
	var all []Access
	for _, n := range rbac.DriverNeeds() {
		all = append(all, accesses(n)...)
	}
	return all
}

// MayTry reports whether the caller has the rights that the server must be asked with about an application, and there is something to ask about.
func (f Facts) MayTry() bool {
	if f.made() == nil || f.Object.absent() {
		return false
	}
	needs := f.launcher()
	if f.Application.Spark.AtLeast(4, 2) {
		needs = append(needs, f.policies()...)
	}
	missing, unknown, _ := sift(needs, f.Mine)
	return len(missing) == 0 && len(unknown) == 0
}

// rights judges what the caller may do, role by role.
func (f Facts) rights() []Finding {
	var all []Finding
	for _, r := range f.roles() {
		missing, unknown, why := sift(r.needs, f.Mine)
		switch {
		case len(missing) > 0:
			all = append(all, Finding{r.name, r.missing, fmt.Sprintf("%s: you may not %s", r.without, list(missing)), r.mend})
		case len(unknown) > 0:
			all = append(all, Finding{r.name, Unknown, "whether you may " + list(unknown) + " is not known: " + why, "kubectl auth can-i --list -n " + f.Namespace})
		default:
			all = append(all, Finding{Check: r.name, Level: OK, Message: r.has})
		}
	}
	return all
}

// sift divides rights into those that are missing and those of which nothing is known, and why.
func sift(needs []Access, answers map[Access]Read[bool]) (missing, unknown []Access, why string) {
	for _, a := range needs {
		answer, asked := answers[a]
		switch {
		case !asked:
			unknown, why = append(unknown, a), "nobody asked"
		case answer.Err != nil:
			unknown, why = append(unknown, a), answer.why()
		case !answer.Value:
			missing = append(missing, a)
		}
	}
	return missing, unknown, why
}

// list writes rights with the verbs on one kind together.
func list(all []Access) string {
	var resources []string
	verbs := map[string][]string{}
	for _, a := range all {
		_, resource, _ := strings.Cut(a.String(), " ")
		if !slices.Contains(resources, resource) {
			resources = append(resources, resource)
		}
		verbs[resource] = append(verbs[resource], a.Verb)
	}
	var parts []string
	for _, resource := range resources {
		parts = append(parts, strings.Join(verbs[resource], ", ")+" "+resource)
	}
	return strings.Join(parts, "; ")
}
