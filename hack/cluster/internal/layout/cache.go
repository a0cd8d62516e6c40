// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package layout

import "path/filepath"

// Cache is the folder below the user's cache in which everything that took long
// to make is kept by its version. Removing it costs time and nothing else.
type Cache struct{ Root string }

// NewCache places the cache as the XDG base directory specification says.
func NewCache(xdgCacheHome, home string) Cache {
	if xdgCacheHome == "" || !filepath.IsAbs(xdgCacheHome) {
		xdgCacheHome = filepath.Join(home, ".cache")
	}
	return Cache{Root: filepath.Join(xdgCacheHome, "sparkctl")}
}

// Bin holds one folder for each program and content of its sources.
func (c Cache) Bin(elem ...string) string { return c.join("bin", elem) }

// Log is the log of something that is built.
func (c Cache) Log(name string) string { return c.join("logs", []string{name + ".log"}) }

// Lock is a file to lock while name is worked on.
func (c Cache) Lock(name string) string { return c.join("locks", []string{name}) }

// Spark holds the root file system and one folder for each version of Spark.
func (c Cache) Spark(elem ...string) string { return c.join("spark", elem) }

func (c Cache) join(first string, elem []string) string {
	return filepath.Join(append([]string{c.Root, first}, elem...)...)
}
