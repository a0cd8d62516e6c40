// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// selection is what a list, a watch or a deletecollection is about.
type selection struct {
	namespace string
	labels    labels.Selector
	fields    fields.Selector
	known     []string
}

func selectionOf(r *Request, resource *Resource) (selection, error) {
	labelSelector, err := labels.Parse(r.query("labelSelector"))
	if err != nil {
		return selection{}, apierrors.NewBadRequest(err.Error())
	}
	fieldSelector, err := fields.ParseSelector(r.query("fieldSelector"))
	if err != nil {
		return selection{}, apierrors.NewBadRequest(err.Error())
	}
	known := append([]string{"metadata.name"}, resource.Fields...)
	if !resource.Cluster {
		known = append(known, "metadata.namespace")
	}
	for _, requirement := range fieldSelector.Requirements() {
		if !slices.Contains(known, requirement.Field) {
			return selection{}, unknownField(resource, labelSelector, fieldSelector, requirement.Field)
		}
	}
	return selection{namespace: r.Namespace, labels: labelSelector, fields: fieldSelector, known: known}, nil
}

func unknownField(resource *Resource, l labels.Selector, f fields.Selector, name string) error {
	why := "field label not supported: " + name
	if resource.New != nil && resource.Kind != "" && len(resource.Fields) == 0 {
		why = fmt.Sprintf("%q is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", name)
	}
	return apierrors.NewBadRequest(fmt.Sprintf("Unable to find %q that match label selector %q, field selector %q: %s",
		gvr(resource), l.String(), f.String(), why))
}

// gvr is how Go prints a schema.GroupVersionResource, which is in the messages.
func gvr(r *Resource) string {
	return r.apiVersion() + ", Resource=" + r.Name
}

func (s selection) everything() bool { return s.labels.Empty() && s.fields.Empty() }

// fits tells whether an object is selected; its namespace is compared too.
func (s selection) fits(o *object) bool {
	if s.namespace != "" && o.GetNamespace() != s.namespace && o.GetNamespace() != "" {
		return false
	}
	if !s.labels.Empty() && !s.labels.Matches(labels.Set(o.GetLabels())) {
		return false
	}
	for _, requirement := range s.fields.Requirements() {
		equal := fieldValue(o, requirement.Field) == requirement.Value
		if equal == (requirement.Operator == "!=") {
			return false
		}
	}
	return true
}

// fieldValue reads the value a field selector compares with.
func fieldValue(o *object, name string) string {
	switch name {
	case "name":
		return o.GetName()
	case "source": // events: the old and the new reporter are one field
		component, _, _ := unstructured.NestedString(o.Object, "source", "component")
		if component == "" {
			component, _, _ = unstructured.NestedString(o.Object, "reportingComponent")
		}
		return component
	}
	value, found, err := unstructured.NestedFieldNoCopy(o.Object, strings.Split(name, ".")...)
	if err != nil || !found || value == nil {
		if name == "spec.hostNetwork" || name == "spec.unschedulable" {
			return "false"
		}
		return ""
	}
	return fmt.Sprint(value)
}
