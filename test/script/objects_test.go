// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

// objectCommand is "object RESOURCE PATTERN": prints the newest object in the namespace default whose name fits.
func objectCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 2 {
		ts.Fatalf("usage: object RESOURCE PATTERN")
	}
	var newest *unstructured.Unstructured
	for _, object := range server.All(args[0], "default") {
		fits, err := path.Match(args[1], object.GetName())
		ts.Check(err)
		if fits && (newest == nil || version(ts, object) > version(ts, newest)) {
			newest = object
		}
	}
	if newest == nil {
		ts.Fatalf("there is none of %s named %s", args[0], args[1])
	}
	text, err := json.MarshalIndent(newest.Object, "", "  ")
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), string(text))
}

func version(ts *testscript.TestScript, object *unstructured.Unstructured) int {
	number, err := strconv.Atoi(object.GetResourceVersion())
	ts.Check(err)
	return number
}

// makeCommand is "make RESOURCE FILE": makes what the file holds in the namespace default, of a resource of Volcano's.
func makeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: make RESOURCE FILE")
	}
	var object map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &object))
	_, err := post(ts.Getenv("SERVER")+"/apis/scheduling.volcano.sh/v1beta1/namespaces/default/"+args[0], object)
	ts.Check(err)
}

// requestsCommand is "requests": prints verb and resource of the requests since it was called last, one a line.
func requestsCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 0 {
		ts.Fatalf("usage: requests")
	}
	for _, request := range server.Requests() {
		fmt.Fprintln(ts.Stdout(), request.Verb, request.Resource)
	}
	server.ForgetRequests()
}
