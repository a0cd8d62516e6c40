// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/submitter"
)

// Cross makes a list of its own of some of the cases that the spark-submit of that version accepted: the main file of one, and the
// options, the environment and the files of two to four, in a random order. Most of what it makes nobody has thought of; part of it is
// nonsense, which both have to refuse.
func Cross(random *rand.Rand, cases []Case, name string) (Case, error) {
	crossed := Case{Name: name, Files: map[string]string{}}
	var sentences []string
	for _, i := range random.Perm(len(cases))[:2+random.IntN(3)] {
		c := cases[i]
		app, err := submitter.ParseArguments(c.Argv)
		if err != nil {
			return crossed, fmt.Errorf("case %s: %w", c.Name, err)
		}
		end := append([]string{app.MainFile}, app.Arguments...)
		if app.MainFile == "" {
			end = nil
		}
		options := c.Argv[:len(c.Argv)-len(end)]
		switch {
		case crossed.Argv == nil:
			crossed.Argv = slices.Clone(c.Argv)
		case !crossed.fits(c):
			continue
		default:
			crossed.Argv = append(slices.Clone(options), crossed.Argv...)
		}
		sentences = append(sentences, c.Name)
		crossed.Env = append(crossed.Env, c.Env...)
		maps.Copy(crossed.Files, c.Files)
	}
	crossed.Sentence = strings.Join(sentences, " x ")
	return crossed, nil
}

// fits reports whether files and variables of another case do not contradict those of c.
func (c Case) fits(other Case) bool {
	for name, text := range other.Files {
		if mine, there := c.Files[name]; there && mine != text {
			return false
		}
	}
	for _, variable := range other.Env {
		name, _, _ := strings.Cut(variable, "=")
		if slices.ContainsFunc(c.Env, func(mine string) bool { return strings.HasPrefix(mine, name+"=") && mine != variable }) {
			return false
		}
	}
	return c.TLS() == other.TLS()
}
