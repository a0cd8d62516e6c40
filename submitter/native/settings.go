// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/secret"
)

// settings is a configuration that is read as Spark reads it (Spark: SparkConf, internal/config/ConfigEntry). The first mistake
// that is met is kept, so that a step can read all it needs and ask once.
type settings struct {
	values map[string]string
	// env is the launcher's environment.
	env map[string]string
	// wrong is the first mistake, a *problem.Error.
	wrong error
}

// refuse keeps a mistake of the user's, if it is the first.
func (s *settings) refuse(hint, format string, args ...any) {
	if s.wrong == nil {
		s.wrong = problem.Usage(hint, format, args...)
	}
}

// told is a value as an error may tell it: not, where Spark would not either (spark.redaction.regex).
func (s *settings) told(key, value string) string {
	if secret.With(s.values["spark.redaction.regex"]).Named(key) {
		return secret.Masked
	}
	return strconv.Quote(secret.Mask(value))
}

// raw is a value as it was given (Spark: SparkConf.getOption by key).
func (s *settings) raw(key string) (string, bool) {
	if value, ok := s.values[key]; ok {
		return value, true
	}
	value, ok := s.values[formerly(key)]
	return value, ok
}

// formerly is the key that another had, and that still counts where the new one is not set (Spark: SparkConf.configsWithAlternatives).
func formerly(key string) string {
	switch key {
	case confMemoryOverhead:
		return "spark.yarn.driver.memoryOverhead"
	case confKeytab:
		return "spark.yarn.keytab"
	case confPrincipal:
		return "spark.yarn.principal"
	default:
		return ""
	}
}

// text is a value with references in it resolved, or otherwise (Spark: SparkConf.get by ConfigEntry).
func (s *settings) text(key, otherwise string) string {
	if value, ok := s.raw(key); ok {
		return s.resolve(value, 0)
	}
	return otherwise
}

// has reports whether the key is set.
func (s *settings) has(key string) bool {
	_, ok := s.raw(key)
	return ok
}

// maxDepth is how far references may refer to references; more are a circle.
const maxDepth = 8

// resolve replaces ${spark.key} and ${env:NAME}; what names nothing stays (Spark: internal/config/ConfigReader).
func (s *settings) resolve(value string, depth int) string {
	if !strings.Contains(value, "${") {
		return value
	}
	if depth > maxDepth {
		s.refuse("write the value itself", "a value of the configuration refers to itself with ${...}")
		return value
	}
	return regexp.MustCompile(`\$\{(?:(\w+?):)?(\S+?)\}`).ReplaceAllStringFunc(value, func(reference string) string {
		prefix, name, found := strings.Cut(reference[2:len(reference)-1], ":")
		if !found {
			prefix, name = "", prefix
		}
		var referred string
		ok := false
		switch {
		case (prefix == "" || prefix == "spark") && strings.HasPrefix(name, "spark."):
			referred, ok = s.values[name]
		case prefix == "env":
			referred, ok = s.env[name]
		}
		if !ok {
			return reference
		}
		return s.resolve(referred, depth+1)
	})
}

// whole is a whole number.
func (s *settings) whole(key string, otherwise int) int {
	text, ok := s.raw(key)
	if !ok {
		return otherwise
	}
	number, err := strconv.ParseInt(strings.TrimSpace(s.resolve(text, 0)), 10, 32)
	if err != nil {
		s.refuse("give a whole number", "%s is %s, which is no whole number", key, s.told(key, text))
	}
	return int(number)
}

// port is a port's number.
func (s *settings) port(key string, otherwise int) int32 {
	number := s.whole(key, otherwise)
	if s.wrong == nil && (number < 0 || number > 65535) {
		s.refuse("give one from 1 to 65535", "%s is %d, which is no port", key, number)
	}
	return int32(number)
}

// flag is true or false.
func (s *settings) flag(key string, otherwise bool) bool {
	text, ok := s.raw(key)
	if !ok {
		return otherwise
	}
	value := strings.ToLower(strings.TrimSpace(s.resolve(text, 0)))
	if value != "true" && value != "false" {
		s.refuse("give true or false", "%s is %s, which is neither true nor false", key, s.told(key, text))
	}
	return value == "true"
}

// factor is a number with a fraction.
func (s *settings) factor(key string, otherwise float64) float64 {
	text, ok := s.raw(key)
	if !ok {
		return otherwise
	}
	number, err := strconv.ParseFloat(strings.TrimSpace(s.resolve(text, 0)), 64)
	if err != nil {
		s.refuse("give a number such as 0.1", "%s is %s, which is no number", key, s.told(key, text))
	}
	return number
}

// list is a value split at its commas, without blanks and empty parts (Spark: Utils.stringToSeq).
func (s *settings) list(key string) []string {
	return split(s.text(key, ""))
}

// under is what stands below a prefix, by what follows it (Spark: SparkConf.getAllWithPrefix). Values are as they were given.
func (s *settings) under(prefix string) map[string]string { return below(s.values, prefix) }

// below is what stands below a prefix, by what follows it; never nil.
func below(all map[string]string, prefix string) map[string]string {
	found := map[string]string{}
	for key, value := range all {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			found[rest] = value
		}
	}
	return found
}

// sorted is the order in which we walk a map: Spark walks its own in the order of Java's hashes.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// choice is one of a few words, the first of them if none is given.
func (s *settings) choice(key string, words ...string) string {
	word := s.text(key, words[0])
	if !slices.Contains(words, word) {
		s.refuse("give "+strings.Join(words, ", or "), "%s is %s", key, s.told(key, word))
	}
	return word
}

// quantity reads an amount as Kubernetes writes it, such as 500m or 2.
func (s *settings) quantity(key, text string) resource.Quantity {
	amount, err := resource.ParseQuantity(text)
	if err != nil {
		s.refuse("give it as Kubernetes does, such as 500m or 2", "%s is %s, which is no amount", key, s.told(key, text))
	}
	return amount
}
