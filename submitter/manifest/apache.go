// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/submitter"
)

// apache translates a document as Apache's operator reads it, which starts no spark-submit, but calls the same code with what
// stands here (its SparkAppSubmissionWorker.buildDriverConf).
func (d document) apache(folder string) (Submission, error) {
	var app apacheApplication
	if err := d.decode(&app); err != nil {
		return Submission{}, err
	}
	spec := &app.Spec
	b := &builder{document: d, sparkConf: spec.SparkConf}
	b.checkMetadata()
	b.refuseApache(spec)
	b.refuseConf(spec.SparkConf)
	s := Submission{APIVersion: d.APIVersion, Name: d.Metadata.Name, Namespace: d.Metadata.Namespace, SparkVersion: spec.RuntimeVersions.SparkVersion}

	b.option("--deploy-mode", "cluster")
	file := b.apacheMain(spec)
	b.option("--name", d.Metadata.Name)
	b.option("--files", spec.Files)
	b.all("", spec.SparkConf)
	if d.Metadata.Namespace != "" {
		b.conf(confNamespace, d.Metadata.Namespace)
	}
	if _, set := spec.SparkConf["spark.submit.pyFiles"]; !set && spec.PyFiles != "" {
		b.conf("spark.submit.pyFiles", spec.PyFiles)
	}
	s.DriverTemplate, s.DriverFile = b.apacheTemplate(roleDriver, "spec.driverSpec", submitter.ConfTemplate, folder, spec.DriverSpec.PodTemplateSpec)
	s.ExecutorTemplate, s.ExecutorFile = b.apacheTemplate(roleExecutor, "spec.executorSpec", submitter.ConfExecutorTemplate, folder, spec.ExecutorSpec.PodTemplateSpec)
	b.option("--proxy-user", spec.ProxyUser)
	b.main("spec.jars", file, spec.DriverArgs)
	return b.submission(s)
}

// apacheMain is the main file, with its class as an option.
func (b *builder) apacheMain(spec *apacheSpec) string {
	file, runner, given := "", "", 0
	for _, main := range []struct{ path, file, runner string }{
		{"spec.jars", spec.Jars, ""},
		{"spec.pyFiles", spec.PyFiles, "org.apache.spark.deploy.PythonRunner"},
		{"spec.sparkRFiles", spec.SparkRFiles, "org.apache.spark.deploy.RRunner"},
	} {
		if main.file == "" {
			continue
		}
		given++
		if given > 1 {
			b.refuse(main.path, "stands beside another main file, and the operator would run that", "keep the main file, and name others as spark.jars or spark.submit.pyFiles in sparkConf")
		}
		if strings.Contains(main.file, ",") {
			b.refuse(main.path, "names several files, and the operator takes all of it for the name of the main file", "keep the main file, and name others as spark.jars or spark.submit.pyFiles in sparkConf")
		}
		file, runner = main.file, main.runner
	}
	switch {
	case spec.MainClass == runner:
		// spark-submit takes Python's and R's runner by itself.
	case runner != "" && spec.MainClass != "":
		b.refuse("spec.mainClass", "is "+spec.MainClass+" beside a file of Python or R, which has no class", "take it out")
	default:
		b.option("--class", spec.MainClass)
	}
	if file == "" && spec.MainClass != "" {
		// The class is in the image (Spark: launcher/SparkLauncher.NO_RESOURCE).
		file = "spark-internal"
	}
	return file
}

// apacheTemplate hands a template on as it is.
func (b *builder) apacheTemplate(name, path, key, folder string, template *corev1.PodTemplateSpec) (text []byte, file string) {
	if template == nil {
		return nil, ""
	}
	file = b.file(folder, name)
	b.conf(key, file)
	return b.templateText(path+".podTemplateSpec", template), file
}

// refuseApache refuses what only the operator itself can do, or nobody.
func (b *builder) refuseApache(spec *apacheSpec) {
	if spec.DeploymentMode != "" && spec.DeploymentMode != "ClusterMode" {
		b.refuse("spec.deploymentMode", strconv.Quote(spec.DeploymentMode)+" is not possible: the driver runs as a pod of its own", "leave it out, or give ClusterMode")
	}
	const objects = "asks for objects beside the driver, which a submission does not make"
	const apply = "apply them with kubectl; they find the driver by its labels"
	tolerations := spec.ApplicationTolerations
	for _, r := range []struct {
		set             bool
		path, why, hint string
	}{
		{isTrue(spec.Suspend), "spec.suspend", "is true, and nothing would resume the application", "submit it when it is to run"},
		{spec.DriverServiceIngressList != nil, "spec.driverServiceIngressList", objects, apply},
		{spec.DriverHTTPRouteList != nil, "spec.driverHttpRouteList", objects, apply},
		{spec.DriverGrpcRouteList != nil, "spec.driverGrpcRouteList", objects, apply},
		{spec.ConfigMapSpecs != nil, "spec.configMapSpecs", objects, "apply the ConfigMaps with kubectl and mount them with podTemplateSpec"},
		{tolerations.ApplicationTimeoutConfig != nil, "spec.applicationTolerations.applicationTimeoutConfig", "is the operator's patience, and there is no operator", "give --pending-timeout and --running-timeout to what waits"},
		{tolerations.InstanceConfig != nil, "spec.applicationTolerations.instanceConfig", "tells the operator when to call executors healthy, and there is no operator", "set spark.executor.instances or spark.dynamicAllocation.* in sparkConf"},
		{tolerations.ResourceRetainPolicy != "" && tolerations.ResourceRetainPolicy != "Always", "spec.applicationTolerations.resourceRetainPolicy", "cannot be honoured: there is no operator that deletes", "take it out, and delete ended drivers with: sparkctl sweep"},
		{isLimit(tolerations.ResourceRetainDurationMillis), "spec.applicationTolerations.resourceRetainDurationMillis", "cannot be honoured: there is no operator that deletes", "take it out, and delete ended drivers with: sparkctl sweep"},
		{isLimit(tolerations.TTLAfterStopMillis), "spec.applicationTolerations.ttlAfterStopMillis", "cannot be honoured: there is no operator that deletes", "take it out, and delete ended drivers with: sparkctl sweep"},
	} {
		if r.set {
			b.refuse(r.path, r.why, r.hint)
		}
	}
	b.refuseApacheRestart(tolerations.RestartConfig)
}

func (b *builder) refuseApacheRestart(restart *apacheRestart) {
	if restart == nil {
		return
	}
	const at = "spec.applicationTolerations.restartConfig."
	if restart.RestartPolicy != "" && restart.RestartPolicy != "Never" {
		b.refuse(at+"restartPolicy", strconv.Quote(restart.RestartPolicy)+" "+noRetries, retryHint)
		return
	}
	for _, r := range []struct {
		value *int64
		field string
	}{
		{restart.MaxRestartAttempts, "maxRestartAttempts"},
		{restart.RestartBackoffMillis, "restartBackoffMillis"},
		{restart.RestartCounterResetMillis, "restartCounterResetMillis"},
		{restart.MaxRestartOnFailure, "maxRestartOnFailure"},
		{restart.RestartBackoffMillisForFailure, "restartBackoffMillisForFailure"},
		{restart.MaxRestartOnSchedulingFailure, "maxRestartOnSchedulingFailure"},
		{restart.RestartBackoffMillisForSchedulingFailure, "restartBackoffMillisForSchedulingFailure"},
	} {
		if r.value != nil {
			b.refuse(at+r.field, noRetries, retryHint)
		}
	}
}

// isLimit reports whether a time is limited: the operator has -1 for no limit.
func isLimit(millis *int64) bool { return millis != nil && *millis >= 0 }
