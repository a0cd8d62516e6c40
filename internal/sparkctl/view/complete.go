// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"strings"
	"time"
	"unicode"
)

// Completions are the names that complete what somebody has begun to write, the newest application's first: [Latest], those
// of driver pods and, where no pod is called so, application IDs, run keys, SparkApplications and the names of applications. Behind a
// tab stands what each names. With prefixed, every name begins with its namespace.
func Completions(begun string, standing []Application, prefixed bool, now time.Time) []string {
	standing = append([]Application{}, standing...)
	List{standing}.Sort("age", false, now)
	completions := completed(begun, standing, prefixed, func(a Application) []string { return []string{a.Name} }, now)
	if !prefixed && len(standing) > 0 && strings.HasPrefix(Latest, begun) {
		completions = append([]string{Latest + "\t" + standing[0].Name}, completions...)
	}
	if len(completions) > 0 {
		return completions
	}
	return completed(begun, standing, prefixed, func(a Application) []string {
		return []string{a.ApplicationID, a.RunKey, a.Resource, a.ApplicationName}
	}, now)
}

// completed are the names of applications that begin so, each once.
func completed(begun string, standing []Application, prefixed bool, names func(Application) []string, now time.Time) []string {
	var found []string
	seen := map[string]bool{}
	for _, a := range standing {
		for _, name := range names(a) {
			if name == "" || strings.ContainsFunc(name, unwritable) {
				continue
			}
			if prefixed {
				name = a.Namespace + "/" + name
			}
			if seen[name] || !strings.HasPrefix(name, begun) {
				continue
			}
			seen[name] = true
			found = append(found, name+"\t"+string(a.State)+", "+since(parseTime(a.Created), now))
		}
	}
	return found
}

// unwritable reports whether a shell would take a name with r for something else.
func unwritable(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
