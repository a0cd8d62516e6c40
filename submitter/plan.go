// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"maps"
	"strconv"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
)

// Surroundings are what a plan takes from the place where it is made.
type Surroundings struct {
	// Namespace that was asked for by flag; empty if none was.
	Namespace string
	// DefaultNamespace is the cluster's or the pod's own.
	DefaultNamespace string
	// Server is the URL of the API server that we talk to.
	Server string
	// Context is the kubeconfig's context that was asked for, for the child; empty if none was.
	Context string
	// Launcher is who submits.
	Launcher Launcher
	// Template is the user's template of the driver's pod; empty if there is none.
	Template []byte
}

// Plan is a submission that has been checked: everything an engine needs, nothing left to decide.
type Plan struct {
	// Application is what to run.
	Application Application
	// Run is which run this is.
	Run Run
	// Launcher is who submits.
	Launcher Launcher
	// Namespace and PodName of the driver pod.
	Namespace, PodName string
	// Fixed says that the user has fixed the name: every attempt has the same.
	Fixed bool
	// Template is the template of the driver's pod: the user's, with our scheduling gate.
	Template []byte
	// Container is the configured name of the driver's container; empty means Spark's choice.
	Container string
	// Labels and Annotations of the driver pod, ours only.
	Labels, Annotations map[string]string
	// Conf is what the engine must set beside what the application says, in no order.
	Conf map[string]string
}

// NewPlan says how an application that has passed [Application.Check] is submitted. What the user has set himself is
// kept or refused, never silently replaced. Every error is a [*problem.Error] with exit code 2.
func NewPlan(app Application, run Run, s Surroundings) (Plan, error) {
	if len(run.Key) > maxRunKey {
		return Plan{}, problem.Usage("give a shorter --run-key", "the run key has %d bytes, %d are possible", len(run.Key), maxRunKey)
	}
	if len(run.Generation) > maxGeneration {
		return Plan{}, problem.Usage("give a number that grows with each new intention", "the generation has %d bytes, %d are possible", len(run.Generation), maxGeneration)
	}
	namespace, err := s.namespace(app)
	if err != nil {
		return Plan{}, err
	}
	template, err := Gated(s.Template)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{
		Application: app, Run: run, Launcher: s.Launcher, Namespace: namespace,
		PodName: app.Conf[confPodName], Fixed: app.Conf[confPodName] != "", Template: template,
		Container: app.Conf[confContainer],
		Labels: map[string]string{
			driver.LabelRun:     RunLabel(namespace, run.Key),
			driver.LabelAttempt: strconv.Itoa(run.Attempt),
		},
		Annotations: map[string]string{
			driver.AnnotationRunKey:      run.Key,
			driver.AnnotationLauncher:    s.Launcher.String(),
			driver.AnnotationApplication: fingerprint(app),
		},
	}
	if p.PodName == "" {
		p.PodName = DriverName(namespace, run)
	}
	if wrong := validation.IsDNS1123Subdomain(p.PodName); wrong != nil {
		return Plan{}, problem.Usage("take "+confPodName+" out: a name is made from the run key", "%q cannot be a pod's name: %s", p.PodName, problem.Rule(wrong))
	}
	if run.Generation != "" {
		p.Annotations[driver.AnnotationGeneration] = run.Generation
	}
	if _, set := app.Conf[confLabelPrefix+driver.LabelManagedBy]; !set {
		p.Labels[driver.LabelManagedBy] = driver.ManagedBy
	}
	if err := p.checkOwnKeys(); err != nil {
		return Plan{}, err
	}
	p.Conf = p.conf(s)
	return p, nil
}

// At is the plan for the attempt of that number.
func (p Plan) At(number int) Plan {
	p.Run.Attempt = number
	if !p.Fixed {
		p.PodName = DriverName(p.Namespace, p.Run)
	}
	text := strconv.Itoa(number)
	p.Labels, p.Conf = maps.Clone(p.Labels), maps.Clone(p.Conf)
	p.Labels[driver.LabelAttempt] = text
	p.Conf[confLabelPrefix+driver.LabelAttempt], p.Conf[confPodName] = text, p.PodName
	return p
}

// Annotated is the plan with one more annotation on the driver pod, one of ours.
func (p Plan) Annotated(key, value string) Plan {
	p.Annotations, p.Conf = maps.Clone(p.Annotations), maps.Clone(p.Conf)
	p.Annotations[key], p.Conf[confAnnotationPrefix+key] = value, value
	return p
}

// Called is the plan for a driver pod of that name, whatever the run's own would be.
func (p Plan) Called(name string) Plan {
	p.PodName, p.Conf = name, maps.Clone(p.Conf)
	p.Conf[confPodName] = name
	return p
}

// namespace is the one that flag, configuration and surroundings agree on.
func (s Surroundings) namespace(app Application) (string, error) {
	namespace := app.Conf[confNamespace]
	switch {
	case namespace != "" && s.Namespace != "" && namespace != s.Namespace:
		return "", problem.Usage("give one of them", "--namespace says %q and %s says %q", s.Namespace, confNamespace, namespace)
	case namespace != "":
	case s.Namespace != "":
		namespace = s.Namespace
	default:
		namespace = s.DefaultNamespace
	}
	if wrong := validation.IsDNS1123Label(namespace); wrong != nil {
		return "", problem.Usage("give another with --namespace", "%q cannot be a namespace's name: %s", namespace, problem.Rule(wrong))
	}
	return namespace, nil
}

// checkOwnKeys refuses labels and annotations of ours that the user has set: they say
// which driver is whose.
func (p Plan) checkOwnKeys() error {
	own := map[string]string{}
	for key := range p.Labels {
		own[confLabelPrefix+key] = "label"
	}
	for _, key := range driver.OwnAnnotations() {
		own[confAnnotationPrefix+key] = "annotation"
	}
	for key, kind := range own {
		if _, set := p.Application.Conf[key]; set {
			return problem.Usage("take it out; give the run's name with --run-key and --generation", "%s sets the %s that tells whose driver a pod is", key, kind)
		}
	}
	return nil
}

// conf is what the engine must set.
func (p Plan) conf(s Surroundings) map[string]string {
	conf := map[string]string{
		confDeployMode: "cluster",
		confNamespace:  p.Namespace,
		confPodName:    p.PodName,
		confWait:       "false",
	}
	if p.Application.Conf[confMaster] == "" {
		conf[confMaster] = "k8s://" + s.Server
	}
	if s.Context != "" && p.Application.Conf[confContext] == "" {
		conf[confContext] = s.Context
	}
	for key, value := range p.Labels {
		conf[confLabelPrefix+key] = value
	}
	for key, value := range p.Annotations {
		conf[confAnnotationPrefix+key] = value
	}
	return conf
}
