// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPodSecurityIsThatOfTheNamespacesLabel(t *testing.T) {
	yes, no := true, false
	root := int64(0)
	unconfined := &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}
	masked := corev1.UnmaskedProcMount
	harmlessPod := func() *corev1.Pod {
		return &corev1.Pod{Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: &yes, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{Name: "driver", SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: &no, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			}}},
			Volumes: []corev1.Volume{{Name: "conf", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{}}}},
		}}
	}
	for name, test := range map[string]struct {
		standard string
		change   func(*corev1.PodSpec, *corev1.Container)
		want     []string
	}{
		"a pod that keeps to restricted": {restricted, func(*corev1.PodSpec, *corev1.Container) {}, nil},
		"a pod as Spark makes it, in restricted": {restricted, func(s *corev1.PodSpec, c *corev1.Container) { s.SecurityContext, c.SecurityContext = nil, nil }, []string{
			"driver: allowPrivilegeEscalation is not false", "driver: capabilities.drop has not ALL", "driver: runAsNonRoot is not true", "driver: seccompProfile is not RuntimeDefault",
		}},
		"a pod as Spark makes it, in baseline": {baseline, func(s *corev1.PodSpec, c *corev1.Container) { s.SecurityContext, c.SecurityContext = nil, nil }, nil},
		"a container that takes back what its pod says": {restricted, func(_ *corev1.PodSpec, c *corev1.Container) {
			c.SecurityContext.RunAsNonRoot, c.SecurityContext.SeccompProfile = &no, unconfined
		}, []string{"driver: seccompProfile is Unconfined", "driver: runAsNonRoot is not true"}},
		"root by number": {restricted, func(s *corev1.PodSpec, c *corev1.Container) {
			s.SecurityContext.RunAsUser, c.SecurityContext.RunAsUser = &root, &root
		}, []string{"runAsUser is 0", "driver: runAsUser is 0"}},
		"an init container counts": {restricted, func(s *corev1.PodSpec, c *corev1.Container) {
			s.InitContainers = []corev1.Container{{Name: "fetch", SecurityContext: &corev1.SecurityContext{Capabilities: c.SecurityContext.Capabilities}}}
		}, []string{"fetch: allowPrivilegeEscalation is not false"}},
		"a volume that restricted does not know": {restricted, func(s *corev1.PodSpec, _ *corev1.Container) {
			s.Volumes = append(s.Volumes, corev1.Volume{Name: "share", VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{}}})
		}, []string{"volume share is of a kind that is not allowed"}},
		"that volume in baseline": {baseline, func(s *corev1.PodSpec, _ *corev1.Container) {
			s.Volumes = append(s.Volumes, corev1.Volume{Name: "share", VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{}}})
		}, nil},
		"a capability that baseline lets be added and restricted does not": {restricted, func(_ *corev1.PodSpec, c *corev1.Container) {
			c.SecurityContext.Capabilities.Add = []corev1.Capability{"NET_BIND_SERVICE", "CHOWN"}
		}, []string{"driver: capabilities.add has CHOWN"}},
		"everything that baseline refuses": {baseline, func(s *corev1.PodSpec, c *corev1.Container) {
			s.HostNetwork, s.HostPID, s.HostIPC, s.SecurityContext.SeccompProfile = true, true, true, unconfined
			s.Volumes = append(s.Volumes, corev1.Volume{Name: "disk", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{}}})
			c.Ports = []corev1.ContainerPort{{HostPort: 80}}
			c.SecurityContext = &corev1.SecurityContext{Privileged: &yes, ProcMount: &masked, SeccompProfile: unconfined, Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"CHOWN", "SYS_ADMIN"}}}
		}, []string{
			"hostIPC is true", "hostNetwork is true", "hostPID is true", "seccompProfile is Unconfined", "volume disk is a hostPath",
			"driver: privileged is true", "driver: capabilities.add has SYS_ADMIN", "driver: hostPort is 80", "driver: procMount is Unmasked", "driver: seccompProfile is Unconfined",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			pod := harmlessPod()
			test.change(&pod.Spec, &pod.Spec.Containers[0])
			if diff := cmp.Diff(test.want, violations(pod, test.standard)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			f := well()
			f.Object.Value.Labels = map[string]string{labelEnforce: test.standard}
			f.Application = etl()
			f.Application.Driver, f.Application.Executor = pod, pod
			if got := only("pod security", found(f)); len(got) > 0 != (len(test.want) > 0) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestPodSecurityWithoutAnApplicationIsAboutPodsAsSparkMakesThem(t *testing.T) {
	for label, want := range map[string]Level{"": OK, "privileged": OK, "baseline": OK, "restricted": Warning} {
		f := well()
		f.Object = got(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{labelEnforce: label}}})
		for _, one := range Examine(f).Findings {
			if one.Check == "pod security" && one.Level != want {
				t.Errorf("%q: %+v", label, one)
			}
		}
	}
}
