// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/internal/sparkctl/settings"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// envConfig is the variable that names the config file.
const envConfig = "SPARKCTL_CONFIG"

// configPath is where the config file is looked for, and whether somebody named it; empty where a user has no folder for such files.
func configPath(env cli.Env) (path string, named bool) {
	if path := env.Getenv(envConfig); path != "" {
		return path, true
	}
	dir := env.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return "", false
		}
	}
	return filepath.Join(dir, "sparkctl", "config.yaml"), false
}

// readConfig reads the config file; one that is not there and that nobody named says nothing.
func readConfig(env cli.Env) (settings.File, error) {
	path, named := configPath(env)
	if path == "" {
		return settings.File{}, nil
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return settings.File{Path: path}, nil
	case named && err != nil:
		return settings.File{}, problem.Usage("check the environment variable "+envConfig+", or unset it", "read config file: %w", err)
	case err != nil:
		return settings.File{}, problem.Usage("make it readable, or name another with "+envConfig, "read config file: %w", err)
	}
	return settings.Parse(path, text)
}

// readSettings are the settings for a command: its own flags, as far as they have the names of settings and were given, weigh most.
// A nil cmd is one without any. Errors end with exit code 2.
func readSettings(env cli.Env, cmd *cobra.Command) (settings.Settings, error) {
	file, err := readConfig(env)
	if err != nil {
		return settings.Settings{}, err
	}
	flags := settings.Given{Values: map[string]string{}, From: func(key string) string { return "--" + key }}
	environment := settings.Given{Values: map[string]string{}, From: cli.EnvName}
	for _, key := range settings.Keys() {
		environment.Values[key] = env.Getenv(cli.EnvName(key))
		if cmd == nil {
			continue
		}
		if f := cmd.Flag(key); f != nil && f.Changed {
			flags.Values[key] = f.Value.String()
		}
	}
	return settings.Resolve(flags, environment, file)
}

// clusterDefaults are the context and the namespace that the environment or the config file gives, for [cli.ClusterFlags]. A context of the
// file is one of the usual kubeconfig, so it does not count where a flag names another.
func clusterDefaults(env cli.Env, cluster *cli.ClusterFlags) (context, namespace string, err error) {
	s, err := readSettings(env, nil)
	if err != nil {
		return "", "", err
	}
	given := s.Get(settings.Context)
	if given.Source == settings.FromFile && cluster.Kubeconfig() != "" {
		given.Value = ""
	}
	return given.Value, s.Get(settings.Namespace).Value, nil
}

func newConfigCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	var output string
	var keys strings.Builder
	for _, key := range append(settings.Keys(), settings.Conf) {
		fmt.Fprintf(&keys, "  %-16s %s\n", key, settings.Meaning(key))
	}
	cmd := &cobra.Command{
		Use: "config", Short: "Print your defaults and where they came from", Args: noArguments,
		Long: `Print the defaults that hold for you, each with where it came from. A flag weighs more than the environment, that more than the config
file, and that more than what is built in, or is set in the kubeconfig. The file is YAML, with these keys:

` + keys.String() + `
Each but conf has a variable too, such as SPARKCTL_SERVICE_ACCOUNT. The file is the one that SPARKCTL_CONFIG names, else
$XDG_CONFIG_HOME/sparkctl/config.yaml, else sparkctl/config.yaml in your folder for such files: sparkctl config path prints where. Keys that are
not known are mistakes. Values that look like secrets are masked here.`,
		Example: `  # a config file
  mkdir -p "$(dirname "$(sparkctl config path)")"
  printf '%s\n' 'namespace: jobs' 'service-account: spark-driver' 'conf: {spark.executor.instances: 2}' > "$(sparkctl config path)"

  # where would a submission go, and with what?
  sparkctl config`,
		RunE: func(cmd *cobra.Command, _ []string) error { return showConfig(env, cluster, cmd, output) },
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "how to write it: "+view.Formats)
	cmd.AddCommand(&cobra.Command{
		Use: "path", Short: "Print where the config file is looked for", Args: noArguments,
		Long:    "Print where the config file is looked for, whether it is there or not.",
		Example: `  mkdir -p "$(dirname "$(sparkctl config path)")"`,
		RunE: func(*cobra.Command, []string) error {
			path, _ := configPath(env)
			if path == "" {
				return problem.Usage("name a file with "+envConfig, "neither HOME nor XDG_CONFIG_HOME is set, so there is no place for a config file")
			}
			_, err := fmt.Fprintln(env.Stdout, path)
			return err
		},
	})
	return cmd
}

// configView is what config prints.
type configView struct {
	// File is where the config file is looked for.
	File     string             `json:"file"`
	Settings []settings.Setting `json:"settings"`
}

// showConfig writes the settings that hold for cmd.
func showConfig(env cli.Env, cluster *cli.ClusterFlags, cmd *cobra.Command, output string) error {
	format, err := view.ParseFormat(output)
	if err != nil {
		return problem.Usage("give -o one of "+view.Formats, "--output: %w", err)
	}
	s, err := readSettings(env, cmd)
	if err != nil {
		return err
	}
	// What the kubeconfig says is the last word before what is built in.
	_, current := cluster.Contexts()
	s = s.Otherwise(settings.Context, current, settings.FromKubeconfig, "its current context")
	if _, namespace, err := cluster.Connect(env, "sparkctl"); err == nil {
		s = s.Otherwise(settings.Namespace, namespace, settings.FromKubeconfig, "the context's, or default")
	}
	shown := configView{Settings: s.All()}
	shown.File, _ = configPath(env)
	var names []string
	for i, setting := range shown.Settings {
		if secret.Named(setting.Key) && setting.Value != "" {
			shown.Settings[i].Value = secret.Masked
		}
		names = append(names, setting.Key)
	}
	if table, _ := format.Table(); !table {
		return format.Write(env.Stdout, shown, names)
	}
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "KEY\tVALUE\tSOURCE\tFROM")
	for _, setting := range shown.Settings {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", setting.Key, orDash(setting.Value), setting.Source, orDash(setting.From))
	}
	return table.Flush()
}

// orDash is text, or the mark that stands for nothing.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// setDefaults has a submission use what config prints.
func setDefaults(env cli.Env, cmd *cobra.Command, launch *cli.LaunchFlags) error {
	s, err := readSettings(env, cmd)
	if err != nil {
		return err
	}
	conf := s.Conf()
	if conf == nil {
		conf = map[string]string{}
	}
	for setting, key := range map[string]string{
		settings.Image: "spark.kubernetes.container.image", settings.ServiceAccount: "spark.kubernetes.authenticate.driver.serviceAccountName",
	} {
		if value := s.Get(setting).Value; value != "" {
			conf[key] = value
		}
	}
	launch.Defaults = cli.LaunchDefaults{Engine: s.Get(settings.Engine).Value, SparkVersion: s.Get(settings.SparkVersion).Value, Conf: conf}
	return nil
}
