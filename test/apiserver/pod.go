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
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
func preparePod(o *object, now metav1.Time) error {
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
	for i := range spec.Volumes {
		if source := spec.Volumes[i].ConfigMap; source != nil {
			setPointer(&source.DefaultMode, corev1.ConfigMapVolumeSourceDefaultMode)
		}
		if source := spec.Volumes[i].Secret; source != nil {
			setPointer(&source.DefaultMode, corev1.SecretVolumeSourceDefaultMode)
		}
	}
	pod.Status = corev1.PodStatus{Phase: corev1.PodPending, QOSClass: qosClass(spec)}
	if len(spec.SchedulingGates) > 0 {
		pod.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonSchedulingGated,
			Message: "Scheduling is blocked due to non-empty scheduling gates", LastTransitionTime: now,
		}}
	}
	if err := writePod(o, pod); err != nil {
		return err
	}
	tolerateNodes(o)
	return nil
}

// tolerateNodes lets a pod stay for five minutes on a node that is lost, as an
// admission plugin does at every write.
func tolerateNodes(o *object) {
	tolerations, _, _ := unstructured.NestedSlice(o.Object, "spec", "tolerations")
	for _, taint := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		if slices.ContainsFunc(tolerations, func(t any) bool {
			toleration, isMap := t.(map[string]any)
			return isMap && (toleration["key"] == taint || toleration["key"] == nil)
		}) {
			continue
		}
		tolerations = append(tolerations, map[string]any{
			"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": int64(300),
		})
	}
	unstructured.SetNestedSlice(o.Object, tolerations, "spec", "tolerations") //nolint:errcheck // spec is a map
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
	for i := range c.Env {
		if from := c.Env[i].ValueFrom; from != nil && from.FieldRef != nil {
			setDefault(&from.FieldRef.APIVersion, "v1")
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
	switch policy := pod.Spec.RestartPolicy; policy {
	case corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever:
	default:
		problems = append(problems, field.NotSupported(spec.Child("restartPolicy"), policy,
			[]corev1.RestartPolicy{corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever}))
	}
	if pod.Spec.NodeName != "" && len(pod.Spec.SchedulingGates) > 0 {
		problems = append(problems, field.Forbidden(spec.Child("nodeName"), "cannot be set until all schedulingGates have been cleared"))
	}
	for i, gate := range pod.Spec.SchedulingGates {
		if slices.Index(pod.Spec.SchedulingGates, gate) < i {
			problems = append(problems, field.Duplicate(spec.Child("schedulingGates").Index(i), gate.Name))
		}
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
	problems = append(problems, validateDeadline(next.Spec.ActiveDeadlineSeconds, old.Spec.ActiveDeadlineSeconds)...)
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
	if len(old.Spec.SchedulingGates) > 0 {
		if !containsAll(allowed.NodeSelector, old.Spec.NodeSelector) {
			problems = append(problems, field.Invalid(spec.Child("nodeSelector"), allowed.NodeSelector,
				"only additions to spec.nodeSelector are allowed (no mutations or deletions)"))
		}
		allowed.NodeSelector = old.Spec.NodeSelector
	}
	if !equality.Semantic.DeepEqual(allowed, &old.Spec) {
		problems = append(problems, field.Forbidden(spec, updatable))
	}
	return problems
}

// validateDeadline lets a deadline come and become shorter.
func validateDeadline(next, old *int64) field.ErrorList {
	at := field.NewPath("spec", "activeDeadlineSeconds")
	switch {
	case old == nil:
		return nil
	case next == nil:
		return field.ErrorList{field.Invalid(at, next, "must not update from a positive integer to nil value")}
	case *next > *old:
		return field.ErrorList{field.Invalid(at, *next, "must be less than or equal to previous value")}
	}
	return nil
}

func containsAll(bigger, smaller map[string]string) bool {
	for name, value := range smaller {
		if bigger[name] != value {
			return false
		}
	}
	return true
}
