// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
)

// completed is an application with what stands in the files that its options name, in Spark's own and in the environment, checked.
// defaults are keys that it gets where neither its options nor the files that these name say anything: they weigh more than Spark's own
// file, and become options, so that any engine and any later reader sees them.
func completed(env Env, home string, app submitter.Application, defaults map[string]string) (submitter.Application, error) {
	app, err := withNamed(app)
	if err != nil {
		return app, err
	}
	app = withDefaults(app, defaults)
	if app, err = withSparks(env, home, app); err != nil {
		return app, err
	}
	if app, err = app.WithEnvironment(env.Getenv); err != nil {
		return app, err
	}
	return app, app.Check()
}

// withDefaults adds keys that are not set, as options.
func withDefaults(app submitter.Application, defaults map[string]string) submitter.Application {
	with := map[string]string{}
	app.Options = slices.Clip(app.Options)
	for _, key := range slices.Sorted(maps.Keys(defaults)) {
		if _, set := app.Conf[key]; !set {
			with[key] = defaults[key]
			app.Options = append(app.Options, submitter.Option{Name: "--conf", Value: key + "=" + defaults[key]})
		}
	}
	return app.WithProperties(with)
}

// withNamed adds the properties of the files that the options name.
func withNamed(app submitter.Application) (submitter.Application, error) {
	for _, path := range app.PropertiesFiles() {
		text, err := os.ReadFile(path)
		if err != nil {
			return app, problem.Usage("check the path given to --properties-file or --extra-properties-file", "read properties: %w", err)
		}
		if app, err = withText(app, path, text); err != nil {
			return app, err
		}
	}
	return app, nil
}

// withSparks adds the properties of spark-defaults.conf, unless --properties-file stands in for it.
func withSparks(env Env, home string, app submitter.Application) (submitter.Application, error) {
	dir := sparkConfDir(env, home)
	if dir == "" || !app.ReadsDefaults() {
		return app, nil
	}
	path := filepath.Join(dir, "spark-defaults.conf")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return app, problem.Usage("make it readable for the user we run as", "read properties: %w", err)
	}
	return withText(app, path, text)
}

// withText adds the properties in the text of a file.
func withText(app submitter.Application, path string, text []byte) (submitter.Application, error) {
	if err := submitter.CheckProperties(string(text)); err != nil {
		return app, fmt.Errorf("read properties of %s: %w", path, err)
	}
	return app.WithProperties(submitter.ParseProperties(string(text))), nil
}
