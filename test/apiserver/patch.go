// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// patch changes a part of an object. Without a resourceVersion in the patch
// the real server tries again on a conflict, so there is none here either.
func (s *Server) patch(r *Request, resource *Resource) (reply, error) {
	kind := types.PatchType(mediaType(r.ContentType))
	switch kind {
	case types.ApplyPatchType:
		return s.apply(r, resource)
	case types.JSONPatchType, types.MergePatchType:
	case types.StrategicMergePatchType:
		if resource.New == nil {
			return reply{}, unsupportedPatch()
		}
	default:
		return reply{}, unsupportedPatch()
	}
	return s.modify(r, resource, func(before []byte) ([]byte, error) {
		if before == nil {
			return nil, apierrors.NewNotFound(resource.groupResource(), r.Name)
		}
		return patched(kind, before, r.Body, resource)
	})
}

// modify reads an object, lets compute make the next state of it and stores
// that, again and again while others write in between. compute gets nil when
// there is no object; what it gives then is created.
func (s *Server) modify(r *Request, resource *Resource, compute func(before []byte) ([]byte, error)) (reply, error) {
	for {
		s.mu.Lock()
		old := s.store.objects[keyOf(r, resource)]
		s.mu.Unlock()
		var before []byte
		var err error
		if old != nil {
			if before, err = json.Marshal(present(old, resource)); err != nil {
				return reply{}, err
			}
		}
		after, err := compute(before)
		if err != nil {
			return reply{}, err
		}
		next, err := s.parseObject(after, r, resource)
		if err != nil {
			return reply{}, err
		}
		if err := checkName(r, next); err != nil {
			return reply{}, err
		}
		if err := s.admit(r, next); err != nil {
			return reply{}, err
		}
		answer, again, err := s.storeModified(r, resource, old, next)
		if !again {
			return answer, err
		}
	}
}

// storeModified stores what modify made unless the object changed meanwhile.
func (s *Server) storeModified(r *Request, resource *Resource, old, next *object) (reply, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store.objects[keyOf(r, resource)] != old {
		return reply{}, true, nil
	}
	if old != nil {
		stored, err := s.replaceLocked(r, resource, old, next)
		if err != nil {
			return reply{}, false, err
		}
		return document(http.StatusOK, present(stored, resource)), false, nil
	}
	if uid := next.GetUID(); uid != "" {
		return reply{}, false, apierrors.NewConflict(resource.groupResource(), r.Name,
			fmt.Errorf("uid mismatch: the provided object specified uid %s, and no existing object was found", uid))
	}
	stored, err := s.createLocked(r, resource, next)
	if err != nil {
		return reply{}, false, err
	}
	if !r.dryRun() {
		r.Created = string(stored.GetUID())
		s.changedSomething()
	}
	return document(http.StatusCreated, present(stored, resource)), false, nil
}

// patched applies a patch of one of the three old kinds.
func patched(kind types.PatchType, before, patch []byte, resource *Resource) ([]byte, error) {
	switch kind {
	case types.JSONPatchType:
		var operations []patchOperation
		if err := json.Unmarshal(patch, &operations); err != nil {
			return nil, undecodable(err)
		}
		after, err := applyJSONPatch(before, operations)
		if err != nil {
			return nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
		}
		return after, nil
	case types.MergePatchType:
		var target, change map[string]any
		if err := decodeJSON(patch, &change); err != nil {
			return nil, undecodable(err)
		}
		if err := decodeJSON(before, &target); err != nil {
			return nil, err
		}
		return json.Marshal(mergePatch(target, change))
	default:
		var change map[string]any
		if err := decodeJSON(patch, &change); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		after, err := strategicpatch.StrategicMergePatch(before, patch, resource.New())
		if err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		return after, nil
	}
}

func undecodable(err error) error {
	text := strings.ReplaceAll(err.Error(), "apiserver.patchOperation", "handlers.jsonPatchOp")
	return apierrors.NewBadRequest("error decoding patch: " + text)
}

// unsupportedPatch is what the real server's router says.
func unsupportedPatch() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "415: Unsupported Media Type", Details: &metav1.StatusDetails{},
	}}
}

// mergePatch is RFC 7386.
func mergePatch(target, patch any) any {
	change, isMap := patch.(map[string]any)
	if !isMap {
		return patch
	}
	result, isMap := target.(map[string]any)
	if !isMap {
		result = map[string]any{}
	}
	for name, value := range change {
		if value == nil {
			delete(result, name)
		} else {
			result[name] = mergePatch(result[name], value)
		}
	}
	return result
}

// apply is server-side apply without the ownership of fields: it creates the
// object or merges what is applied into it, and never finds a conflict.
func (s *Server) apply(r *Request, resource *Resource) (reply, error) {
	raw, err := yaml.ToJSON(r.Body)
	if err != nil {
		return reply{}, apierrors.NewBadRequest(fmt.Sprintf("error decoding YAML: %v", err))
	}
	applied := &unstructured.Unstructured{}
	if err := decodeJSON(raw, &applied.Object); err != nil {
		return reply{}, apierrors.NewBadRequest(fmt.Sprintf("error decoding YAML: %v", err))
	}
	if managed, _, _ := unstructured.NestedSlice(applied.Object, "metadata", "managedFields"); len(managed) > 0 {
		return reply{}, apierrors.NewBadRequest("metadata.managedFields must be nil")
	}
	if err := checkName(r, applied); err != nil {
		return reply{}, err
	}
	kind := types.StrategicMergePatchType
	if resource.New == nil {
		kind = types.MergePatchType
	}
	return s.modify(r, resource, func(before []byte) ([]byte, error) {
		if before != nil {
			return patched(kind, before, raw, resource)
		}
		if r.Subresource != "" {
			return nil, apierrors.NewNotFound(resource.groupResource(), r.Name)
		}
		return raw, nil
	})
}

func mediaType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.TrimSpace(kind)
}

func unsupportedMedia(accepted ...string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: fmt.Sprintf("the body of the request was in an unknown format - accepted media types include: %s", strings.Join(accepted, ", ")),
	}}
}
