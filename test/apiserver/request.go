// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"io"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
)

// Attributes are what an authorizer looks at.
type Attributes struct {
	User string
	// Verb is the verb of RBAC: get list watch create update patch delete
	// deletecollection; for other paths the HTTP method in lower case.
	Verb                                                   string
	Group, Version, Resource, Subresource, Namespace, Name string
	// NonResource is the path of a request that names no resource.
	NonResource string
}

// maxBody is the size at which the real server refuses a request.
const maxBody = 3 << 20

// parse reads an HTTP request.
func (s *Server) parse(hr *http.Request) (*Request, error) {
	r := &Request{
		Time:        s.options.Now(),
		Path:        hr.URL.Path,
		Query:       hr.URL.Query(),
		ContentType: hr.Header.Get("Content-Type"),
		method:      hr.Method,
		accept:      hr.Header.Get("Accept"),
	}
	r.Attributes = attributes(hr, r.Query)
	if hr.Body != nil && hr.Body != http.NoBody {
		body, err := io.ReadAll(io.LimitReader(hr.Body, maxBody+1))
		hr.Body.Close()
		if err != nil {
			return r, apierrors.NewBadRequest(err.Error())
		}
		if len(body) > maxBody {
			return r, apierrors.NewRequestEntityTooLargeError("limit is 3145728")
		}
		r.Body = body
	}
	user, err := s.authenticate(hr)
	r.User = user
	return r, err
}

func attributes(hr *http.Request, query map[string][]string) Attributes {
	parts := strings.Split(strings.Trim(hr.URL.Path, "/"), "/")
	a := Attributes{Verb: strings.ToLower(hr.Method)}
	switch {
	case parts[0] == "api" && len(parts) >= 3:
		a.Version, parts = parts[1], parts[2:]
	case parts[0] == "apis" && len(parts) >= 4:
		a.Group, a.Version, parts = parts[1], parts[2], parts[3:]
	default:
		a.NonResource = hr.URL.Path
		return a
	}
	// /namespaces/x/pods is in a namespace; /namespaces/x and its own
	// subresources are about the namespace.
	if parts[0] == "namespaces" && len(parts) > 1 {
		a.Namespace = parts[1]
		if len(parts) > 2 && !slices.Contains([]string{"status", "finalize"}, parts[2]) {
			parts = parts[2:]
		}
	}
	a.Resource = parts[0]
	if len(parts) > 1 {
		a.Name = parts[1]
	}
	if len(parts) > 2 {
		a.Subresource = strings.Join(parts[2:], "/")
	}
	a.Verb = verb(hr.Method, a.Name, query)
	if a.Name == "" && (a.Verb == "list" || a.Verb == "watch" || a.Verb == "deletecollection") {
		// A selector for one name counts as naming it, in RBAC as well.
		if selector, err := fields.ParseSelector(first(query, "fieldSelector")); err == nil {
			a.Name, _ = selector.RequiresExactMatch("metadata.name")
		}
	}
	return a
}

func verb(method, name string, query map[string][]string) string {
	switch method {
	case http.MethodPost:
		return "create"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		return "patch"
	case http.MethodDelete:
		if name == "" {
			return "deletecollection"
		}
		return "delete"
	case http.MethodGet, http.MethodHead:
		if name != "" {
			return "get"
		}
		if isTrue(first(query, "watch")) {
			return "watch"
		}
		return "list"
	}
	return strings.ToLower(method)
}

func first(query map[string][]string, name string) string {
	if values := query[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// isTrue reads a boolean of a URL as the real server does: there and neither
// "false" nor "0".
func isTrue(value string) bool {
	return value != "" && value != "0" && !strings.EqualFold(value, "false")
}

func (r *Request) query(name string) string { return first(r.Query, name) }

func (r *Request) dryRun() bool { return r.dry || r.query("dryRun") == "All" }
