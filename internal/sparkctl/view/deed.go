// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"fmt"
	"io"
	"strings"
)

// What can have been done to an application.
const (
	// Killed: the driver was made to end, and its pod is gone.
	Killed = "killed"
	// Killing: it has been asked to end.
	Killing = "killing"
	// Deleted: the pod is gone.
	Deleted = "deleted"
	// Deleting: its removal has been asked for.
	Deleting = "deleting"
	// Left: nothing was done, because nothing was to do.
	Left = "left"
	// Undone: it was to be done, and could not.
	Undone = "failed"
)

// Deed is an application and what was done to it.
type Deed struct {
	// Application as it stood before.
	Application
	// Done is [Killed], [Killing], [Deleted], [Deleting], [Left] or [Undone].
	Done string `json:"done"`
	// DryRun: it was only asked for in earnest, with client or server.
	DryRun string `json:"dry_run,omitempty"`
	// Error says why it could not be done.
	Error string `json:"error,omitempty"`
}

// Happened reports whether something was done, or would have been.
func (d Deed) Happened() bool { return d.Done != Left && d.Done != Undone }

// Deeds are what was done to several applications.
type Deeds struct {
	Items []Deed `json:"items"`
}

// Names are the names of the applications to which something was done.
func (d Deeds) Names() []string {
	var names []string
	for _, deed := range d.Items {
		if deed.Happened() {
			names = append(names, deed.FullName())
		}
	}
	return names
}

// Write writes a line for each application to which something was done.
func (d Deeds) Write(w io.Writer) error {
	var text strings.Builder
	for _, deed := range d.Items {
		if !deed.Happened() {
			continue
		}
		text.WriteString(plain(deed.FullName()) + " " + deed.Done)
		if deed.DryRun != "" {
			text.WriteString(" (" + deed.DryRun + " dry run)")
		}
		text.WriteByte('\n')
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// Operator is the operator that keeps an application, in words, and the command that ends it for good; empty where none does.
func (a Application) Operator() (operator, command string) {
	group := map[string]string{"kubeflow": "sparkoperator.k8s.io", "apache": "spark.apache.org"}[a.SubmittedBy]
	if group == "" || a.Resource == "" {
		return "", ""
	}
	return a.SubmittedBy, fmt.Sprintf("kubectl delete sparkapplications.%s %s -n %s", group, a.Resource, a.Namespace)
}
