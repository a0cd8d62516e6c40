// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/render"
	"github.com/sparkctl/sparkctl/submitter/manifest"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// What render can render a submission as.
const (
	asObjects     = "objects"
	asSparkSubmit = "spark-submit"
	asManifest    = "sparkapplication"
)

// renderOptions are what render is asked for.
type renderOptions struct {
	launch cli.LaunchFlags
	jobs   jobFlags
	as     string
	output string
	// compare says to compare with what stands in the cluster.
	compare bool
}

func newRenderCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := renderOptions{launch: cli.LaunchFlags{Cluster: cluster}}
	cmd := &cobra.Command{
		Use: "render {-f FILE [-- ARGUMENTS] | -- SPARK-SUBMIT-ARGUMENTS}", Short: "Show what a submission would create",
		Long: `Show what a submission would create, without creating it: the objects that the native engine makes, the arguments that spark-submit
would be given, or a SparkApplication of sparkoperator.k8s.io/v1beta2. No cluster is needed.

What each submission draws anew is the same here each time, so that renderings can be compared: the application ID and other identifiers
are zeros, times are 1970, and without --run-key so is the run's name. Values that look like secrets are masked, by Spark's names for them
and by spark.redaction.regex.`,
		Example: `  # the pod, its Service and its configuration
  sparkctl render -f etl.yaml

  # what would change since the last run
  sparkctl render -f etl.yaml --diff   # ends with 1 if something would

  # what spark-submit would be given for a SparkApplication, and the other way round
  sparkctl render -f etl.yaml --as spark-submit
  sparkctl render --as sparkapplication -- --name pi --conf spark.kubernetes.container.image=spark:4.0.1 local:///opt/spark/examples/src/main/python/pi.py`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(env, cmd, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.jobs.add(cmd)
	flags.StringVar(&o.as, "as", asObjects, "what to show: objects, spark-submit or sparkapplication")
	flags.StringVarP(&o.output, "output", "o", "", "how to write it: yaml or json; for --as spark-submit a command for a shell unless json, the list of arguments, is given")
	flags.BoolVar(&o.compare, "diff", false, "show how it differs from the latest driver of the run, of the driver pod's name, or of the application's name that stands in the cluster; the exit code is 1 where it does, 0 where not")
	flags.StringVar(&o.jobs.templates, "templates", "", "folder for the templates of pods that a SparkApplication holds, so that a command of spark-submit can name them")
	o.launch.AddRun(flags)
	o.launch.AddMaker(flags)
	return cmd
}

func (o *renderOptions) run(env cli.Env, cmd *cobra.Command, args []string) error {
	if err := setDefaults(env, cmd, &o.launch); err != nil {
		return err
	}
	switch o.as {
	case asObjects, asSparkSubmit, asManifest:
	default:
		return problem.Usage("give --as objects, spark-submit or sparkapplication", "--as: %q is not known", o.as)
	}
	switch {
	case o.compare && (o.as != asObjects || o.output != ""):
		return problem.Usage("leave --as and -o out", "--diff compares objects, and writes them in one form")
	case o.output == "", o.output == "json", o.output == "yaml" && o.as != asSparkSubmit:
	case o.as == asSparkSubmit:
		return problem.Usage("leave it out for a command, or give -o json", "--output: %q is none of the forms of a command", o.output)
	default:
		return problem.Usage("give -o yaml or -o json", "--output: %q is neither yaml nor json", o.output)
	}
	if o.jobs.templates != "" && o.as != asSparkSubmit {
		return problem.Usage("leave it out, or give --as spark-submit", "--templates is for the command of spark-submit, which names files")
	}
	jobs, err := o.jobs.read(env, cmd, args)
	if err != nil {
		return err
	}
	log, err := cli.Log(env, "sparkctl")
	if err != nil {
		return err
	}
	if o.compare {
		return o.diff(cmd.Context(), env, log, jobs)
	}
	text, err := o.render(env, log, jobs)
	if err != nil {
		return err
	}
	if _, err := env.Stdout.Write(text); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func (o *renderOptions) render(env cli.Env, log *slog.Logger, jobs []cli.Job) ([]byte, error) {
	var documents []render.Document
	var commands [][]string
	for _, job := range jobs {
		var more []render.Document
		var words []string
		var err error
		switch o.as {
		case asObjects:
			more, err = o.objects(env, log, job)
		case asManifest:
			more, err = o.manifest(env, log, job)
		default:
			words, err = o.command(env, log, job)
		}
		if err != nil {
			return nil, aboutJob(jobs, job, err)
		}
		documents, commands = append(documents, more...), append(commands, words)
	}
	switch {
	case o.as != asSparkSubmit && o.output == "json" && o.as == asManifest && len(documents) == 1:
		return render.JSON(documents[0])
	case o.as != asSparkSubmit && o.output == "json":
		return render.JSON(render.List(documents))
	case o.as != asSparkSubmit:
		return render.YAML(documents)
	case o.output == "json" && len(commands) == 1:
		return render.JSON(commands[0])
	case o.output == "json":
		return render.JSON(commands)
	}
	var lines bytes.Buffer
	for _, words := range commands {
		lines.WriteString(render.Command(append([]string{"spark-submit"}, words...)) + "\n")
	}
	return lines.Bytes(), nil
}

// objects are what would be made.
func (o *renderOptions) objects(env cli.Env, log *slog.Logger, job cli.Job) ([]render.Document, error) {
	l, err := o.launch.Launch(env, log, job, cli.Anywhere)
	if err != nil {
		return nil, err
	}
	if err := l.Name("", true); err != nil {
		return nil, err
	}
	objects, err := l.Objects(l.Plan(), cli.Sample())
	if err != nil {
		return nil, err
	}
	return masked(objects, l)
}

// masked are objects as they may be shown.
func masked(objects []native.Object, l *cli.Launch) ([]render.Document, error) {
	var documents []render.Document
	for _, object := range objects {
		d, err := render.Masked(object, l.Plan().Namespace, l.Job().Application.Secrets())
		if err != nil {
			return nil, err
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// manifest is the SparkApplication.
func (o *renderOptions) manifest(env cli.Env, log *slog.Logger, job cli.Job) ([]render.Document, error) {
	job, err := o.launch.Complete(env, log, job)
	if err != nil {
		return nil, err
	}
	s, err := job.Manifest()
	if err != nil {
		return nil, err
	}
	if s.SparkVersion, err = o.launch.SparkVersion(env, job); err != nil {
		return nil, err
	}
	rules := s.Application.Secrets()
	if s.Application, err = render.Conceal(s.Application); err != nil {
		return nil, err
	}
	for _, template := range []*[]byte{&s.DriverTemplate, &s.ExecutorTemplate} {
		if *template, err = render.Template(*template, rules); err != nil {
			return nil, problem.Usage("check the template", "mask template of a pod: %w", err)
		}
	}
	text, err := manifest.Write(s)
	if err != nil {
		return nil, err
	}
	var d render.Document
	if err := yaml.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read SparkApplication: %w", err)
	}
	return []render.Document{d}, nil
}

// command are spark-submit's arguments.
func (o *renderOptions) command(env cli.Env, log *slog.Logger, job cli.Job) ([]string, error) {
	job, err := o.launch.Complete(env, log, job)
	if err != nil {
		return nil, err
	}
	files := job.Embedded()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if o.jobs.templates == "" {
			_, _ = fmt.Fprintf(env.Stderr, "sparkctl: note: the command names %s, which is no file: --templates FOLDER writes it\n", path)
			continue
		}
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, files[path], 0o600)
		}
		if err != nil {
			return nil, problem.Usage("give --templates a folder that can be written to", "write template of a pod: %w", err)
		}
	}
	return job.Application.Secrets().Redact(job.Application.Argv()), nil
}
