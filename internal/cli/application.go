// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"errors"
	"os"
	"syscall"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
)

// readApplication reads what is to be run from spark-submit's arguments and the files they
// stand on, and checks it.
func readApplication(env Env, home string, argv []string) (submitter.Application, error) {
	app, err := submitter.ParseArguments(argv)
	if err != nil {
		return app, err
	}
	if app, err = withProperties(env, home, app); err != nil {
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
			return app, problem.Usage("check the path given to --properties-file", "read properties: %w", err)
		}
		app = app.WithProperties(submitter.ParseProperties(string(text)))
	}
	_, named := app.Option("--properties-file")
	if _, both := app.Option("--load-spark-defaults"); named && !both {
		return app, nil
	}
	dir := env.Getenv("SPARK_CONF_DIR")
	if dir == "" {
		dir = home + "/conf"
	}
	text, err := os.ReadFile(dir + "/spark-defaults.conf")
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return app, problem.Usage("make it readable for the user we run as", "read properties: %w", err)
	}
	return app.WithProperties(submitter.ParseProperties(string(text))), nil
}
