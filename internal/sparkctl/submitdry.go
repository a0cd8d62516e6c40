// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"fmt"
	"strings"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl/render"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// showClient shows what would be made; nothing is sent.
func (o *submitOptions) showClient(env cli.Env, launches []*cli.Launch) error {
	var documents []render.Document
	for _, l := range launches {
		objects, err := l.Objects(l.Plan(), cli.Sample())
		if err != nil {
			return aboutLaunch(launches, l, err)
		}
		more, err := masked(objects, l)
		if err != nil {
			return err
		}
		documents = append(documents, more...)
	}
	return o.writeDry(env, documents, "client dry run")
}

// showServer has the API server check what would be made, and shows it.
func (o *submitOptions) showServer(ctx context.Context, env cli.Env, launches []*cli.Launch) error {
	var documents []render.Document
	for _, l := range launches {
		objects, err := try(ctx, env, l)
		if err != nil {
			return forPeople(aboutLaunch(launches, l, err))
		}
		more, err := masked(objects, l)
		if err != nil {
			return err
		}
		documents = append(documents, more...)
	}
	return o.writeDry(env, documents, "server dry run")
}

// try sends what would be made for one run as a dry run; nothing where its driver stands there already.
func try(ctx context.Context, env cli.Env, l *cli.Launch) ([]native.Object, error) {
	next, err := l.Foresee(ctx)
	if err != nil {
		return nil, err
	}
	switch next.Verb {
	case "adopt":
		tell(env, "run %s has driver %s/%s already: it would be taken over, as %s", next.Plan.Run.Key, next.Pod.Namespace, next.Pod.Name, next.Because)
		return nil, nil
	case "wait":
		tell(env, "driver %s/%s of run %s would be waited for first, as %s", next.Pod.Namespace, next.Pod.Name, next.Plan.Run.Key, next.Because)
	}
	return l.Try(ctx, next.Plan)
}

// writeDry writes objects that were not made.
func (o *submitOptions) writeDry(env cli.Env, documents []render.Document, how string) error {
	var names []string
	for _, d := range documents {
		names = append(names, strings.ToLower(d.Kind())+"/"+d.Name())
	}
	if table, _ := o.format.Table(); table {
		for _, name := range names {
			if _, err := fmt.Fprintf(env.Stdout, "%s created (%s)\n", name, how); err != nil {
				return fmt.Errorf("write output: %w", err)
			}
		}
		return nil
	}
	if o.output == "yaml" {
		text, err := render.YAML(documents)
		if err == nil {
			_, err = env.Stdout.Write(text)
		}
		return err
	}
	return o.format.Write(env.Stdout, render.List(documents), names)
}
