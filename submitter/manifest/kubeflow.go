// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/submitter"
)

// kubeflow translates a document in the order of the operator's own list of options (its submission.go, buildSparkSubmitArgs).
// Where two set the same key, the later one counts, there as here.
func (d document) kubeflow(folder string) (Submission, error) {
	var app kubeflowApplication
	if err := d.decode(&app); err != nil {
		return Submission{}, err
	}
	spec := &app.Spec
	b := &builder{document: d, sparkConf: spec.SparkConf}
	b.checkMetadata()
	b.refuseKubeflow(spec)
	monitor(spec, d.Metadata.Namespace, d.Metadata.Name)
	s := Submission{APIVersion: d.APIVersion, Name: d.Metadata.Name, Namespace: d.Metadata.Namespace, SparkVersion: spec.SparkVersion}

	b.option("--deploy-mode", "cluster")
	b.option("--class", value(spec.MainClass))
	b.option("--name", d.Metadata.Name)
	b.deps(spec.Deps)
	b.general(spec)
	b.all("", without(spec.SparkConf, confPodName))
	b.all("spark.hadoop.", spec.HadoopConf)
	driver, executor := driverRole(spec), executorRole(spec)
	b.templateOf(driver, spec, folder, &s)
	b.text(confPodName, podName(spec))
	b.driver(driver, spec)
	b.templateOf(executor, spec, folder, &s)
	b.executor(executor, spec)
	b.all("spark.kubernetes.node.selector.", spec.NodeSelector)
	b.dynamicAllocation(spec.DynamicAllocation)
	b.option("--proxy-user", value(spec.ProxyUser))
	b.main("spec.mainApplicationFile", value(spec.MainApplicationFile), spec.Arguments)
	return b.submission(s)
}

// Keys that the object's metadata and the driver's own fields stand for. confPodName fixes the name of the driver's pod: the operator always gives it one, ours follows from the run key unless it is wished for.
const (
	confPodName   = "spark.kubernetes.driver.pod.name"
	confNamespace = "spark.kubernetes.namespace"
)

func podName(spec *kubeflowSpec) *string {
	if spec.Driver.PodName != nil {
		return spec.Driver.PodName
	}
	if name, set := spec.SparkConf[confPodName]; set {
		return &name
	}
	return nil
}

// main adds the main file and the application's own arguments.
func (b *builder) main(path, file string, arguments []string) {
	switch {
	case file == "":
		b.refuse(path, "is missing", "name the jar, Python or R file to run")
	case strings.HasPrefix(file, "-"):
		b.refuse(path, "begins with a -, which spark-submit takes for an option", "give it with its folder, or as a URI such as local:///path/to/app.jar")
	}
	b.argv = append(append(b.argv, file), arguments...)
}

func (b *builder) deps(deps kubeflowDeps) {
	b.list("--jars", deps.Jars)
	b.list("--packages", deps.Packages)
	b.list("--exclude-packages", deps.ExcludePackages)
	b.list("--repositories", deps.Repositories)
	b.list("--py-files", deps.PyFiles)
	b.list("--files", deps.Files)
	b.list("--archives", deps.Archives)
}

// general is what both roles share.
func (b *builder) general(spec *kubeflowSpec) {
	if namespace := b.document.Metadata.Namespace; namespace != "" {
		b.conf(confNamespace, namespace)
		if other, set := spec.SparkConf[confNamespace]; set && other != namespace {
			b.refuse("spec.sparkConf["+confNamespace+"]", "is "+strconv.Quote(other)+", and metadata.namespace is "+strconv.Quote(namespace), "keep metadata.namespace")
		}
	}
	b.text("spark.kubernetes.container.image", spec.Image)
	b.text("spark.kubernetes.container.image.pullPolicy", spec.ImagePullPolicy)
	if len(spec.ImagePullSecrets) > 0 {
		b.conf("spark.kubernetes.container.image.pullSecrets", strings.Join(spec.ImagePullSecrets, ","))
	}
	b.text("spark.kubernetes.pyspark.pythonVersion", spec.PythonVersion)
	b.text("spark.kubernetes.memoryOverheadFactor", spec.MemoryOverheadFactor)
}

func (b *builder) dynamicAllocation(dynamic *kubeflowDynamicAllocation) {
	if dynamic == nil || !dynamic.Enabled {
		return
	}
	const prefix = "spark.dynamicAllocation."
	b.conf(prefix+"enabled", "true")
	for _, bound := range []struct {
		key   string
		value *int32
	}{{"initialExecutors", dynamic.InitialExecutors}, {"minExecutors", dynamic.MinExecutors}, {"maxExecutors", dynamic.MaxExecutors}} {
		if bound.value != nil {
			b.conf(prefix+bound.key, strconv.Itoa(int(*bound.value)))
		}
	}
	tracking := dynamic.ShuffleTrackingEnabled == nil || *dynamic.ShuffleTrackingEnabled
	b.conf(prefix+"shuffleTracking.enabled", strconv.FormatBool(tracking))
	if dynamic.ShuffleTrackingTimeout != nil {
		b.conf(prefix+"shuffleTracking.timeout", strconv.FormatInt(*dynamic.ShuffleTrackingTimeout, 10))
	}
}

// monitor adds the agent that tells metrics, which the operator does before all else (its monitoring_config.go).
func monitor(spec *kubeflowSpec, namespace, name string) {
	m := spec.Monitoring
	if m == nil || m.Prometheus == nil || m.MetricsPropertiesFile == nil || m.Prometheus.ConfigFile == nil {
		return
	}
	port := "8090"
	if m.Prometheus.Port != nil {
		port = strconv.Itoa(int(*m.Prometheus.Port))
	}
	agent := "-javaagent:" + m.Prometheus.JmxExporterJar + "=" + port + ":" + *m.Prometheus.ConfigFile
	spec.SparkConf = with(spec.SparkConf, map[string]string{
		"spark.metrics.namespace": namespace + "." + name,
		"spark.metrics.conf":      *m.MetricsPropertiesFile,
	})
	for _, role := range []struct {
		exposed bool
		pod     *kubeflowPod
	}{{m.ExposeDriverMetrics, &spec.Driver.kubeflowPod}, {m.ExposeExecutorMetrics, &spec.Executor.kubeflowPod}} {
		if !role.exposed {
			continue
		}
		role.pod.JavaOptions = new(strings.TrimSpace(value(role.pod.JavaOptions) + " " + agent))
		role.pod.Annotations = with(role.pod.Annotations, map[string]string{
			"prometheus.io/scrape": "true", "prometheus.io/port": port, "prometheus.io/path": "/metrics",
		})
	}
}

// templateOf makes the template of a role's pod if it needs one.
func (b *builder) templateOf(r role, spec *kubeflowSpec, folder string, s *Submission) {
	template := b.podTemplate(r, spec)
	if template == nil {
		return
	}
	text, file := b.templateText(r.path+".template", template), b.file(folder, r.name)
	if r.name == roleDriver {
		s.DriverTemplate, s.DriverFile = text, file
		b.conf(submitter.ConfTemplate, file)
	} else {
		s.ExecutorTemplate, s.ExecutorFile = text, file
		b.conf(submitter.ConfExecutorTemplate, file)
	}
	b.conf("spark.kubernetes."+r.name+".podTemplateContainerName", r.container)
}

// localDir begins the names of volumes that become Spark's local folders (the operator's SparkLocalDirVolumePrefix).
const localDir = "spark-local-dir-"

// volume finds one of the application's by name.
func (s *kubeflowSpec) volume(name string) (corev1.Volume, bool) {
	for _, volume := range s.Volumes {
		if volume.Name == name {
			return volume, true
		}
	}
	return corev1.Volume{}, false
}
