// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What stands in a recording in the place of what changes from run to run. The engine under test is given the
// same values, so that nothing is left out of the comparison.
const (
	// ApplicationID is Spark's name for the application.
	ApplicationID = "spark-00000000000000000000000000000000"
	// UniqueID is in the names of objects; Spark takes up to three different ones for one submission.
	UniqueID = "0000000000000000"
	// LocalDirID is in the path of the folder for local files.
	LocalDirID = "00000000-0000-0000-0000-000000000000"
	// SubmitTime is when the application was submitted, in milliseconds since 1970; so is the date in spark.properties.
	SubmitTime = 1700000000000
	// Server is the URL of the API server.
	Server = "http://127.0.0.1:8001"
	// Work is the folder that a case's files are in.
	Work = "/case"
	// User is who submits; the recorder runs spark-submit as this one.
	User = "somebody"

	date = "Tue Nov 14 22:13:20 UTC 2023"
)

// Run is one recorded run of spark-submit.
type Run struct {
	// Version of Spark, such as 4.0.5.
	Version string
	// Host is the API server's with its port, Work the folder of the case's files.
	Host, Work string
	// Begin and End of the run.
	Begin, End time.Time
}

var (
	anID      = regexp.MustCompile(`\b[0-9a-f]{16}\b`)
	anXID     = regexp.MustCompile(`\bx[0-9a-f]{15}\b`)
	anApp     = regexp.MustCompile(`\bspark-[0-9a-f]{32}\b`)
	aUUID     = regexp.MustCompile(`/spark-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)
	aTime     = regexp.MustCompile(`\b[0-9]{13}\b`)
	dateLines = regexp.MustCompile(`(?m)^#[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9:]{8} UTC [0-9]{4}$`)
)

// Normalise replaces in every string of an object, keys and names included, what changes from run to run:
//
//   - the application's ID, by [ApplicationID];
//   - unique IDs, 6 random hex digits and the time in 10, by [UniqueID]; others stay. At the start of a name Spark puts
//     an x in the place of their first digit, so that stays one;
//   - the random UUID of the folder for local files, by [LocalDirID];
//   - a time within the run in milliseconds (spark.app.submitTime), by [SubmitTime], and the second line of
//     spark.properties, which is a date;
//   - the API server's host and port and the folder of the case's files, by [Server] and [Work];
//   - the version of Spark where it stands alone, by $VERSION, so that versions share what they have in common.
//
// Beside strings it takes out of the metadata what the API server would set, creationTimestamp: null, and the
// owner, once it has made sure that it is the driver's pod and nothing else. What has no order is for [Order].
func (r Run) Normalise(object map[string]any) error {
	if err := takeOwner(object); err != nil {
		return err
	}
	normal, ok := r.value(object).(map[string]any)
	if !ok {
		return fmt.Errorf("normalise object: not a map")
	}
	clear(object)
	maps.Copy(object, normal)
	return nil
}

// Text normalises one string.
func (r Run) Text(s string) string {
	escape := strings.NewReplacer(":", `\:`).Replace
	_, host, _ := strings.Cut(Server, "://")
	s = strings.NewReplacer(r.Host, host, escape(r.Host), escape(host), r.Work, Work).Replace(s)
	s = anApp.ReplaceAllString(s, ApplicationID)
	s = anID.ReplaceAllStringFunc(s, func(id string) string {
		if r.during(id[6:], 16) {
			return UniqueID
		}
		return id
	})
	s = anXID.ReplaceAllStringFunc(s, func(id string) string {
		if r.during(id[6:], 16) {
			return "x" + UniqueID[1:]
		}
		return id
	})
	s = aUUID.ReplaceAllString(s, "/spark-"+LocalDirID)
	s = aTime.ReplaceAllStringFunc(s, func(ms string) string {
		if r.during(ms, 10) {
			return strconv.Itoa(SubmitTime)
		}
		return ms
	})
	s = dateLines.ReplaceAllString(s, "#"+date)
	if s == r.Version {
		return "$VERSION"
	}
	return s
}

// during says whether a number is a time within the run, in milliseconds, of which Spark keeps 40 bits in an ID.
func (r Run) during(digits string, base int) bool {
	ms, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return false
	}
	begin, end := r.Begin.UnixMilli(), r.End.UnixMilli()
	if base == 16 {
		begin, end = begin&0xffffffffff, end&0xffffffffff
	}
	return begin <= ms && ms <= end
}

func (r Run) value(value any) any {
	switch v := value.(type) {
	case string:
		return r.Text(v)
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
	case map[string]any:
		normal := make(map[string]any, len(v))
		for key, value := range v {
			normal[r.Text(key)] = r.value(value)
		}
		return normal
	}
	return value
}

// takeOwner removes the reference to the owner that Spark gives every object but the pod.
func takeOwner(object map[string]any) error {
	metadata, _ := object["metadata"].(map[string]any)
	delete(metadata, "creationTimestamp")
	owners, ok := metadata["ownerReferences"].([]any)
	if !ok {
		return nil
	}
	if len(owners) != 1 {
		return fmt.Errorf("normalise object: it has %d owners", len(owners))
	}
	owner, _ := owners[0].(map[string]any)
	want := map[string]any{"apiVersion": "v1", "kind": "Pod", "name": owner["name"], "uid": owner["uid"], "controller": true}
	if !reflect.DeepEqual(owner, want) || owner["name"] == "" || owner["uid"] == "" {
		return fmt.Errorf("normalise object: its owner is %v", owner)
	}
	delete(metadata, "ownerReferences")
	return nil
}
