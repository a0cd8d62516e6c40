// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// labelEnforce is the label by which a namespace says which Pod Security Standard it enforces (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
const labelEnforce = "pod-security.kubernetes.io/enforce"

// The standards that refuse anything.
const (
	baseline   = "baseline"
	restricted = "restricted"
)

// podSecurity judges whether the namespace's Pod Security Standard lets the driver's pod in.
func (f Facts) podSecurity() []Finding {
	const check = "pod security"
	if f.Object.Err != nil {
		// The finding about the namespace says so.
		return nil
	}
	enforced := f.Object.Value.Labels[labelEnforce]
	template := "submit with pod templates (spark.kubernetes.driver.podTemplateFile, spark.kubernetes.executor.podTemplateFile) that say so"
	switch {
	case enforced != baseline && enforced != restricted:
		return []Finding{{Check: check, Level: OK, Message: "namespace " + f.Namespace + " enforces no Pod Security Standard by its labels"}}
	case f.made() != nil:
		var found []Finding
		for _, one := range []struct {
			whose string
			pod   *corev1.Pod
		}{{"the driver's pod does", f.Application.Driver}, {"the executors' pods do", f.Application.Executor}} {
			if wrong := violations(one.pod, enforced); len(wrong) > 0 {
				found = append(found, Finding{check, Problem, fmt.Sprintf("namespace %s enforces the Pod Security Standard %s, and %s not keep to it: %s", f.Namespace, enforced, one.whose, strings.Join(wrong, ", ")), template})
			}
		}
		if len(found) == 0 {
			found = []Finding{{Check: check, Level: OK, Message: fmt.Sprintf("the application's pods keep to the Pod Security Standard %s, which namespace %s enforces", enforced, f.Namespace)}}
		}
		return found
	case enforced == restricted:
		wrong := violations(&corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "its container"}}}}, restricted)
		return []Finding{{check, Warning, fmt.Sprintf("namespace %s enforces the Pod Security Standard restricted, and pods as Spark makes them do not keep to it: %s", f.Namespace, strings.Join(wrong, ", ")), template}}
	default:
		return []Finding{{Check: check, Level: OK, Message: fmt.Sprintf("namespace %s enforces the Pod Security Standard %s, which pods as Spark makes them keep to", f.Namespace, enforced)}}
	}
}

// violations says what of a pod a standard refuses.
func violations(pod *corev1.Pod, standard string) []string {
	spec := &pod.Spec
	security := spec.SecurityContext
	if security == nil {
		security = &corev1.PodSecurityContext{}
	}
	wrong := podViolations(spec, security, standard)
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		own := c.SecurityContext
		if own == nil {
			own = &corev1.SecurityContext{}
		}
		for _, one := range append(baseViolations(c, own), restrictedViolations(own, security, standard)...) {
			wrong = append(wrong, c.Name+": "+one)
		}
	}
	return wrong
}

// podViolations are those of the pod as a whole.
func podViolations(spec *corev1.PodSpec, security *corev1.PodSecurityContext, standard string) []string {
	var wrong []string
	for name, set := range map[string]bool{"hostNetwork": spec.HostNetwork, "hostPID": spec.HostPID, "hostIPC": spec.HostIPC} {
		if set {
			wrong = append(wrong, name+" is true")
		}
	}
	slices.Sort(wrong)
	if unconfined(security.SeccompProfile) {
		wrong = append(wrong, "seccompProfile is Unconfined")
	}
	for _, v := range spec.Volumes {
		source := v.VolumeSource
		allowed := source.ConfigMap != nil || source.CSI != nil || source.DownwardAPI != nil || source.EmptyDir != nil || source.Ephemeral != nil ||
			source.PersistentVolumeClaim != nil || source.Projected != nil || source.Secret != nil
		switch {
		case source.HostPath != nil:
			wrong = append(wrong, "volume "+v.Name+" is a hostPath")
		case standard == restricted && !allowed:
			wrong = append(wrong, "volume "+v.Name+" is of a kind that is not allowed")
		}
	}
	if standard == restricted && security.RunAsUser != nil && *security.RunAsUser == 0 {
		wrong = append(wrong, "runAsUser is 0")
	}
	return wrong
}

// harmless are the capabilities that baseline lets a container add.
const harmless = "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"

// baseViolations are those of a container that every standard refuses.
func baseViolations(c corev1.Container, own *corev1.SecurityContext) []string {
	var wrong []string
	if own.Privileged != nil && *own.Privileged {
		wrong = append(wrong, "privileged is true")
	}
	if own.Capabilities != nil {
		for _, added := range own.Capabilities.Add {
			if !slices.Contains(strings.Fields(harmless), string(added)) {
				wrong = append(wrong, "capabilities.add has "+string(added))
			}
		}
	}
	for _, port := range c.Ports {
		if port.HostPort != 0 {
			wrong = append(wrong, fmt.Sprintf("hostPort is %d", port.HostPort))
		}
	}
	if own.ProcMount != nil && *own.ProcMount != corev1.DefaultProcMount {
		wrong = append(wrong, "procMount is "+string(*own.ProcMount))
	}
	if unconfined(own.SeccompProfile) {
		wrong = append(wrong, "seccompProfile is Unconfined")
	}
	return wrong
}

// restrictedViolations are those of a container that only restricted refuses; what the pod says holds for containers that say nothing.
func restrictedViolations(own *corev1.SecurityContext, pod *corev1.PodSecurityContext, standard string) []string {
	if standard != restricted {
		return nil
	}
	var wrong []string
	if own.AllowPrivilegeEscalation == nil || *own.AllowPrivilegeEscalation {
		wrong = append(wrong, "allowPrivilegeEscalation is not false")
	}
	if own.Capabilities == nil || !slices.Contains(own.Capabilities.Drop, "ALL") {
		wrong = append(wrong, "capabilities.drop has not ALL")
	}
	if own.Capabilities != nil {
		for _, added := range own.Capabilities.Add {
			if added != "NET_BIND_SERVICE" && slices.Contains(strings.Fields(harmless), string(added)) {
				wrong = append(wrong, "capabilities.add has "+string(added))
			}
		}
	}
	nonRoot := own.RunAsNonRoot
	if nonRoot == nil {
		nonRoot = pod.RunAsNonRoot
	}
	if nonRoot == nil || !*nonRoot {
		wrong = append(wrong, "runAsNonRoot is not true")
	}
	if own.RunAsUser != nil && *own.RunAsUser == 0 {
		wrong = append(wrong, "runAsUser is 0")
	}
	profile := own.SeccompProfile
	if profile == nil {
		profile = pod.SeccompProfile
	}
	if profile == nil {
		wrong = append(wrong, "seccompProfile is not RuntimeDefault")
	}
	return wrong
}

func unconfined(profile *corev1.SeccompProfile) bool {
	return profile != nil && profile.Type == corev1.SeccompProfileTypeUnconfined
}
