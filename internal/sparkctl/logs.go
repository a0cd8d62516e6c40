// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// logOptions are what logs is asked for.
type logOptions struct {
	look                     lookFlags
	follow, driverOnly       bool
	executors                []string
	container                string
	since                    cli.Age
	tail                     int64
	grep, include, exclude   []string
	previous, timestamps     bool
	output                   string
	requests                 int
	apiTimeout               time.Duration
	filter                   view.LogFilter
	wantDriver, allExecutors bool
	numbers                  []int
}

func newLogsCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := logOptions{look: lookFlags{cluster: cluster}}
	cmd := &cobra.Command{
		Use: "logs APP", Aliases: []string{"log"}, Short: "Print the logs of driver and executors", Args: oneApplication,
		Long: `Print the logs of an application's driver and executors, what is there already in the order of time, each line behind the name
of who wrote it: driver, exec-1, exec-2, ... One that is asked for alone has no name before its lines.

As kubectl logs does, and as a script expects that reads a log, it ends with what is there; -f follows. Then executors are
picked up as they come and go, broken connections come back without a line lost or doubled, and it ends when the application has ended
and everything has been printed. The exit code is 0 however the application ended (sparkctl wait tells that), and 86 after Ctrl-C.

--grep, --include and --exclude are regular expressions over lines (https://golang.org/s/re2syntax), not over pods. Nothing in a
log is masked: it is shown as it was written, but on a terminal what would move the cursor is shown as a dot.

` + naming,
		Example: `  sparkctl logs @latest -f

  # what the second executor said in the last ten minutes
  sparkctl logs pi-driver --executor 2 --since 10m

  # errors of all, with what is known of each line, for a program
  sparkctl logs daily/sales --grep ERROR -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.parse(); err != nil {
				return err
			}
			return o.run(cmd.Context(), env, args[0])
		},
	}
	o.look.addWhere(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&o.follow, "follow", "f", false, "go on until the application has ended")
	flags.StringSliceVar(&o.executors, "executor", nil, "which executors: all, beside the driver, which is the default; none; or numbers such as 3 or 1,4: these alone")
	flags.BoolVar(&o.driverOnly, "driver-only", false, "the driver alone: the same as --executor none")
	flags.StringVarP(&o.container, "container", "c", "", "this container of the pods that have it, in place of Spark's own")
	flags.Var(&o.since, "since", "only what is younger than this, such as 10m or 2d; 0 means of any age")
	flags.Int64Var(&o.tail, "tail", -1, "begin with so many of the last lines of each log; -1 means all")
	flags.StringArrayVar(&o.grep, "grep", nil, "only lines in which this regular expression is found, which a terminal shows in red; of several, all must be found")
	flags.StringArrayVar(&o.include, "include", nil, "only lines in which this regular expression is found; of several, one is enough")
	flags.StringArrayVar(&o.exclude, "exclude", nil, "no lines in which this regular expression is found; of several, one is enough")
	flags.BoolVarP(&o.previous, "previous", "p", false, "the logs of the containers' lives before their last restart")
	flags.BoolVar(&o.timestamps, "timestamps", false, "the time before each line, as the kubelet dates it, in UTC")
	flags.StringVarP(&o.output, "output", "o", "text", "how to write it: text, or json for an object a line")
	flags.IntVar(&o.requests, "max-log-requests", 100, "how many logs are read at the same time, at most")
	addAPITimeout(flags, &o.apiTimeout, " while it follows")
	return cmd
}

// parse checks the flags.
func (o *logOptions) parse() error {
	switch {
	case o.output != "text" && o.output != "json":
		return problem.Usage("give -o text or -o json", "--output: %q is not known", o.output)
	case o.tail < -1:
		return problem.Usage("give a number of lines, or -1 for all", "--tail %d is negative", o.tail)
	case o.requests < 1:
		return problem.Usage("give a number such as 100", "--max-log-requests %d reads nothing", o.requests)
	case o.follow && o.previous:
		return problem.Usage("leave out --follow", "--follow and --previous exclude each other: an earlier life has ended")
	case o.driverOnly && len(o.executors) > 0 && !slices.Equal(o.executors, []string{"none"}):
		return problem.Usage("give one of the two", "--driver-only and --executor %s exclude each other", strings.Join(o.executors, ","))
	}
	for _, of := range []struct {
		flag  string
		texts []string
		into  *[]*regexp.Regexp
	}{{"grep", o.grep, &o.filter.Grep}, {"include", o.include, &o.filter.Include}, {"exclude", o.exclude, &o.filter.Exclude}} {
		for _, text := range of.texts {
			e, err := regexp.Compile(text)
			if err != nil {
				return problem.Usage(`a character that means itself wants a backslash before it, such as \[; (?i) at the start takes capitals and small letters for the same`, "--%s: %w", of.flag, err)
			}
			*of.into = append(*of.into, e)
		}
	}
	return o.parseExecutors()
}

// parseExecutors reads --executor and --driver-only.
func (o *logOptions) parseExecutors() error {
	o.wantDriver = true
	switch {
	case o.driverOnly, slices.Equal(o.executors, []string{"none"}):
		return nil
	case len(o.executors) == 0, slices.Equal(o.executors, []string{"all"}):
		o.allExecutors = true
		return nil
	}
	o.wantDriver = false
	for _, text := range o.executors {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return problem.Usage("give all, none, or numbers such as 1,4: sparkctl status APP shows them", "--executor: %q is no number of an executor", text)
		}
		o.numbers = append(o.numbers, n)
	}
	return nil
}

// wants reports whether the log of an executor is asked for.
func (o *logOptions) wants(executor int) bool {
	return o.allExecutors || slices.Contains(o.numbers, executor)
}

// alone reports whether one log is asked for, so that nobody need be told who wrote a line.
func (o *logOptions) alone() bool {
	return o.wantDriver && !o.allExecutors || !o.wantDriver && len(o.numbers) == 1
}

// form is how lines are written.
func (o *logOptions) form(env cli.Env) view.LogFormat {
	f := view.LogFormat{
		JSON: o.output == "json", Prefix: !o.alone(), Width: len("exec-10"), Timestamps: o.timestamps, Terminal: terminal(env), Colours: coloured(env),
	}
	if len(o.grep) > 0 {
		// Each of them has been compiled alone.
		f.Mark = regexp.MustCompile("(?:" + strings.Join(o.grep, ")|(?:") + ")")
	}
	return f
}

func (o *logOptions) run(ctx context.Context, env cli.Env, name string) error {
	l, err := o.look.look(env)
	if err != nil {
		return err
	}
	log, err := cli.Log(env, "sparkctl")
	if err != nil {
		return err
	}
	pod, err := l.find(ctx, name)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := newLogReading(l, o, log, pod, newLogWriter(env.Stdout, o.form(env), o.filter, stop))
	return cmp.Or(r.run(ctx), r.out.flush())
}
