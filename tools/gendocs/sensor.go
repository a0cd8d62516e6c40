// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/metrics"
	"github.com/sparkctl/sparkctl/internal/rbac"
)

// rbacPage is the page about the rights of sensor and submitter.
func rbacPage() []byte {
	var page bytes.Buffer
	page.WriteString("# What sensor, submitter and people may do\n\n" + generated + "## The sensor\n\n" +
		"`sensor rbac` prints the Role, and with `--service-account` also the account and the binding; [examples/rbac/sensor.yaml](../../examples/rbac/sensor.yaml)\n" +
		"is what it prints for the namespace `spark`. Only `get pods` is indispensable. Everything else that is missing is told and makes the sensor know less, never judge wrong.\n\n" +
		"| verb | resource | for | without it | needed |\n|---|---|---|---|---|\n")
	for _, n := range rbac.Needs() {
		when := "always"
		if n.When != "" {
			when = "with `sensor rbac " + n.When + "`"
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", n.Verb, n.Resource, n.Why, n.Without, when)
	}
	page.WriteString("\nNodes belong to no namespace, so no Role can give a right to them, and none is needed. With a ClusterRole that gives `get nodes`, a sensor that is told of it by no event sees that the node\n" +
		"of a deleted driver is not ready, and waits 30 s for the driver's end instead of 5 min.\n\n" +
		"With `--on-cancel=auto` the sensor also reads its own pod, to tell a drained node from a cancelled task: in another namespace than the driver's that takes `get pods` there.\n\n")
	page.WriteString("## The submitter\n\n" +
		"`submitter rbac` prints the Role, for either engine or with `--engine` for one; [examples/rbac/launcher.yaml](../../examples/rbac/launcher.yaml) is what it prints for the namespace `spark`.\n" +
		"A verb that is missing ends the submission with exit code 80 and a sentence that names it. `submitter --wait` also does what a sensor does.\n\n" +
		"| verb | resource | for | engine | needed |\n|---|---|---|---|---|\n")
	for _, n := range rbac.LauncherNeeds() {
		resources := strings.Join(n.Resources, ", ")
		if n.Group != "" {
			resources += " (" + n.Group + ")"
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", n.Verb, resources, n.Why, cmp.Or(n.Engine, "either"), cmp.Or(n.When, "always"))
	}
	page.WriteString("\n## A person\n\n" +
		"`sparkctl rbac --for cli` prints the Role of a person who looks at applications, and with `--with` what the commands need that change something: `--with kill,delete`, or `--with all`.\n" +
		"`sparkctl submit` needs beside it what the submitter needs.\n\n" +
		"| verb | resource | for | command |\n|---|---|---|---|\n")
	for _, n := range rbac.PersonNeeds() {
		if n.With == rbac.CommandSubmit {
			continue
		}
		resources := strings.Join(n.Resources, ", ")
		if n.Group != "" {
			resources += " (" + n.Group + ")"
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", n.Verb, resources, n.Why, cmp.Or(n.With, "those that look"))
	}
	return page.Bytes()
}

// metricsPage is the page about the metrics.
func metricsPage() []byte {
	var page bytes.Buffer
	page.WriteString("# Metrics\n\n" + generated +
		"With `--metrics-address HOST:PORT`, sensor and submitter serve these in Prometheus' text format under `/metrics` until they end. It is off by default.\n" +
		"Names and labels are stable: they are added to, and neither renamed nor removed. The endpoint has neither TLS nor a password and tells nothing but this:\n" +
		"bind it to `127.0.0.1`, or let a NetworkPolicy say who may scrape. Containers of one pod share their ports: give each its own.\n\n" +
		"| name | type | labels | meaning |\n|---|---|---|---|\n")
	for _, f := range metrics.Families() {
		labels := ""
		if len(f.Labels) > 0 {
			labels = "`" + strings.Join(f.Labels, "`, `") + "`"
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", f.Name, f.Kind, labels, f.Help)
	}
	page.WriteString("\nThe submitter counts its own calls to the API server, not those of spark-submit.\n")
	return page.Bytes()
}

// logPage is the page about the log's fields.
func logPage() []byte {
	var page bytes.Buffer
	page.WriteString("# The log\n\n" + generated +
		"sensor and submitter log on standard error: lines for people, or with `--log-format json` one JSON object a line. Each has `time` (RFC 3339), `level` (`INFO`, `WARN`, `ERROR`),\n" +
		"`msg` and `program`, and of the fields below those that the message is about. Names are stable: they are added to, and neither renamed nor removed. The sentences in `msg` are for people and may change;\n" +
		"programs read the result. Lengths of time are written as Go does (`1m30s`).\n\n" +
		"The lines of the driver, and those of spark-submit, stand among these as they were written; `--follow-logs=false` leaves the driver's out.\n\n" +
		"| field | meaning |\n|---|---|\n")
	for _, f := range cli.LogFields() {
		fmt.Fprintf(&page, "| `%s` | %s |\n", f.Name, f.Meaning)
	}
	return page.Bytes()
}

// writeExamples writes the examples that follow from the code.
func writeExamples(out string) error {
	for program, role := range map[string]string{
		"sensor":   rbac.Manifest(rbac.Options{Namespace: "spark", Name: "spark-sensor", ServiceAccount: "spark-sensor"}),
		"launcher": rbac.LauncherManifest(rbac.Options{Namespace: "spark", Name: "spark-launcher", ServiceAccount: "spark-launcher"}, ""),
	} {
		command := map[string]string{"sensor": "sensor", "launcher": "submitter"}[program]
		head := fmt.Sprintf("# Printed by: %s rbac -n spark --service-account spark-%s\n# Written by `make generate` from internal/rbac; edit that.\n", command, program)
		if err := os.WriteFile(filepath.Join(out, "rbac", program+".yaml"), []byte(head+role), 0o644); err != nil {
			return fmt.Errorf("write example: %w", err)
		}
	}
	return nil
}
