// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// maxConfFile is the largest file of a folder of configuration that is read, in bytes: no object of the API holds as much.
const maxConfFile = 2 << 20

// readSurroundings reads what spark-submit would read from the environment and the files around it. What it would do with
// them and only a JVM or a shell can do is refused. Every error is a [*problem.Error] with exit code 2.
func readSurroundings(env Env, home string, app submitter.Application) (native.Launcher, error) {
	l := native.Launcher{User: userName(env), Env: map[string]string{}}
	for _, pair := range env.Environ {
		name, value, _ := strings.Cut(pair, "=")
		l.Env[name] = value
	}
	if err := needsJVM(l.Env, app); err != nil {
		return l, err
	}
	var err error
	dir := sparkConfDir(env, home)
	if l.Conf, err = readFolder(dir, "SPARK_CONF_DIR", native.IsArchive); err != nil {
		return l, err
	}
	if setsAnything(l.Conf["spark-env.sh"]) {
		return l, problem.Usage("set its variables in the launcher's own environment and take it away, or give --engine=spark-submit",
			"%s is a shell script that spark-submit runs first, and no shell is run here", filepath.Join(dir, "spark-env.sh"))
	}
	if l.HadoopConf, err = readFolder(env.Getenv("HADOOP_CONF_DIR"), "HADOOP_CONF_DIR", func(string) bool { return false }); err != nil {
		return l, err
	}
	l.Files = map[string][]byte{}
	for _, path := range native.LauncherFiles(app.Conf) {
		// One that is not there is missed by whoever needs it.
		if content, err := os.ReadFile(path); err == nil {
			l.Files[path] = content
		}
	}
	return l, nil
}

// needsJVM refuses settings that change what spark-submit does by way of its JVM or its client, and whose effect is not known here.
func needsJVM(env map[string]string, app submitter.Application) error {
	for _, name := range []string{"SPARK_SUBMIT_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"} {
		// Spark takes properties of the JVM for configuration (Spark: SparkConf.loadFromSystemProperties).
		if strings.Contains(env[name], "-Dspark.") {
			return problem.Usage("give them as --conf, or give --engine=spark-submit", "the environment variable %s sets Spark's properties for a JVM, and none is run here", name)
		}
	}
	if context := app.Conf["spark.kubernetes.context"]; context != "" {
		return problem.Usage("give it as --context "+context+", which is for the submitter too, or give --engine=spark-submit",
			"spark.kubernetes.context chooses a cluster for spark-submit alone")
	}
	for key := range app.Conf {
		if strings.HasPrefix(key, "spark.kubernetes.authenticate.submission.") {
			return problem.Usage("take it out and let the launcher's own service account or kubeconfig submit, or give --engine=spark-submit",
				"%s makes spark-submit talk to the API server as somebody else than this launcher", key)
		}
	}
	return nil
}

// sparkConfDir is the folder of Spark's configuration (Spark: bin/load-spark-env.sh); empty if there is none.
func sparkConfDir(env Env, home string) string {
	if dir := env.Getenv("SPARK_CONF_DIR"); dir != "" || home == "" {
		return dir
	}
	return filepath.Join(home, "conf")
}

// readFolder reads the files of a folder of configuration by name, but those that are left out; nil if there is none.
func readFolder(dir, variable string, leftOut func(name string) bool) (map[string][]byte, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	hint := "make the folder that " + variable + " names, and its files, readable for the user we run as"
	if err != nil {
		return nil, problem.Usage(hint, "read configuration: %w", err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		// What a link leads to: in a mounted ConfigMap every file is one.
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, problem.Usage(hint, "read configuration: %w", err)
		case !info.Mode().IsRegular() || leftOut(entry.Name()):
			continue
		case info.Size() > maxConfFile:
			return nil, problem.Usage("take it out of the folder that "+variable+" names", "%s has %d bytes, more than a driver can be given", path, info.Size())
		}
		if files[entry.Name()], err = os.ReadFile(path); err != nil {
			return nil, problem.Usage(hint, "read configuration: %w", err)
		}
	}
	return files, nil
}

// setsAnything reports whether a shell script has a line that is no comment.
func setsAnything(script []byte) bool {
	for line := range strings.Lines(string(script)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return true
		}
	}
	return false
}

// userName is the name of the user that submits (Spark: Utils.getCurrentUserName, Hadoop: UserGroupInformation.getLoginUser): as the
// environment says, else the name that the system has for our user ID, else that number.
func userName(env Env) string {
	for _, variable := range []string{"SPARK_USER", "HADOOP_PROXY_USER", "HADOOP_USER_NAME"} {
		if name := env.Getenv(variable); name != "" {
			return name
		}
	}
	id := strconv.Itoa(os.Getuid())
	if known, err := user.LookupId(id); err == nil {
		return known.Username
	}
	return id
}
