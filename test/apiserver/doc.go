// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package apiserver is a double of the Kubernetes API server for tests: it
// speaks the API over HTTP, keeps its objects in memory, and can be told to
// fail in every way in which a real one and the network before it fail.
//
//	server := apiserver.New(apiserver.Options{})
//	config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport()}
//
// Transport needs no socket, no goroutine and no real clock, so that tests run
// inside testing/synctest; with httptest.NewServer(server) a program in
// another process can use it too, a real spark-submit included. New is the
// front door, Options what can be set, Fault and Action are how things go wrong.
//
// The conformance package holds it to the truth: one suite that runs on the
// double and on a real API server. Messages, reasons and codes are the real
// ones wherever that suite looks.
//
// There is no scheduler, no kubelet and no controller but three: the garbage
// collector, the namespace controller and the quota controller act at once, or
// at CollectGarbage with Options.ManualGC. Schedule, Run, Terminate, Delete,
// FinishDeletion, Report, SetNode and ChangePod do what the others would.
//
// # Not modelled
//
//   - Ownership of fields: there are no managedFields; server-side apply creates
//     or merges, never finds a conflict, and never takes a field away.
//   - Other encodings than JSON (YAML is read, whole answers of the core group are
//     written in protobuf too), tables, PartialObjectMetadata, compression, warnings,
//     strict field validation.
//   - exec, attach, port-forward over WebSocket, proxy, binding, scale, token requests,
//     ephemeral containers, resizing.
//   - Defaults and validation of kinds other than pods, beyond their metadata and
//     Go types; of pods what a program that makes them gets wrong most easily.
//     Services get no cluster IP.
//   - Injected things: no token volume in pods, no kube-root-ca.crt ConfigMap.
//   - Admission but namespaces, ServiceAccounts, tolerations and quota: priority
//     classes, LimitRanges and Pod Security are left to Options.Admit.
//   - RBAC objects and disruption budgets are kept but have no effect: access is
//     Options.Authorize, an eviction always succeeds. Quota scopes are ignored.
//   - Time a real server takes: a revision of the future is refused at once, not
//     after 3 s; an Event whose time is over goes with the next request.
//   - The watch cache: there is one history for all kinds, and all of it is kept
//     until Compact or Options.History. A bookmark comes every minute even if
//     nothing at all was written. Reads at "0" lag only after FreezeCache.
//   - Priority and fairness, client certificates, impersonated groups.
package apiserver
