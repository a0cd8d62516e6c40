// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// object is one stored state. It is never changed once it is stored: a write
// puts another one in its place, so readers need no copies.
type object = unstructured.Unstructured

// key is where an object lives. Versions of one group share it.
type key struct {
	schema.GroupResource

	namespace, name string
}

// change is one entry of the history: old is nil for a creation, new for a
// removal. A removal keeps the object's last state with the revision of the
// removal as "gone", which is what a watch shows.
type change struct {
	revision int64
	key      key
	old, new *object
	gone     *object
}

// store is the etcd of the double: all objects, one revision counter and the
// history of changes since the last compaction.
type store struct {
	objects   map[key]*object
	revision  int64
	compacted int64 // a watch must start at this revision or later
	history   []change
	limit     int
	now       func() time.Time
	events    map[key]time.Time // when each Event was last written
}

// firstRevision stands for what a real cluster has written before anybody can
// talk to it: a watch from revision 1 is too old there as well.
const firstRevision = 100

func newStore(limit int, now func() time.Time) store {
	return store{
		objects: map[key]*object{}, revision: firstRevision, compacted: firstRevision, limit: limit,
		now: now, events: map[key]time.Time{},
	}
}

// put stores next (nil removes) under k as a new revision.
func (st *store) put(k key, next *object) *object {
	st.revision++
	entry := change{revision: st.revision, key: k, old: st.objects[k], new: next}
	version := strconv.FormatInt(st.revision, 10)
	if next != nil {
		next.SetResourceVersion(version)
		st.objects[k] = next
	} else {
		entry.gone = entry.old.DeepCopy()
		entry.gone.SetResourceVersion(version)
		delete(st.objects, k)
		next = entry.gone
	}
	if k.Resource == "events" && st.objects[k] != nil {
		st.events[k] = st.now()
	} else {
		delete(st.events, k)
	}
	st.history = append(st.history, entry)
	if st.limit > 0 && len(st.history) > 2*st.limit {
		cut := len(st.history) - st.limit
		st.compacted = st.history[cut-1].revision
		st.history = append([]change(nil), st.history[cut:]...)
	}
	return next
}

// compact forgets all changes up to now.
func (st *store) compact() {
	st.compacted = st.revision
	st.history = nil
}

// since gives the changes after a revision.
func (st *store) since(revision int64) []change {
	i := sort.Search(len(st.history), func(i int) bool { return st.history[i].revision > revision })
	return st.history[i:]
}

// snapshot is all objects at one revision.
type snapshot struct {
	objects  map[key]*object
	revision int64
}

func (st *store) newest() snapshot {
	return snapshot{objects: st.objects, revision: st.revision}
}

// at gives the state at an earlier revision, as far as the history reaches.
func (st *store) at(revision int64) (snapshot, bool) {
	if revision >= st.revision {
		return st.newest(), true
	}
	if revision < st.compacted {
		return snapshot{}, false
	}
	objects := maps.Clone(st.objects)
	entries := st.since(revision)
	for _, entrie := range slices.Backward(entries) {
		if entrie.old == nil {
			delete(objects, entrie.key)
		} else {
			objects[entrie.key] = entrie.old
		}
	}
	return snapshot{objects: objects, revision: revision}, true
}

// list gives the objects of a resource in the order of the real server: by
// namespace, then name. An empty namespace means all of them.
func (sn snapshot) list(resource schema.GroupResource, namespace string) []*object {
	var found []*object
	for k, o := range sn.objects {
		if k.GroupResource == resource && (namespace == "" || k.namespace == namespace) {
			found = append(found, o)
		}
	}
	sort.Slice(found, func(i, j int) bool { return sortKey(found[i]) < sortKey(found[j]) })
	return found
}

func sortKey(o *object) string { return o.GetNamespace() + "/" + o.GetName() }
