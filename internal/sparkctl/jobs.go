// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/manifest"
)

// jobFlags say what is to be submitted.
type jobFlags struct {
	files []string
	conf  []string
	// image and account are for all applications.
	image, account string
	// templates is where templates of pods are called to be.
	templates string
}

func (f *jobFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.files, "filename", "f", nil, "file of SparkApplications, YAML or JSON, - for standard input, or a folder of such files; can be given several times")
	flags.StringArrayVar(&f.conf, "conf", nil, "with -f: KEY=VALUE of Spark's configuration, which weighs more than the file; can be given several times")
	f.addWhole(flags)
}

// addWhole adds the flags that are for any application.
func (f *jobFlags) addWhole(flags *pflag.FlagSet) {
	flags.StringVar(&f.image, "image", "", "image of driver and executors, which weighs more than what the application says")
	flags.StringVar(&f.account, "service-account", "", "ServiceAccount of the driver, which weighs more than what the application says")
}

// read reads the jobs that the flags and the arguments of a command name. Every error is a [*problem.Error] with exit code 2.
func (f *jobFlags) read(env cli.Env, cmd *cobra.Command, args []string) ([]cli.Job, error) {
	dash := cmd.ArgsLenAtDash()
	before := args
	if dash >= 0 {
		before = args[:dash]
	}
	hint := "write: " + cmd.CommandPath() + " -f FILE [-- ARGUMENTS], or: " + cmd.CommandPath() + " [flags] -- --class CLASS local:///path/to/app.jar"
	switch {
	case len(before) > 0:
		return nil, problem.Usage(hint, "%q stands before --, where only flags of sparkctl can", before[0])
	case len(f.files) == 0 && len(args) == 0:
		return nil, problem.Usage(hint, "nothing is named that %s could take", cmd.CommandPath())
	case len(f.files) == 0 && len(f.conf) > 0:
		return nil, problem.Usage("write it after --, among spark-submit's arguments", "--conf stands before --, and is for files there")
	case len(f.files) == 0:
		job, err := cli.JobOfArguments(args)
		if err == nil {
			job.Application, err = f.changed(job.Application)
		}
		return []cli.Job{job}, err
	}
	jobs, err := f.readFiles(env)
	switch {
	case err != nil || dash < 0:
		return jobs, err
	case len(jobs) != 1:
		return nil, problem.Usage("submit one at a time", "what stands after -- are the application's own arguments, and -f names %d applications", len(jobs))
	}
	// As a job of one day is made of a file for any.
	jobs[0].Application.Arguments = args
	return jobs, nil
}

// aboutJob says which of several jobs an error is about.
func aboutJob(jobs []cli.Job, job cli.Job, err error) error {
	wrong, is := errors.AsType[*problem.Error](err)
	if !is || len(jobs) < 2 {
		return err
	}
	told := *wrong
	told.Cause.Message, told.Err = job.Name+": "+told.Cause.Message, err
	return &told
}

// readFiles reads the files that -f names, those of a folder in the order of their names.
func (f *jobFlags) readFiles(env cli.Env) ([]cli.Job, error) {
	var jobs []cli.Job
	from := map[string]string{}
	for _, name := range f.files {
		paths, err := filesOf(name)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			submissions, err := f.readFile(env, path)
			if err != nil {
				return nil, err
			}
			for _, s := range submissions {
				id := s.Namespace + "/" + s.Name
				if other, twice := from[id]; twice {
					return nil, problem.Usage("give each application a name of its own", "%s: metadata.name: %q stands in %s too", path, s.Name, other)
				}
				from[id] = path
				job, err := cli.JobOfManifest(s)
				if err != nil {
					return nil, err
				}
				if job.Application, err = f.changed(job.Application); err != nil {
					return nil, err
				}
				jobs = append(jobs, job)
			}
		}
	}
	return jobs, nil
}

// filesOf are the files that a name stands for.
func filesOf(name string) ([]string, error) {
	switch name {
	case "":
		return nil, problem.Usage("name a file, a folder, or - for standard input", "--filename: there is no name in it")
	case "-":
		return []string{name}, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, problem.Usage("check what -f names", "read file: %w", err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, problem.Usage("check what -f names", "read folder: %w", err)
	}
	var paths []string
	for _, entry := range entries {
		if slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name())) && !entry.IsDir() {
			paths = append(paths, filepath.Join(name, entry.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, problem.Usage("name the files themselves", "folder %s has no file whose name ends with .yaml, .yml or .json", name)
	}
	return paths, nil
}

// maxJobFile is the largest file of applications that is read, in bytes: a wrong name can mean anything.
const maxJobFile = 16 << 20

// readFile reads the SparkApplications of one file.
func (f *jobFlags) readFile(env cli.Env, path string) (submissions []manifest.Submission, err error) {
	from, called := env.Stdin, "standard input"
	if path != "-" {
		called = path
		file, err := os.Open(path)
		if err != nil {
			return nil, problem.Usage("check what -f names", "read file: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, maxJobFile+1))
	switch {
	case err != nil:
		return nil, problem.Usage("check what -f names", "read %s: %w", called, err)
	case len(text) > maxJobFile:
		return nil, problem.Usage("check what -f names", "%s is larger than 16 MiB", called)
	}
	submissions, err = manifest.Read(text, cmp.Or(f.templates, cli.TemplateFolder))
	if err != nil {
		hint := ""
		if wrong, is := errors.AsType[*problem.Error](err); is {
			hint = wrong.Hint()
		}
		return nil, problem.Usage(hint, "%s: %w", called, err)
	}
	return submissions, nil
}

// checkAccount refuses a name that no ServiceAccount can have.
func (f *jobFlags) checkAccount() error {
	if wrong := validation.IsDNS1123Subdomain(f.account); f.account != "" && wrong != nil {
		return problem.Usage("check --service-account", "%q cannot be a name in Kubernetes: %s", f.account, problem.Rule(wrong))
	}
	return nil
}

// changed is an application with what the flags say.
func (f *jobFlags) changed(app submitter.Application) (submitter.Application, error) {
	if err := f.checkAccount(); err != nil {
		return app, err
	}
	conf := slices.Clone(f.conf)
	if f.image != "" {
		const general, driver, executor = "spark.kubernetes.container.image", "spark.kubernetes.driver.container.image", "spark.kubernetes.executor.container.image"
		conf = append(conf, general+"="+f.image)
		for _, key := range []string{driver, executor} {
			if _, set := app.Conf[key]; set {
				conf = append(conf, key+"="+f.image)
			}
		}
	}
	if f.account != "" {
		conf = append(conf, "spark.kubernetes.authenticate.driver.serviceAccountName="+f.account)
	}
	return withConf(app, conf)
}

// withOption are options with a key set anew. What sets it there keeps its place, so that the same value makes the same application.
func withOption(options []submitter.Option, key, value string) []submitter.Option {
	set := false
	for i, o := range options {
		known := slices.IndexFunc(submitter.Options(), func(k submitter.KnownOption) bool { return k.Name == o.Name && k.Key == key })
		switch {
		case known >= 0:
			options[i].Value, set = value, true
		case o.Name == "--conf" && strings.HasPrefix(o.Value, key+"="):
			options[i].Value, set = key+"="+value, true
		}
	}
	if !set {
		options = append(options, submitter.Option{Name: "--conf", Value: key + "=" + value})
	}
	return options
}

// withConf is an application with keys of its configuration set anew.
func withConf(app submitter.Application, conf []string) (submitter.Application, error) {
	if len(conf) == 0 {
		return app, nil
	}
	options := slices.Clone(app.Options)
	for _, pair := range conf {
		key, value, found := strings.Cut(pair, "=")
		if !found || !strings.HasPrefix(key, "spark.") || key == "spark." {
			return app, problem.Usage("write --conf spark.KEY=VALUE", "--conf %q is no key of Spark's and its value", pair)
		}
		options = withOption(options, key, value)
	}
	return submitter.ParseArguments(submitter.Application{Options: options, MainFile: app.MainFile, Arguments: app.Arguments}.Argv())
}
