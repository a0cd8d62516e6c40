// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// inputOf is an application as the engine hands it to Build: what every one needs, and more.
func inputOf(t *testing.T, version string, argv ...string) Input {
	t.Helper()
	app, err := submitter.ParseArguments(append([]string{
		"--master", "k8s://https://cluster", "--conf", "spark.kubernetes.container.image=spark:1",
	}, argv...))
	if err != nil {
		t.Fatal(err)
	}
	spark, err := ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		Plan:  submitter.Plan{Application: app, Namespace: "default", PodName: "driver"},
		Spark: spark, ApplicationID: "spark-0", UniqueID: "0123456789abcdef", LocalDirID: "id", Submitted: time.UnixMilli(1700000000000),
		Launcher: Launcher{User: "somebody"},
	}
}

// refusalOf is the sentence and the hint of an error, on two lines.
func refusalOf(t *testing.T, err error) string {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) {
		t.Fatalf("%v is no *problem.Error", err)
	}
	if p.ExitCode() != xcom.ExitUsage {
		t.Errorf("exit code %d for %s", p.ExitCode(), p)
	}
	return p.Error() + "\n" + p.Hint()
}

func TestWhatCannotBeDoneNamesTheKeyAndTheWayOut(t *testing.T) {
	t.Parallel()
	const jar = "local:///app.jar"
	for name, test := range map[string]struct {
		argv []string
		want []string
	}{
		"a main jar of the launcher's":        {[]string{"--class", "C", "app.jar"}, []string{"main file app.jar", "local:///PATH", "--engine=spark-submit"}},
		"a main jar by file:":                 {[]string{"--class", "C", "file:///app.jar"}, []string{"main file file:///app.jar", "--engine=spark-submit"}},
		"a Python file of the launcher's":     {[]string{"main.py"}, []string{"main file main.py", "--engine=spark-submit"}},
		"a jar of the launcher's":             {[]string{"--class", "C", "--jars", "local:///a.jar,/b.jar", jar}, []string{"--jars", "spark.jars", "/b.jar", "--engine=spark-submit"}},
		"a file of the launcher's by a key":   {[]string{"--class", "C", "--conf", "spark.files=file:/f", jar}, []string{"--files", "spark.files", "file:/f"}},
		"Python files of the launcher's":      {[]string{"--py-files", "lib.zip", "local:///main.py"}, []string{"--py-files", "lib.zip"}},
		"an archive of the launcher's":        {[]string{"--class", "C", "--archives", "env.tgz#env", jar}, []string{"--archives", "env.tgz#env"}},
		"a pattern on a remote file system":   {[]string{"--class", "C", "--jars", "s3a://b/*.jar", jar}, []string{"s3a://b/*.jar", "pattern", "--engine=spark-submit"}},
		"a keytab that is not there":          {[]string{"--class", "C", "--principal", "p", "--keytab", "k", jar}, []string{"spark.kerberos.keytab", `"k"`}},
		"a keytab by its former key":          {[]string{"--class", "C", "--conf", "spark.yarn.principal=p", "--conf", "spark.yarn.keytab=k", jar}, []string{"spark.kerberos.keytab", `"k"`}},
		"an overhead's factor of nothing":     {[]string{"--class", "C", "--conf", "spark.driver.memoryOverheadFactor=0", jar}, []string{"spark.driver.memoryOverheadFactor is 0"}},
		"a feature step of the user's":        {[]string{"--class", "C", "--conf", "spark.kubernetes.driver.pod.featureSteps=com.Mine", jar}, []string{"spark.kubernetes.driver.pod.featureSteps", "com.Mine", "--engine=spark-submit"}},
		"a Hadoop with Kerberos":              {[]string{"--class", "C", "--conf", "spark.hadoop.hadoop.security.authentication=kerberos", jar}, []string{"delegation tokens", "tokenSecret.name", "--engine=spark-submit"}},
		"a label that is none":                {[]string{"--class", "C", "--conf", "spark.kubernetes.driver.service.label.a=b c", jar}, []string{`label a of the Service is "b c"`, "API server"}},
		"a name that makes too long a name":   {[]string{"--class", "C", "--name", strings.Repeat("n", 240), "--conf", "spark.kubernetes.driver.pod.name=d", "--conf", "spark.kubernetes.authenticate.driver.oauthToken=t", jar}, []string{"name of the Secret", "no more than 253"}},
		"a port that is none":                 {[]string{"--class", "C", "--conf", "spark.ui.port=0", jar}, []string{"port spark-ui"}},
		"no main class":                       {[]string{jar}, []string{"--class CLASS"}},
		"a credential that is not there":      {[]string{"--class", "C", "--conf", "spark.kubernetes.authenticate.driver.caCertFile=/ca", jar}, []string{"caCertFile", "/ca"}},
		"an executors' template not there":    {[]string{"--class", "C", "--conf", "spark.kubernetes.executor.podTemplateFile=/x.yaml", jar}, []string{"executor.podTemplateFile", "/x.yaml"}},
		"a size beyond what etcd takes":       {[]string{"--class", "C", "--conf", "spark.kubernetes.configMap.maxSize=1048577", jar}, []string{"spark.kubernetes.configMap.maxSize", "1048576"}},
		"a mistake in an executor's volume":   {[]string{"--class", "C", "--conf", "spark.kubernetes.executor.volumes.nfs.v.mount.path=/v", jar}, []string{"spark.kubernetes.executor.volumes.nfs.v.options.path"}},
		"a device without a vendor":           {[]string{"--class", "C", "--conf", "spark.driver.resource.gpu.amount=1", jar}, []string{"spark.driver.resource.gpu.vendor"}},
		"a device without an amount":          {[]string{"--class", "C", "--conf", "spark.driver.resource.gpu.vendor=v", jar}, []string{"spark.driver.resource.gpu.amount"}},
		"an amount of CPU that is none":       {[]string{"--class", "C", "--conf", "spark.kubernetes.driver.limit.cores=lots", jar}, []string{"spark.kubernetes.driver.limit.cores", `"lots"`}},
		"a sub path and an expression for it": {[]string{"--class", "C", "--conf", "spark.kubernetes.driver.volumes.emptyDir.v.mount.path=/v", "--conf", "spark.kubernetes.driver.volumes.emptyDir.v.mount.subPath=a", "--conf", "spark.kubernetes.driver.volumes.emptyDir.v.mount.subPathExpr=b", jar}, []string{"subPathExpr"}},
		"a size without a unit":               {[]string{"--class", "C", "--conf", "spark.kubernetes.driver.volumes.emptyDir.v.mount.path=/v", "--conf", "spark.kubernetes.driver.volumes.emptyDir.v.options.sizeLimit=10", jar}, []string{"10 bytes", "10Gi"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Build(inputOf(t, "4.0.5", test.argv...))
			said := refusalOf(t, err)
			for _, part := range test.want {
				if !strings.Contains(said, part) {
					t.Errorf("%q is not in %s", part, said)
				}
			}
		})
	}
}

func TestAKerberizedHadoopIsSeenInItsFiles(t *testing.T) {
	t.Parallel()
	const site = `<?xml version="1.0"?><configuration><property><name>hadoop.security.authentication</name><value> Kerberos </value></property></configuration>`
	in := inputOf(t, "4.0.5", "local:///main.py")
	in.Launcher.HadoopConf = map[string][]byte{"core-site.xml": []byte(site)}
	_, err := Build(in)
	if said := refusalOf(t, err); !strings.Contains(said, "delegation tokens") {
		t.Error(said)
	}
	in = inputOf(t, "4.0.5", "--conf", confTokenSecret+"=s", "--conf", confTokenKey+"=k", "local:///main.py")
	in.Launcher.HadoopConf = map[string][]byte{"core-site.xml": []byte(site)}
	if _, err := Build(in); err != nil {
		t.Error(err)
	}
}

// A value that spark.redaction.regex matches stands in the ConfigMap, where spark-submit puts it too, and in no error.
func TestErrorsTellNoSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for name, argv := range map[string][]string{
		"by Spark's own pattern": {"--conf", "spark.kubernetes.driver.volumes.hostPath.token.mount.readOnly=" + secret, "--conf", "spark.kubernetes.driver.volumes.hostPath.token.mount.path=/t", "--conf", "spark.kubernetes.driver.volumes.hostPath.token.options.path=/t"},
		"by the user's pattern":  {"--conf", "spark.redaction.regex=(?i)cores", "--conf", "spark.driver.cores=" + secret},
		"in a URL":               {"--jars", "s3a://user:" + secret + "@bucket/*.jar"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Build(inputOf(t, "4.0.5", append(argv, "--class", "C", "local:///app.jar")...))
			if said := refusalOf(t, err); strings.Contains(said, secret) {
				t.Error(said)
			}
		})
	}
}

func TestBuildChangesNothingItIsGiven(t *testing.T) {
	t.Parallel()
	in := inputOf(t, "4.3.0", "--class", "C", "--conf", "spark.kubernetes.driver.label.a=b", "local:///app.jar", "argument")
	in.Plan.Conf = map[string]string{"spark.kubernetes.namespace": "jobs"}
	in.Plan.Template = []byte("spec: {containers: [{name: a}, {name: b}], nodeSelector: {a: b}}")
	in.Launcher.Conf = map[string][]byte{"log4j2.properties": []byte("x")}
	one, err := Build(in)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Build(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("built twice:\n%s", diff)
	}
	if _, added := in.Plan.Application.Conf["spark.app.name"]; added {
		t.Error("the application's configuration has been added to")
	}
}
