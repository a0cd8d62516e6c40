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
// another process can use it too. New is the front door, Options what can be
// set, Fault and Action are how things go wrong.
//
// The conformance package holds it to the truth: one suite that runs on the
// double and on a real API server. Error messages, reasons and codes are the
// real ones there.
package apiserver
