// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// A person's day with sparkctl and the rights that it prints for them, in a namespace that enforces Pod Security
// "restricted": from the question whether anything can be submitted to a namespace that is clean again.
func TestAPersonsDay(t *testing.T) {
	t.Parallel()
	p := connect(t).newPerson(t, "--with", "all", "--engine", "native")
	p.pullApacheSpark(t)
	// A JVM that costs less on a small machine.
	here := []string{"    coreRequest: 100m\n", "    coreRequest: 100m\n    javaOptions: " + frugal + "\n"}

	p.run(t, "doctor", "--service-account", "spark-driver").ends(t, 0).shows(t,
		`^ok +Kubernetes v1\.\d+`,
		`^ok +you may submit`,
		`^ok +a driver with the service account spark-driver has the rights to run executors$`,
		`^warning +namespace \S+ enforces the Pod Security Standard restricted`,
		`^Nothing that is known is in the way of submitting applications into namespace `+p.namespace)

	job := p.file(t, "first-job/pi.yaml", here...)
	p.run(t, "doctor", "-f", job).ends(t, 0).shows(t,
		`^ok .*Pod Security Standard restricted`,
		`^Nothing that is known is in the way of submitting pi into namespace `+p.namespace)
	pi := p.submit(t, "-f", job)
	p.follows(t, pi)
	// What stands there is what the file says, but for what the cluster and the driver have done since.
	p.run(t, "render", "-f", job, "--diff").ends(t, 0)
	p.run(t, "render", "-f", job, "--diff", "--", "21").ends(t, 1).shows(t, `^-.*"20"$`, `^\+.*"21"$`)

	broken := p.submit(t, "-f", p.file(t, "first-job/broken.yaml", here...), "--run-key", "daily/broken")
	p.explains(t, broken)
	endless := p.submit(t, "--run-key", "daily/endless", "--spark-version", newestSpark, "--",
		"--name", "endless", "--class", "dev.sparkctl.examples.Main",
		"--conf", "spark.kubernetes.container.image="+p.submitter[newestSpark],
		"--conf", "spark.kubernetes.authenticate.driver.serviceAccountName=spark-driver",
		"--conf", "spark.kubernetes.driver.podTemplateFile="+p.template(t, "driver.yaml"),
		"--conf", "spark.kubernetes.executor.podTemplateFile="+p.template(t, "executor.yaml"),
		"--conf", "spark.driver.memory=512m", "--conf", "spark.kubernetes.driver.request.cores=0.1",
		"--conf", "spark.executor.memory=512m", "--conf", "spark.kubernetes.executor.request.cores=0.1",
		"--conf", "spark.executor.instances=1", "--conf", "spark.driver.extraJavaOptions="+frugal,
		ourJar, "pi", "50000")
	p.runsAgain(t)
	p.ends(t, endless)
	p.cleans(t, pi)
}

// submit submits and returns the driver's name, of which nothing else is on standard output.
func (p *person) submit(t *testing.T, args ...string) string {
	t.Helper()
	name := p.run(t, append([]string{"submit", "-o", "name"}, args...)...).ends(t, 0).
		tells(t, `^sparkctl: submitted `+p.namespace+`/\S+-1-driver`).name(t)
	if !strings.HasPrefix(name, p.namespace+"/") {
		t.Errorf("%s is not in namespace %s", name, p.namespace)
	}
	return name
}

// follows looks at an application in two terminals until it has ended well, and at what is left of it.
func (p *person) follows(t *testing.T, app string) {
	t.Helper()
	watch := p.start(t, "status", app, "--watch")
	logs := p.start(t, "logs", app, "--follow")
	p.run(t, "wait", app, "--timeout", "5m").ends(t, 0)
	logs.wait().ends(t, 0).shows(t,
		`^driver +\| Pi is roughly 3\.\d+$`,
		`^exec-1 +\| .*CoarseGrainedExecutorBackend`,
		`^driver +\| .*SparkContext`).
		tells(t, regexp.QuoteMeta(app)+` is Succeeded$`)
	watch.wait().ends(t, 0).shows(t, `Running`, `Succeeded`)

	p.run(t, "status", app).ends(t, 0).shows(t, `Succeeded`)
	p.run(t, "status", app, "-o", `jsonpath={.state} {.application_name}`).ends(t, 0).shows(t, `^Succeeded pi$`)
	p.run(t, "explain", "pi").ends(t, 0).shows(t, `^Succeeded$`)
	p.run(t, "events", "pi").ends(t, 0).shows(t, `Normal +driver +Scheduled +Successfully assigned`, `Normal +driver +Started`)
}

// explains asks why an application has failed.
func (p *person) explains(t *testing.T, app string) {
	t.Helper()
	p.run(t, "wait", "daily/broken", "--timeout", "5m").ends(t, 1)
	p.run(t, "explain", app).ends(t, 0).shows(t,
		`^Failed: the driver exited with code 1: .*ValueError: invalid literal for int\(\) with base 10: 'three'`,
		`^What to try: \S`,
		`^Timings: .*\brun \d`,
		`^Events:$`,
		`^Last 10 lines of the driver's log, but for the \d+ of routine behind them:$`,
		`^ +File ".*/pi.py", line \d+, in <module>$`)
	p.run(t, "list", "--state", "failed", "-o", "name").ends(t, 0).shows(t, `^`+regexp.QuoteMeta(app)+`$`)
}

// runsAgain runs the same application with another argument, as the next attempt at its run, which ends well.
func (p *person) runsAgain(t *testing.T) {
	t.Helper()
	p.run(t, "rerun", "daily/broken", "--wait", "--timeout", "5m", "--", "2").ends(t, 0).
		tells(t, `attempt 2 of run daily/broken$`).
		shows(t, `-2-driver +Succeeded`)
	p.run(t, "status", "daily/broken").ends(t, 0).shows(t, `^Attempts: +1 Failed\(1\) after \S+, 2 Succeeded after \S+$`)
}

// ends looks at what runs, and kills it.
func (p *person) ends(t *testing.T, app string) {
	t.Helper()
	p.run(t, "wait", app, "--for", "running", "--timeout", "5m").ends(t, 0)
	p.run(t, "list", "--state", "running").ends(t, 0).shows(t, `^NAME +STATE`, `-1-driver +Running`)
	ui := p.start(t, "ui", "endless", "--port", "0")
	ui.browses(t, `"name" : "endless"`)
	logs := p.start(t, "logs", "daily/endless", "--follow", "--executor", "1")
	logs.shows(t, ` INFO Executor: Running task `)
	p.run(t, "kill", "daily/endless", "--grace-period", "1").ends(t, 0).shows(t, `^`+regexp.QuoteMeta(app)+` killed$`)
	p.run(t, "status", app).ends(t, 2).tells(t, `^sparkctl: error: no Spark application is called`)
	ui.wait().ends(t, 0)
	logs.wait().ends(t, 0)
}

// cleans removes the failures by their state, the success by sweeping, and sees that nothing is left.
func (p *person) cleans(t *testing.T, success string) {
	t.Helper()
	p.run(t, "delete", "--state", "failed", "--dry-run").ends(t, 0).shows(t, `deleted \(client dry run\)$`)
	p.run(t, "delete", "--state", "failed", "--yes").ends(t, 0).shows(t, `^`+p.namespace+`/daily-broken-\S+-1-driver deleted$`)
	p.run(t, "list", "--state", "failed").ends(t, 0).tells(t, `^no Spark application`)
	p.run(t, "sweep", "--keep-succeeded", "0s").ends(t, 0).shows(t, regexp.QuoteMeta(strings.TrimPrefix(success, p.namespace+"/")))
	p.run(t, "sweep", "--keep-succeeded", "0s", "--delete").ends(t, 0)
	if left := p.run(t, "list", "-o", "name").ends(t, 0); left.stdout != "" {
		t.Errorf("still there: %s", left.stdout)
	}
}
