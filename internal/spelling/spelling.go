// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package spelling guesses what somebody meant who wrote a word that is not known: [Nearest].
package spelling

import "math"

// Nearest is the known word that is the fewest letters away; ok is false where none is near enough to be meant.
func Nearest(word string, known []string) (nearest string, ok bool) {
	distance := math.MaxInt
	for _, k := range known {
		if d := edits(word, k); d < distance {
			nearest, distance = k, d
		}
	}
	return nearest, distance <= 1+len(word)/4
}

// edits is Levenshtein's distance: how many letters to add, drop or change to make b of a.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
