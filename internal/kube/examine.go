// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"encoding/json"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/version"
)

// ServerVersion is the version of the API server (gitVersion of /version).
func (c *Client) ServerVersion(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	answer := c.core.Get().AbsPath("/version").Do(ctx)
	text, err := answer.Raw()
	if said := answer.Error(); said != nil {
		// What the server says, where the raw answer only says that it is an error.
		err = said
	}
	if err != nil {
		return "", fmt.Errorf("get version of the API server: %w", err)
	}
	var info version.Info
	if err := json.Unmarshal(text, &info); err != nil {
		return "", fmt.Errorf("get version of the API server: %w", err)
	}
	return info.GitVersion, nil
}

// Namespace reads a namespace; a Role in it can give that right.
func (c *Client) Namespace(ctx context.Context, name string) (*corev1.Namespace, error) {
	return get(ctx, c.core.Get().Resource("namespaces").Name(name), "namespace "+name, &corev1.Namespace{})
}

// ServiceAccount reads a service account.
func (c *Client) ServiceAccount(ctx context.Context, namespace, name string) (*corev1.ServiceAccount, error) {
	return get(ctx, c.core.Get().Namespace(namespace).Resource("serviceaccounts").Name(name), "service account "+namespace+"/"+name, &corev1.ServiceAccount{})
}

// ResourceQuotas lists the quotas of a namespace.
func (c *Client) ResourceQuotas(ctx context.Context, namespace string) ([]corev1.ResourceQuota, error) {
	quotas := &corev1.ResourceQuotaList{}
	err := c.list(ctx, "resourcequotas", namespace, metav1.ListOptions{}, quotas)
	return quotas.Items, err
}

// LimitRanges lists the limit ranges of a namespace.
func (c *Client) LimitRanges(ctx context.Context, namespace string) ([]corev1.LimitRange, error) {
	ranges := &corev1.LimitRangeList{}
	err := c.list(ctx, "limitranges", namespace, metav1.ListOptions{}, ranges)
	return ranges.Items, err
}

// MayI asks whether the caller may do something (SelfSubjectAccessReview), which anybody may ask.
func (c *Client) MayI(ctx context.Context, what authorizationv1.ResourceAttributes) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &what}}
	review.APIVersion, review.Kind = authorizationv1.SchemeGroupVersion.String(), "SelfSubjectAccessReview"
	return c.review(ctx, "", review)
}

// MayAccount asks whether a service account of a namespace may do something there (LocalSubjectAccessReview), which takes a right.
func (c *Client) MayAccount(ctx context.Context, namespace, account string, what authorizationv1.ResourceAttributes) (bool, error) {
	review := &authorizationv1.LocalSubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		ResourceAttributes: &what, User: "system:serviceaccount:" + namespace + ":" + account,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
	}}
	review.APIVersion, review.Kind = authorizationv1.SchemeGroupVersion.String(), "LocalSubjectAccessReview"
	review.Namespace = namespace
	return c.review(ctx, namespace, review)
}

// WhoAmI is the name of the caller (SelfSubjectReview), which anybody may ask; Kubernetes 1.28 and newer answer.
func (c *Client) WhoAmI(ctx context.Context) (string, error) {
	review := &authenticationv1.SelfSubjectReview{}
	review.APIVersion, review.Kind = authenticationv1.SchemeGroupVersion.String(), "SelfSubjectReview"
	var answer authenticationv1.SelfSubjectReview
	err := c.ask(ctx, "", review, &answer)
	return answer.Status.UserInfo.Username, err
}

// review sends a review and reads its verdict.
func (c *Client) review(ctx context.Context, namespace string, review Object) (bool, error) {
	var verdict struct {
		Status authorizationv1.SubjectAccessReviewStatus `json:"status"`
	}
	err := c.ask(ctx, namespace, review, &verdict)
	return verdict.Status.Allowed, err
}

// ask sends a question and reads its answer.
func (c *Client) ask(ctx context.Context, namespace string, question Object, into any) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	kind := question.GetObjectKind().GroupVersionKind().Kind
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	answer := c.at("POST", namespace, question).SetHeader("Content-Type", runtime.ContentTypeJSON).Body(body).Do(ctx)
	text, err := answer.Raw()
	if said := answer.Error(); said != nil {
		err = said
	}
	if err != nil {
		return fmt.Errorf("create %s: %w", kind, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("create %s: read answer: %w", kind, err)
	}
	return nil
}

// onlyMetadata asks a server for an object without what is in it: nobody's secrets travel.
const onlyMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

// Exists asks whether there is an object of that kind and name. Its content is not asked for.
func (c *Client) Exists(ctx context.Context, namespace string, object Object) error {
	if _, err := metadata(ctx, c.at("GET", namespace, object).Name(object.GetName()).SetHeader("Accept", onlyMetadata)); err != nil {
		return fmt.Errorf("get %s: %w", named(namespace, object), err)
	}
	return nil
}
