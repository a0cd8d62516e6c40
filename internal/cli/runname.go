// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"crypto/rand"
	"os"
	"time"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// runFlags say which run is meant, and what is done about what stands of it.
type runFlags struct {
	naming                submitter.Naming
	onActive, onSucceeded string
	replaceFinished       bool
	force                 bool
	patience              time.Duration
}

func (f *runFlags) add(flags *flagSet) {
	flags.StringVar(&f.naming.Key, "run-key", "", "name of this run; the same key is the same run, and has at most one driver. Without it the pod's labels, annotations and owner are asked: Airflow, Argo, Tekton, Job")
	flags.StringVar(&f.naming.Generation, "generation", "", "which intention for that run key this is: a number that a retry keeps and a deliberate new run raises (Airflow: {{ ti.max_tries }})")
	flags.StringVar(&f.naming.Step, "step", "", "name of this submission where one task submits more than once; added to the run key")
	flags.StringVar(&f.naming.Scope, "run-key-scope", "", "name of the orchestrator where two share a namespace; put before the run key")
	flags.StringVar(&f.onActive, "on-active", string(submitter.ActiveAuto), "what becomes of a driver of this run that is active: adopt, replace, fail, or auto (adopt it if it runs the same application, else fail)")
	flags.StringVar(&f.onSucceeded, "on-succeeded", string(submitter.SucceededAuto), "what becomes of a success of this run: reuse, rerun, or auto (reuse it if it is of the same application, else fail; rerun where the key comes from Airflow's labels and no generation is known)")
	flags.BoolVar(&f.replaceFinished, "replace-finished", false, "remove the ended driver of another run that has the name which spark.kubernetes.driver.pod.name fixes")
	flags.BoolVar(&f.force, "force", false, "remove a driver of this run from the API that was deleted and does not end, as on a node that is cut off; it may still run there")
	flags.DurationVar(&f.patience, "patience", 2*time.Minute, "how long another launcher of this run may take to complete a driver that it has announced")
}

// policy reads what is to be done about what stands.
func (f *runFlags) policy() (submitter.Policy, error) {
	p := submitter.Policy{ReplaceFinished: f.replaceFinished, Force: f.force}
	var err error
	if p.OnActive, err = submitter.ParseOnActive(f.onActive); err != nil {
		return p, problem.Usage("give auto, adopt, replace or fail", "--on-active: %w", err)
	}
	if p.OnSucceeded, err = submitter.ParseOnSucceeded(f.onSucceeded); err != nil {
		return p, problem.Usage("give auto, reuse or rerun", "--on-succeeded: %w", err)
	}
	if f.patience < 0 {
		return p, problem.Usage("give a length of time such as 90s", "--patience %s is negative", f.patience)
	}
	return p, nil
}

// name gives the run its name, tells where it comes from and what it protects, and makes the plan.
func (l *Launch) name(ctx context.Context) error {
	flags := l.run
	found, known := submitter.FindRun(flags.naming, nil)
	if !known {
		var err error
		if found, err = l.findName(ctx); err != nil {
			return err
		}
	}
	l.found = found
	if found.Source == submitter.SourceAirflow && found.Generation == "" && l.policy.OnSucceeded == submitter.SucceededAuto {
		l.policy.OnSucceeded = submitter.SucceededRerun
	}
	const told = "at most one driver of this run at a time"
	attrs := []any{"run_key", found.Key, "generation", found.Generation}
	if found.Source.Whole() || found.Source == submitter.SourceAirflow && found.Generation != "" {
		l.log.Info(told, append(attrs, "source", string(found.Source), "protects", found.Source.Protects())...)
	} else {
		l.log.Warn(told, append(attrs, "source", string(found.Source), "protects", found.Source.Protects())...)
	}
	var err error
	l.plan, err = l.planFor(found.Run)
	return err
}

// findName asks the surroundings for the run's name.
func (l *Launch) findName(ctx context.Context) (submitter.Found, error) {
	own := l.own.read(ctx, l.client)
	if own != nil {
		l.own.uid = string(own.UID)
	}
	if found, known := submitter.FindRun(l.run.naming, own); known {
		return found, nil
	}
	if l.own.uid != "" && os.Getpid() == 1 {
		return submitter.PodRun(l.run.naming, l.own.uid, l.job.Application), nil
	}
	var random [6]byte
	if _, err := rand.Read(random[:]); err != nil {
		return submitter.Found{}, problem.New(xcom.ExitRetry, xcom.CategoryUnknown, "NoRandomness", "give --run-key", "make a run key: %w", err)
	}
	return submitter.RandomRun(l.run.naming, l.job.Application, random), nil
}
