// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// get answers one object.
func (s *Server) get(r *Request, resource *Resource) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := r.query("resourceVersion")
	if _, err := strconv.ParseUint(version, 10, 64); version != "" && err != nil {
		return reply{}, invalidVersion(version)
	}
	state, err := s.stateAt(version, "NotOlderThan")
	if err != nil {
		return reply{}, err
	}
	found := state.objects[keyOf(r, resource)]
	if found == nil {
		return reply{}, apierrors.NewNotFound(resource.groupResource(), r.Name)
	}
	return document(200, present(found, resource)), nil
}

// stateAt gives what a read at a resourceVersion sees. Only "0" may be stale.
func (s *Server) stateAt(version, match string) (snapshot, error) {
	switch version {
	case "":
		return s.store.newest(), nil
	case "0":
		if s.cache != nil {
			return *s.cache, nil
		}
		return s.store.newest(), nil
	}
	revision, err := strconv.ParseInt(version, 10, 64)
	if err != nil || revision < 0 {
		return snapshot{}, apierrors.NewBadRequest("invalid resource version: " + invalidVersion(version).Error())
	}
	if revision > s.store.revision {
		// The real server waits three seconds before it says so.
		tooLarge := apierrors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", revision, s.store.revision), 1)
		tooLarge.ErrStatus.Details.Causes = []metav1.StatusCause{{
			Type: metav1.CauseTypeResourceVersionTooLarge, Message: "Too large resource version",
		}}
		return snapshot{}, tooLarge
	}
	if match != "Exact" {
		return s.store.newest(), nil
	}
	state, known := s.store.at(revision)
	if !known {
		return snapshot{}, apierrors.NewResourceExpired("The resourceVersion for the provided list is too old.")
	}
	return state, nil
}

// invalidVersion is no error of the API: a get and a watch answer it as a 500.
func invalidVersion(version string) error {
	return plainError(fmt.Sprintf("resourceVersion: Invalid value: %q: strconv.ParseUint: parsing %q: invalid syntax", version, version))
}

// position of a chunked list: the revision of the first chunk and the last
// object given. The client takes it as opaque.
type continueToken struct {
	Revision int64  `json:"rv"`
	After    string `json:"after"`
}

const staleContinue = "The provided continue parameter is too old to display a consistent list result. " +
	"You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
	"Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list."

// list answers the objects that fit the selectors.
func (s *Server) list(r *Request, resource *Resource) (reply, error) {
	options, err := listOptions(r)
	if err != nil {
		return reply{}, err
	}
	chosen, err := selectionOf(r, resource)
	if err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state, after, err := s.chunkState(r)
	if err != nil {
		return reply{}, err
	}
	items := []any{}
	metadata := map[string]any{"resourceVersion": itoa(state.revision)}
	all := state.list(resource.groupResource(), chosen.namespace)
	for i, o := range all {
		if after != "" && sortKey(o) <= after {
			continue
		}
		if !chosen.fits(o) {
			continue
		}
		if options.Limit > 0 && int64(len(items)) == options.Limit {
			previous := all[i-1]
			token, _ := json.Marshal(continueToken{Revision: state.revision, After: sortKey(previous)})
			metadata["continue"] = base64.RawURLEncoding.EncodeToString(token)
			if chosen.everything() {
				metadata["remainingItemCount"] = int64(len(all) - i)
			}
			break
		}
		items = append(items, present(o, resource))
	}
	return document(200, map[string]any{
		"kind": resource.Kind + "List", "apiVersion": resource.apiVersion(), "metadata": metadata, "items": items,
	}), nil
}

// chunkState gives the state a list reads and after which object it goes on.
func (s *Server) chunkState(r *Request) (snapshot, string, error) {
	raw := r.query("continue")
	if raw == "" {
		state, err := s.stateAt(r.query("resourceVersion"), r.query("resourceVersionMatch"))
		if err == nil && s.options.Lag != nil && r.query("resourceVersionMatch") == "NotOlderThan" {
			state = s.lagging(r, state)
		}
		return state, "", err
	}
	var token continueToken
	text, err := base64.RawURLEncoding.DecodeString(raw)
	if err == nil {
		err = json.Unmarshal(text, &token)
	}
	if err != nil {
		return snapshot{}, "", apierrors.NewBadRequest(fmt.Sprintf("invalid continue token: continue key is not valid: %v", err))
	}
	if token.Revision < 0 { // a token out of the 410 answer below
		return s.store.newest(), token.After, nil
	}
	if version := r.query("resourceVersion"); version != "" && version != "0" {
		return snapshot{}, "", apierrors.NewBadRequest("specifying resource version is not allowed when using continue")
	}
	state, known := s.store.at(token.Revision)
	if !known {
		expired := apierrors.NewResourceExpired(staleContinue)
		fresh, _ := json.Marshal(continueToken{Revision: -1, After: token.After})
		expired.ErrStatus.Continue = base64.RawURLEncoding.EncodeToString(fresh)
		return snapshot{}, "", expired
	}
	return state, token.After, nil
}

// lagging is the state that a list "not older than" a version is answered from.
func (s *Server) lagging(r *Request, newest snapshot) snapshot {
	oldest, err := strconv.ParseInt(r.query("resourceVersion"), 10, 64)
	if err != nil || oldest == 0 {
		return newest
	}
	if state, known := s.store.at(s.options.Lag(r, oldest, newest.revision)); known {
		return state
	}
	return newest
}

// present gives an object in the version it was asked for. Objects of one
// group differ by their apiVersion alone here.
func present(o *object, resource *Resource) map[string]any {
	if o.GetAPIVersion() == resource.apiVersion() {
		return o.Object
	}
	other := make(map[string]any, len(o.Object))
	maps.Copy(other, o.Object)
	other["apiVersion"] = resource.apiVersion()
	return other
}

// FreezeCache makes reads at resourceVersion "0" see the present state until
// ThawCache, as a replica of the API server that lags behind.
func (s *Server) FreezeCache() {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, _ := s.store.at(s.store.revision)
	copied := make(map[key]*object, len(state.objects))
	maps.Copy(copied, state.objects)
	s.cache = &snapshot{objects: copied, revision: state.revision}
}

// ThawCache ends FreezeCache.
func (s *Server) ThawCache() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cache = nil
}

// Compact forgets the history: watches from before get a 410, and so do the
// remaining chunks of a list.
func (s *Server) Compact() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.compact()
}
