// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sparkctl/sparkctl/test/golden"
)

// crossAll compares native with a live spark-submit of each version for n lists that nobody has recorded.
func (r *recorder) crossAll(ctx context.Context, cases []golden.Case, n int, seed uint64) error {
	var todo []job
	for version := range r.homes {
		accepted, err := accepted(cases, version)
		if err != nil {
			return err
		}
		for i := range uint64(n) {
			c, err := golden.Cross(rand.New(rand.NewPCG(seed+i, 0)), accepted, fmt.Sprintf("seed-%d", seed+i))
			if err != nil {
				return err
			}
			todo = append(todo, job{c, version})
		}
	}
	return r.all(ctx, todo, r.compare)
}

// accepted are the cases that the spark-submit of a version made objects for, and that native does not treat in another way on purpose.
func accepted(cases []golden.Case, version string) ([]golden.Case, error) {
	var chosen []golden.Case
	for _, c := range cases {
		recording, err := golden.ReadGolden(goldenDir, c.Name)
		if err != nil {
			return nil, err
		}
		parts := recording.Of(version)
		if parts == nil || parts[0].Role == golden.Refused || golden.DiffersOnPurpose(c) {
			continue
		}
		chosen = append(chosen, c)
	}
	if len(chosen) < 4 {
		return nil, fmt.Errorf("of the cases that were named, %d were accepted by Spark %s, and it takes 4 to cross", len(chosen), version)
	}
	return chosen, nil
}

// compare compares one list.
func (r *recorder) compare(ctx context.Context, j job) {
	did, err := r.record(ctx, j)
	var differences []string
	if err == nil {
		live := golden.New("")
		live.Set(j.version, did)
		differences = golden.Compare(j.c.At(golden.Server, golden.Work), j.version, live.Of(j.version))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && differences != nil {
		err = fmt.Errorf("native is not spark-submit %s; the list %q:\n%s", j.version, j.c.Argv, strings.Join(differences, "\n"))
	}
	if err != nil {
		r.failed = append(r.failed, fmt.Errorf("%s (%s): %w", j.c.Name, j.c.Sentence, err))
	}
	fmt.Fprintf(r.say, "record: %s %s, %d objects or a refusal, %d differences: %s\n", j.version, j.c.Name, len(did), len(differences), j.c.Sentence)
}
