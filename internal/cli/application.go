// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
)

// completed is an application with what stands in the files that its options name, in Spark's own and in the environment, checked.
func completed(env Env, home string, app submitter.Application) (submitter.Application, error) {
	app, err := withProperties(env, home, app)
	if err != nil {
		return app, err
	}
	if app, err = app.WithEnvironment(env.Getenv); err != nil {
		return app, err
	}
	return app, app.Check()
}

// withProperties adds the properties that spark-submit will read from files: those that
// the options name, and spark-defaults.conf unless --properties-file stands in for it.
func withProperties(env Env, home string, app submitter.Application) (submitter.Application, error) {
	for _, path := range app.PropertiesFiles() {
		text, err := os.ReadFile(path)
		if err != nil {
			return app, problem.Usage("check the path given to --properties-file or --extra-properties-file", "read properties: %w", err)
		}
		if app, err = withText(app, path, text); err != nil {
			return app, err
		}
	}
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
