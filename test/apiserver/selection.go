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
			return selection{}, unknownField(resource, requirement.Field)
		}
	}
	return selection{namespace: r.Namespace, labels: labelSelector, fields: fieldSelector}, nil
}

func unknownField(resource *Resource, name string) error {
	switch {
	case resource.Group != "":
		return apierrors.NewBadRequest(fmt.Sprintf("field label %q not supported for %s", name, resource.Kind))
	case len(resource.Fields) == 0:
		return apierrors.NewBadRequest(fmt.Sprintf("%q is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", name))
	}
	return apierrors.NewBadRequest("field label not supported: " + name)
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
