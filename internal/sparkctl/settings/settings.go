// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package settings decides what a person's defaults are: a flag weighs more than the environment, that more than the
// config file ([Parse]), and that more than what is built in ([Resolve]). Each setting knows where it came from.
// It is pure: the file is read and the flags are parsed elsewhere.
package settings

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// Keys of the settings: what a flag, and a key of the config file, is called.
const (
	Namespace      = "namespace"
	Context        = "context"
	Image          = "image"
	ServiceAccount = "service-account"
	Engine         = "engine"
	SparkVersion   = "spark-version"
)

// Conf is the key of the config file that holds Spark's keys. They have no flag and no variable of their own.
const Conf = "conf"

// Keys are all keys of single settings, in the order in which they are shown.
func Keys() []string {
	return []string{Namespace, Context, Image, ServiceAccount, Engine, SparkVersion}
}

// Meaning says what a setting is, for those who write about it.
func Meaning(key string) string {
	return map[string]string{
		Namespace:      "namespace of the drivers",
		Context:        "context in the kubeconfig; it does not count where --kubeconfig names another file",
		Image:          "image of driver and executors (spark.kubernetes.container.image)",
		ServiceAccount: "ServiceAccount of the driver (spark.kubernetes.authenticate.driver.serviceAccountName)",
		Engine:         "what makes the driver: auto, native or spark-submit",
		SparkVersion:   "version of Spark in the image, where its tag does not say it",
		Conf:           "keys of Spark that a submission gets which does not have them, as from spark-defaults.conf",
	}[key]
}

// Source is a kind of place that settings come from.
type Source string

// The sources, from the one that weighs most to the one that weighs least, and none.
const (
	FromFlag        Source = "flag"
	FromEnvironment Source = "environment"
	FromFile        Source = "file"
	FromKubeconfig  Source = "kubeconfig"
	BuiltIn         Source = "built-in"
	NotSet          Source = "not set"
)

// Setting is a value and where it came from.
type Setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source Source `json:"source"`
	// From is the flag, the variable, or the file.
	From string `json:"from,omitempty"`
}

// Settings are all of them.
type Settings struct {
	single map[string]Setting
	conf   map[string]string
	file   string
}

// Given are the settings that one place gives, by their keys; what is empty is not given. From names where exactly a
// key is given there.
type Given struct {
	Values map[string]string
	From   func(key string) string
}

// Resolve decides. What the environment gives is checked; a flag is by its own command. Every error is a
// [*problem.Error] with exit code 2.
func Resolve(flags, environment Given, file File) (Settings, error) {
	s := Settings{single: map[string]Setting{}, conf: file.Conf, file: file.Path}
	for _, key := range Keys() {
		switch {
		case flags.Values[key] != "":
			s.single[key] = Setting{key, flags.Values[key], FromFlag, flags.From(key)}
		case environment.Values[key] != "":
			if wrong := check(key, environment.Values[key]); wrong != nil {
				return Settings{}, problem.Usage(wrong.hint, "environment variable %s: %s", environment.From(key), wrong.text)
			}
			s.single[key] = Setting{key, environment.Values[key], FromEnvironment, environment.From(key)}
		case file.Values[key] != "":
			s.single[key] = Setting{key, file.Values[key], FromFile, file.Path}
		case builtIn(key) != "":
			s.single[key] = Setting{Key: key, Value: builtIn(key), Source: BuiltIn}
		default:
			s.single[key] = Setting{Key: key, Source: NotSet}
		}
	}
	return s, nil
}

// builtIn is what holds where nobody says anything; empty means that nothing does.
func builtIn(key string) string {
	if key == Engine {
		return "auto"
	}
	return ""
}

// Get is a single setting.
func (s Settings) Get(key string) Setting { return s.single[key] }

// Conf are Spark's keys of the config file. The map is the caller's own.
func (s Settings) Conf() map[string]string { return maps.Clone(s.conf) }

// Otherwise is s with a value for a key that nobody gives.
func (s Settings) Otherwise(key, value string, source Source, from string) Settings {
	if value == "" || s.single[key].Source != NotSet {
		return s
	}
	s.single = maps.Clone(s.single)
	s.single[key] = Setting{key, value, source, from}
	return s
}

// All are all settings: the single ones, and Spark's keys by their names behind [Conf] and a dot.
func (s Settings) All() []Setting {
	var all []Setting
	for _, key := range Keys() {
		all = append(all, s.single[key])
	}
	for _, key := range slices.Sorted(maps.Keys(s.conf)) {
		all = append(all, Setting{Conf + "." + key, s.conf[key], FromFile, s.file})
	}
	return all
}

// isSparks reports whether a key is one of Spark's.
func isSparks(key string) bool { return strings.HasPrefix(key, "spark.") }
