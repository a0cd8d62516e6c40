// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Options sets a Server up. The zero value is a cluster with the namespace
// "default" in which everybody may do everything.
type Options struct {
	// Namespaces are made at the start, besides "default" and "kube-system".
	Namespaces []string
	// Resources are served besides the built-in ones, e.g. custom resources.
	Resources []Resource
	// Users maps bearer tokens to user names; another token gets a 401. When
	// it is nil every request is made by "system:admin".
	Users map[string]string
	// Authorize says who may do what; nil allows everything.
	Authorize func(Attributes) bool
	// Admit sees every object about to be created or updated, may change it,
	// and refuses it by an error (a *errors.StatusError of apimachinery is
	// answered as it is, another one as a 403 of an admission plugin).
	Admit func(*Request, *unstructured.Unstructured) error
	// Fault sees every request first and says what goes wrong with it.
	Fault Fault
	// Lag picks the revision, from oldest to newest, that answers a list at a version "or not older", as a server whose
	// cache is behind may; nil: the newest.
	Lag func(r *Request, oldest, newest int64) int64
	// Observe sees every request after it was carried out, before the client
	// gets its answer. Status holds the HTTP code of the true answer.
	Observe func(Request)
	// Now is the clock of the cluster; time.Now by default, which is virtual
	// inside testing/synctest.
	Now func() time.Time
	// BookmarkEvery is the time between two bookmarks of a watch; a minute by
	// default, as with the real one.
	BookmarkEvery time.Duration
	// MinRequestTimeout is the least life of a watch that does not ask for one, and half
	// of the most; 30 minutes by default.
	MinRequestTimeout time.Duration
	// EventTTL is how long an Event is kept after it was last written; an hour by default.
	EventTTL time.Duration
	// History is how many changes a watch can go back to; all by default.
	History int
	// ManualGC leaves the dependents of deleted owners alone until
	// CollectGarbage is called. By default they go at once.
	ManualGC bool
	// Seed makes UIDs and generated names repeatable.
	Seed uint64
	// Version is the Kubernetes version told; "v1.34.4" by default.
	Version string
}

// Server is the double. It is an http.Handler; Transport gives the same
// without sockets. All methods may be called at any time from anywhere.
type Server struct {
	options   Options
	resources []Resource

	mu      sync.Mutex
	store   store
	cache   *snapshot // what reads at resourceVersion "0" see; nil: the newest
	random  *rand.Rand
	lives   *rand.Rand // of watches; apart, so that a watch does not change the UIDs that follow
	logs    map[logKey]*podLog
	streams map[*cutter]struct{}
	// forwards are the port-forwarding connections.
	forwards map[io.Closer]struct{}
	changed  chan struct{} // closed and replaced whenever a stream may go on

	// encoding is made when it is first needed.
	encoding func() func([]byte) ([]byte, error)

	journal journal
	hooks   hooks
	held    []*heldRequest
}

// hooks are the parts of Options that may be exchanged while it runs.
type hooks struct {
	sync.Mutex

	authorize func(Attributes) bool
	admit     func(*Request, *unstructured.Unstructured) error
	fault     Fault
	observe   func(Request)
}

// New makes a server. It starts nothing and needs no end.
func New(options Options) *Server {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.BookmarkEvery == 0 {
		options.BookmarkEvery = time.Minute
	}
	if options.MinRequestTimeout == 0 {
		options.MinRequestTimeout = 30 * time.Minute
	}
	if options.EventTTL == 0 {
		options.EventTTL = time.Hour
	}
	if options.Version == "" {
		options.Version = "v1.34.4"
	}
	s := &Server{
		options:   options,
		resources: append(builtin(), options.Resources...),
		store:     newStore(options.History, options.Now),
		random:    rand.New(rand.NewPCG(options.Seed, 1)),
		lives:     rand.New(rand.NewPCG(options.Seed, 2)),
		logs:      map[logKey]*podLog{},
		streams:   map[*cutter]struct{}{},
		forwards:  map[io.Closer]struct{}{},
		changed:   make(chan struct{}),
		encoding:  sync.OnceValue(newEncoding),
		hooks: hooks{
			authorize: options.Authorize,
			admit:     options.Admit,
			fault:     options.Fault,
			observe:   options.Observe,
		},
	}
	for _, name := range append([]string{"default", "kube-system"}, options.Namespaces...) {
		s.makeNamespace(name)
	}
	return s
}

// SetFault exchanges the fault hook; nil ends all faults.
func (s *Server) SetFault(fault Fault) {
	s.hooks.Lock()
	defer s.hooks.Unlock()
	s.hooks.fault = fault
}

// SetAuthorize exchanges the rule of who may do what; nil allows everything.
func (s *Server) SetAuthorize(rule func(Attributes) bool) {
	s.hooks.Lock()
	defer s.hooks.Unlock()
	s.hooks.authorize = rule
}

// SetAdmit exchanges the admission hook.
func (s *Server) SetAdmit(admit func(*Request, *unstructured.Unstructured) error) {
	s.hooks.Lock()
	defer s.hooks.Unlock()
	s.hooks.admit = admit
}

// SetObserve exchanges the hook that sees requests after they were carried out.
func (s *Server) SetObserve(observe func(Request)) {
	s.hooks.Lock()
	defer s.hooks.Unlock()
	s.hooks.observe = observe
}

func (s *Server) now() metav1.Time {
	// Kubernetes keeps whole seconds, in UTC.
	return metav1.NewTime(s.options.Now().UTC().Truncate(time.Second))
}

// broadcast wakes every stream; call it with the lock held.
func (s *Server) broadcast() {
	close(s.changed)
	s.changed = make(chan struct{})
}

var (
	_ http.Handler      = (*Server)(nil)
	_ http.RoundTripper = transport{}
)
