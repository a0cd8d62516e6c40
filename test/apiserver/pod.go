// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// podOf reads an object as a pod.
func podOf(o *object) (*corev1.Pod, error) {
	pod := &corev1.Pod{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, pod); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return pod, nil
}

// writePod puts a pod back into its object.
func writePod(o *object, pod *corev1.Pod) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	o.Object = content
	return nil
}

// preparePod fills the defaults in that the real server fills in.
func preparePod(o *object) error {
	pod, err := podOf(o)
	if err != nil {
		return err
	}
	spec := &pod.Spec
	setDefault(&spec.RestartPolicy, corev1.RestartPolicyAlways)
	setDefault(&spec.DNSPolicy, corev1.DNSClusterFirst)
	setDefault(&spec.SchedulerName, corev1.DefaultSchedulerName)
	setDefault(&spec.ServiceAccountName, "default")
	spec.DeprecatedServiceAccount = spec.ServiceAccountName
	setPointer(&spec.TerminationGracePeriodSeconds, int64(corev1.DefaultTerminationGracePeriodSeconds))
	setPointer(&spec.EnableServiceLinks, corev1.DefaultEnableServiceLinks)
	setPointer(&spec.Priority, int32(0))
	setPointer(&spec.PreemptionPolicy, corev1.PreemptLowerPriority)
	if spec.SecurityContext == nil {
		spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	for _, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range containers {
			defaultContainer(&containers[i])
		}
	}
	for _, taint := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		if !slices.ContainsFunc(spec.Tolerations, func(t corev1.Toleration) bool { return t.Key == taint }) {
			seconds := int64(300)
			spec.Tolerations = append(spec.Tolerations, corev1.Toleration{
				Key: taint, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds,
			})
		}
	}
	pod.Status = corev1.PodStatus{Phase: corev1.PodPending, QOSClass: qosClass(spec)}
	if len(spec.SchedulingGates) > 0 {
		pod.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonSchedulingGated,
			Message: "Scheduling is blocked due to non-empty scheduling gates",
		}}
	}
	return writePod(o, pod)
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

func setPointer[T any](value **T, otherwise T) {
	if *value == nil {
		*value = &otherwise
	}
}

func defaultContainer(c *corev1.Container) {
	setDefault(&c.TerminationMessagePath, corev1.TerminationMessagePathDefault)
	setDefault(&c.TerminationMessagePolicy, corev1.TerminationMessageReadFile)
	if c.ImagePullPolicy == "" {
		c.ImagePullPolicy = corev1.PullIfNotPresent
		name := c.Image[strings.LastIndex(c.Image, "/")+1:]
		if _, tag, tagged := strings.Cut(name, ":"); !strings.Contains(name, "@") && (!tagged || tag == "latest") {
			c.ImagePullPolicy = corev1.PullAlways
		}
	}
	for i := range c.Ports {
		setDefault(&c.Ports[i].Protocol, corev1.ProtocolTCP)
	}
	for name, limit := range c.Resources.Limits {
		if _, set := c.Resources.Requests[name]; !set {
			if c.Resources.Requests == nil {
				c.Resources.Requests = corev1.ResourceList{}
			}
			c.Resources.Requests[name] = limit
		}
	}
}

// qosClass is the class by the containers' requests and limits.
func qosClass(spec *corev1.PodSpec) corev1.PodQOSClass {
	guaranteed, any := true, false
	for _, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for _, c := range containers {
			for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				request, requested := c.Resources.Requests[name]
				limit, limited := c.Resources.Limits[name]
				any = any || requested || limited
				guaranteed = guaranteed && limited && request.Cmp(limit) == 0
			}
		}
	}
	switch {
	case !any:
		return corev1.PodQOSBestEffort
	case guaranteed:
		return corev1.PodQOSGuaranteed
	}
	return corev1.PodQOSBurstable
}

// validatePod checks what a program that makes pods can get wrong most easily.
func validatePod(o *object) field.ErrorList {
	pod, err := podOf(o)
	if err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	var problems field.ErrorList
	spec := field.NewPath("spec")
	if len(pod.Spec.Containers) == 0 {
		problems = append(problems, field.Required(spec.Child("containers"), ""))
	}
	names := map[string]bool{}
	for i, c := range pod.Spec.Containers {
		at := spec.Child("containers").Index(i)
		switch {
		case c.Name == "":
			problems = append(problems, field.Required(at.Child("name"), ""))
		case names[c.Name]:
			problems = append(problems, field.Duplicate(at.Child("name"), c.Name))
		default:
			for _, why := range validation.IsDNS1123Label(c.Name) {
				problems = append(problems, field.Invalid(at.Child("name"), c.Name, why))
			}
		}
		names[c.Name] = true
		if c.Image == "" {
			problems = append(problems, field.Required(at.Child("image"), ""))
		}
	}
	if pod.Spec.NodeName != "" && len(pod.Spec.SchedulingGates) > 0 {
		problems = append(problems, field.Forbidden(spec.Child("nodeName"), "cannot be set until all schedulingGates have been cleared"))
	}
	for i, gate := range pod.Spec.SchedulingGates {
		for _, why := range validation.IsQualifiedName(gate.Name) {
			problems = append(problems, field.Invalid(spec.Child("schedulingGates").Index(i), gate.Name, why))
		}
	}
	return problems
}

const updatable = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
	"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
	"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

// validatePodUpdate allows the few changes that a pod's spec allows.
func validatePodUpdate(oldObject, nextObject *object) field.ErrorList {
	old, err := podOf(oldObject)
	if err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	next, err := podOf(nextObject)
	if err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	spec := field.NewPath("spec")
	if len(next.Spec.Containers) != len(old.Spec.Containers) {
		return field.ErrorList{field.Forbidden(spec.Child("containers"), "pod updates may not add or remove containers")}
	}
	if len(next.Spec.InitContainers) != len(old.Spec.InitContainers) {
		return field.ErrorList{field.Forbidden(spec.Child("initContainers"), "pod updates may not add or remove containers")}
	}
	var problems field.ErrorList
	for i, gate := range next.Spec.SchedulingGates {
		if !slices.Contains(old.Spec.SchedulingGates, gate) {
			problems = append(problems, field.Forbidden(spec.Child("schedulingGates").Index(i).Child("name"),
				fmt.Sprintf("only deletion is allowed, but found new scheduling gate '%s'", gate.Name)))
		}
	}
	for i, toleration := range old.Spec.Tolerations {
		if !slices.ContainsFunc(next.Spec.Tolerations, func(t corev1.Toleration) bool { return equality.Semantic.DeepEqual(t, toleration) }) {
			problems = append(problems, field.Forbidden(spec.Child("tolerations").Index(i), "existing toleration can not be modified except its tolerationSeconds"))
		}
	}
	// What may change is set to the same value before the rest is compared.
	allowed := next.Spec.DeepCopy()
	for i := range allowed.Containers {
		allowed.Containers[i].Image = old.Spec.Containers[i].Image
	}
	for i := range allowed.InitContainers {
		allowed.InitContainers[i].Image = old.Spec.InitContainers[i].Image
	}
	allowed.ActiveDeadlineSeconds = old.Spec.ActiveDeadlineSeconds
	allowed.SchedulingGates = old.Spec.SchedulingGates
	allowed.Tolerations = old.Spec.Tolerations
	if len(old.Spec.SchedulingGates) > 0 && containsAll(allowed.NodeSelector, old.Spec.NodeSelector) {
		allowed.NodeSelector = old.Spec.NodeSelector
	}
	if !equality.Semantic.DeepEqual(allowed, &old.Spec) {
		problems = append(problems, field.Forbidden(spec, updatable))
	}
	return problems
}

func containsAll(bigger, smaller map[string]string) bool {
	for name, value := range smaller {
		if bigger[name] != value {
			return false
		}
	}
	return true
}

// admitServiceAccount refuses a pod whose ServiceAccount is not there.
func (s *Server) admitServiceAccount(resource *Resource, o *object) error {
	spec, _ := o.Object["spec"].(map[string]any) //nolint:errcheck // normalized
	name, _ := spec["serviceAccountName"].(string)
	if name == "" {
		name = "default"
	}
	accounts := s.resource("", "v1", "serviceaccounts").groupResource()
	if s.store.objects[key{GroupResource: accounts, namespace: o.GetNamespace(), name: name}] != nil {
		return nil
	}
	return apierrors.NewForbidden(resource.groupResource(), o.GetName(),
		fmt.Errorf("error looking up service account %s/%s: serviceaccount %q not found", o.GetNamespace(), name, name))
}

// makeNamespace makes a namespace as New needs it.
func (s *Server) makeNamespace(name string) {
	resource := s.resource("", "v1", "namespaces")
	o := &object{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}
	if _, err := s.createLocked(&Request{}, resource, o); err != nil {
		panic(fmt.Sprintf("make namespace %s: %v", name, err)) // a mistake in the test's Options
	}
}

// makeServiceAccount makes the "default" one, which a controller makes in a
// real cluster, a moment later.
func (s *Server) makeServiceAccount(namespace string) {
	o := &object{Object: map[string]any{
		"apiVersion": "v1", "kind": "ServiceAccount",
		"metadata": map[string]any{"name": "default", "namespace": namespace},
	}}
	o.SetUID(s.uid())
	now := metav1.NewTime(s.now().Time)
	o.SetCreationTimestamp(now)
	accounts := s.resource("", "v1", "serviceaccounts").groupResource()
	s.store.put(key{GroupResource: accounts, namespace: namespace, name: "default"}, o)
}
