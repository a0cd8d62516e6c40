// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// create stores a new object.
func (s *Server) create(r *Request, resource *Resource) (reply, error) {
	o, err := s.decode(r, resource)
	if err != nil {
		return reply{}, err
	}
	if err := s.admit(r, o); err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, err := s.createLocked(r, resource, o)
	if err != nil {
		return reply{}, err
	}
	answer := document(http.StatusCreated, present(stored, resource))
	if !r.dryRun() {
		r.Created = string(stored.GetUID())
		s.changedSomething()
	}
	return answer, nil
}

// createLocked takes an object through admission, validation and the quota
// into the store, in this order: the quota comes before the look at the name.
func (s *Server) createLocked(r *Request, resource *Resource, o *object) (*object, error) {
	if err := s.admitNamespace(resource, o); err != nil {
		return nil, err
	}
	if resource.Name == "pods" {
		if err := s.admitServiceAccount(resource, o); err != nil {
			return nil, err
		}
	}
	generated := o.GetName() == "" && o.GetGenerateName() != ""
	if generated {
		o.SetName(s.generateName(o.GetGenerateName()))
	}
	o.SetUID(s.uid())
	o.SetCreationTimestamp(s.now())
	for _, name := range []string{"deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"} {
		unstructured.RemoveNestedField(o.Object, "metadata", name)
	}
	if resource.Generation {
		o.SetGeneration(1)
	}
	if err := s.prepareCreate(resource, o); err != nil {
		return nil, err
	}
	if problems := validateCreate(resource, o); len(problems) > 0 {
		return nil, apierrors.NewInvalid(resource.groupKind(), o.GetName(), problems)
	}
	if err := s.admitQuota(resource, o, r.dryRun()); err != nil {
		return nil, err
	}
	if o.GetResourceVersion() != "" && o.GetResourceVersion() != "0" {
		return nil, plainError("resourceVersion should not be set on objects to be created")
	}
	k := key{GroupResource: resource.groupResource(), namespace: o.GetNamespace(), name: o.GetName()}
	if there := s.store.objects[k]; there != nil {
		taken := apierrors.NewAlreadyExists(resource.groupResource(), o.GetName())
		if there.GetDeletionTimestamp() != nil {
			taken.ErrStatus.Message = "object is being deleted: " + taken.ErrStatus.Message
		}
		return nil, taken
	}
	if r.dryRun() {
		return o, nil
	}
	stored := s.store.put(k, o)
	if resource.Name == "namespaces" {
		s.makeServiceAccount(o.GetName())
	}
	return stored, nil
}

// decode reads the object out of a request for a resource.
func (s *Server) decode(r *Request, resource *Resource) (*object, error) {
	if mediaType(r.ContentType) == "application/vnd.kubernetes.protobuf" {
		return nil, unsupportedMedia("application/json", "application/yaml")
	}
	raw, err := yaml.ToJSON(r.Body)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return s.parseObject(raw, r, resource)
}

// parseObject reads JSON and checks that it is what the URL says.
func (s *Server) parseObject(raw []byte, r *Request, resource *Resource) (*object, error) {
	var given metav1.TypeMeta
	if err := decodeJSON(raw, &given); err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("couldn't get version/kind; json parse error: %v", err))
	}
	setDefault(&given.Kind, resource.Kind)
	setDefault(&given.APIVersion, resource.apiVersion())
	version := given.GroupVersionKind().Version
	if given.APIVersion != resource.apiVersion() {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: no kind %q is registered for version %q in scheme \"pkg/runtime/scheme.go:110\"",
			given.Kind, version, resource.Kind, given.Kind, given.APIVersion))
	}
	if given.Kind != resource.Kind {
		group := resource.Group
		setDefault(&group, "core")
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: converting (%s.%s) to (%s.%s): unknown conversion",
			given.Kind, version, resource.Kind, version, given.Kind, group, resource.Kind))
	}
	o, err := normalize(resource, raw)
	if err != nil {
		return nil, err
	}
	o.SetKind(given.Kind)
	o.SetAPIVersion(given.APIVersion)
	if resource.Cluster {
		o.SetNamespace("")
	} else {
		if o.GetNamespace() != "" && o.GetNamespace() != r.Namespace {
			return nil, apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
		}
		o.SetNamespace(r.Namespace)
	}
	return o, nil
}

// normalize reads an object through its Go type: unknown fields go away, and
// wrong ones are refused, as the real server does.
func normalize(resource *Resource, raw []byte) (*object, error) {
	o := &unstructured.Unstructured{}
	if resource.New == nil {
		if err := decodeJSON(raw, &o.Object); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		return o, nil
	}
	typed := resource.New()
	if err := decodeJSON(raw, typed); err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", resource.Kind, resource.Version, resource.Kind, err))
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	metadata, isMap := content["metadata"].(map[string]any)
	if isMap && metadata["creationTimestamp"] == nil {
		delete(metadata, "creationTimestamp")
	}
	o.Object = content
	return o, nil
}

func (s *Server) prepareCreate(resource *Resource, o *object) error {
	switch resource.Name {
	case "pods":
		return preparePod(o, s.now())
	case "namespaces":
		unstructured.SetNestedField(o.Object, "Active", "status", "phase")                        //nolint:errcheck // normalized
		unstructured.SetNestedStringSlice(o.Object, []string{"kubernetes"}, "spec", "finalizers") //nolint:errcheck // normalized
		labels := o.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels[corev1.LabelMetadataName] = o.GetName()
		o.SetLabels(labels)
	default:
		if resource.Status && resource.New != nil && resource.Name != "nodes" && resource.Name != "resourcequotas" {
			unstructured.RemoveNestedField(o.Object, "status")
		}
	}
	return nil
}

func validateCreate(resource *Resource, o *object) field.ErrorList {
	valid := resource.ValidName
	if valid == nil {
		valid = validation.NameIsDNSSubdomain
	}
	problems := validation.ValidateObjectMetaAccessor(o, !resource.Cluster, valid, field.NewPath("metadata"))
	problems = append(problems, validateFinalizers(resource, o)...)
	switch resource.Name {
	case "pods":
		problems = append(problems, validatePod(o)...)
	case "events":
		problems = append(problems, validateEvent(o)...)
	}
	return problems
}

// validateFinalizers wants a domain in the names of finalizers of core kinds.
func validateFinalizers(resource *Resource, o *object) field.ErrorList {
	var problems field.ErrorList
	standard := []string{"kubernetes", metav1.FinalizerOrphanDependents, metav1.FinalizerDeleteDependents}
	for i, name := range o.GetFinalizers() {
		if resource.New != nil && !strings.Contains(name, "/") && !slices.Contains(standard, name) {
			problems = append(problems, field.Invalid(field.NewPath("metadata", "finalizers").Index(i), name,
				"name is neither a standard finalizer name nor is it fully qualified"))
		}
	}
	return problems
}

// uid makes a new UID; the same seed gives the same ones.
func (s *Server) uid() types.UID {
	a, b := s.random.Uint64(), s.random.Uint64()
	return types.UID(fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x",
		uint32(a>>32), uint16(a>>16), uint16(a)&0xfff, 0x8000|uint16(b>>48)&0x3fff, b&0xffffffffffff))
}

// generateName completes a generateName with five letters, shortening it so
// that names of labels stay possible.
func (s *Server) generateName(base string) string {
	const letters, length, longest = "bcdfghjklmnpqrstvwxz2456789", 5, 63 - 5
	if len(base) > longest {
		base = base[:longest]
	}
	suffix := make([]byte, length)
	for i := range suffix {
		suffix[i] = letters[s.random.IntN(len(letters))]
	}
	return base + string(suffix)
}

// admit calls the test's admission hook, outside the lock: a slow webhook
// holds up its own request only.
func (s *Server) admit(r *Request, o *object) error {
	s.hooks.Lock()
	hook := s.hooks.admit
	s.hooks.Unlock()
	if hook == nil {
		return nil
	}
	err := hook(r, o)
	var status apierrors.APIStatus
	if err == nil || errors.As(err, &status) {
		return err
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: r.Group, Resource: r.Resource}, o.GetName(), err)
}
