// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"net/url"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	listvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// invalidOptions refuses the options of a request, nil if nothing is wrong.
func invalidOptions(kind string, problems field.ErrorList) error {
	if len(problems) == 0 {
		return nil
	}
	return apierrors.NewInvalid(metav1.SchemeGroupVersion.WithKind(kind).GroupKind(), "", problems)
}

// listOptions reads the query of a list or a watch as the real server does.
func listOptions(r *Request) (*metav1.ListOptions, error) {
	values := url.Values(r.Query)
	options := &metav1.ListOptions{}
	if err := metav1.Convert_url_Values_To_v1_ListOptions(&values, options, nil); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return options, invalidOptions("ListOptions", listvalidation.ValidateListOptions(&internalversion.ListOptions{
		Watch:                options.Watch,
		AllowWatchBookmarks:  options.AllowWatchBookmarks,
		ResourceVersion:      options.ResourceVersion,
		ResourceVersionMatch: options.ResourceVersionMatch,
		TimeoutSeconds:       options.TimeoutSeconds,
		Limit:                options.Limit,
		Continue:             options.Continue,
		SendInitialEvents:    options.SendInitialEvents,
	}, true))
}

// writeOptions checks the query of a create, an update or a patch.
func writeOptions(r *Request) error {
	values := url.Values(r.Query)
	switch r.Verb {
	case "create":
		options := &metav1.CreateOptions{}
		if err := metav1.Convert_url_Values_To_v1_CreateOptions(&values, options, nil); err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		return invalidOptions("CreateOptions", validation.ValidateCreateOptions(options))
	case "update":
		options := &metav1.UpdateOptions{}
		if err := metav1.Convert_url_Values_To_v1_UpdateOptions(&values, options, nil); err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		return invalidOptions("UpdateOptions", validation.ValidateUpdateOptions(options))
	case "patch":
		options := &metav1.PatchOptions{}
		if err := metav1.Convert_url_Values_To_v1_PatchOptions(&values, options, nil); err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		return invalidOptions("PatchOptions", validation.ValidatePatchOptions(options, types.PatchType(mediaType(r.ContentType))))
	}
	return nil
}

// deleteOptions reads the body or else the query.
func deleteOptions(r *Request) (metav1.DeleteOptions, error) {
	var options metav1.DeleteOptions
	if len(r.Body) > 0 {
		if err := decodeJSON(r.Body, &options); err != nil {
			return options, plainError(fmt.Sprintf("couldn't get version/kind; json parse error: %v", err))
		}
	} else {
		values := url.Values(r.Query)
		if err := metav1.Convert_url_Values_To_v1_DeleteOptions(&values, &options, nil); err != nil {
			return options, apierrors.NewBadRequest(err.Error())
		}
	}
	if slices.Contains(options.DryRun, metav1.DryRunAll) {
		r.dry = true
	}
	return options, invalidOptions("DeleteOptions", validation.ValidateDeleteOptions(&options))
}
