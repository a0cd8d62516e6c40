// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// followOptions say whether and how what was submitted is followed.
type followOptions struct {
	wait, logs bool
	timeout    time.Duration
	stuck      time.Duration
	onCancel   string
}

func (o *followOptions) add(flags *pflag.FlagSet) {
	flags.BoolVar(&o.wait, "wait", false, "wait for the end, and end with the exit code that tells how")
	flags.BoolVar(&o.logs, "follow-logs", false, "copy the driver's log to standard error; implies --wait")
	flags.DurationVar(&o.timeout, "timeout", 0, "with --wait: how long to wait; 0 is for ever. When it is over the exit code is 84, and the applications go on")
	flags.DurationVar(&o.stuck, "stuck-timeout", 2*time.Minute, "with --wait: how long a driver may wait for what does not come by itself, such as an image or a Secret that is not there; 0 is for ever")
	flags.StringVar(&o.onCancel, "on-cancel", string(sensor.CancelLeave), "what becomes of the drivers when the wait is interrupted, by Ctrl-C or SIGTERM: leave or kill")
}

// check refuses values that mean nothing.
func (o *followOptions) check() error {
	if o.timeout < 0 || o.stuck < 0 {
		return problem.Usage("give a length of time such as 90s or 2h", "--timeout and --stuck-timeout cannot be negative")
	}
	if o.onCancel != string(sensor.CancelLeave) && o.onCancel != string(sensor.CancelKill) {
		return problem.Usage("give --on-cancel=leave or --on-cancel=kill", "--on-cancel: %q is not known", o.onCancel)
	}
	o.wait = o.wait || o.logs
	if o.timeout > 0 && !o.wait {
		return problem.Usage("give --wait too", "--timeout bounds the waiting, and there is none")
	}
	return nil
}

// all follows what was submitted to its end, all at the same time.
func (o *followOptions) all(ctx context.Context, env cli.Env, all []*submitted) {
	// The log of this program is known to be one.
	log, err := cli.Log(env, "sparkctl")
	if err != nil {
		return
	}
	if o.timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, o.timeout)
		defer stop()
	}
	var group sync.WaitGroup
	for _, s := range all {
		options := cli.FollowOptions{Log: log, Logs: o.logs, Several: len(all) > 1, Stuck: o.stuck, Kill: o.onCancel == string(sensor.CancelKill)}
		if len(all) > 1 {
			options.Prefix = s.view.Name + " | "
		}
		group.Go(func() {
			f := s.launch.Follow(ctx, s.outcome, options)
			s.code, s.left = f.Code, f.Left
			if f.Pod != nil && f.Verdict.State != "" {
				s.view = view.Judged(f.Pod, nil, f.Verdict, time.Now())
			}
		})
	}
	group.Wait()
}

// end is how the program ends when what was submitted has been followed.
func (o *followOptions) end(ctx context.Context, all []*submitted) error {
	code, names := xcom.ExitOK, []string{}
	for _, s := range all {
		if s.left {
			names = append(names, s.view.FullName())
		} else if code == xcom.ExitOK {
			code = s.code
		}
	}
	onward := "go on with: sparkctl wait " + strings.Join(names, " ") + "; end with: sparkctl kill " + strings.Join(names, " ")
	switch {
	case len(names) > 0 && ctx.Err() != nil:
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", onward, "stopped waiting (%w); %s", context.Cause(ctx), goesOn(names))
	case len(names) > 0 && code == xcom.ExitOK:
		return problem.New(xcom.ExitDeadline, xcom.CategoryDeadline, "Timeout", onward, "not ended within %s; %s", o.timeout, goesOn(names))
	case len(all) == 1 && all[0].view.Cause != nil && code != xcom.ExitOK:
		return &problem.Error{Code: code, Cause: *all[0].view.Cause, Err: errors.New(all[0].view.Cause.Message)}
	default:
		return cli.Ended(code)
	}
}

// goesOn says what was left running.
func goesOn(names []string) string {
	if len(names) == 1 {
		return names[0] + " goes on"
	}
	return strings.Join(names, ", ") + " go on"
}
