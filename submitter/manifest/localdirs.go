// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// localDirs makes Spark's local folders of the volumes that are named for it (the operator's driverVolumeMountsOption).
func (b *builder) localDirs(r role, spec *kubeflowSpec) {
	for i, mount := range r.pod.VolumeMounts {
		if !strings.HasPrefix(mount.Name, localDir) {
			continue
		}
		at := r.path + ".volumeMounts[" + strconv.Itoa(i) + "]"
		volume, found := spec.volume(mount.Name)
		if !found {
			b.refuse(at+".name", "no volume of spec.volumes is called "+strconv.Quote(mount.Name), "add the volume")
			continue
		}
		kind, options := sparkVolume(volume)
		if kind == "" {
			b.refuse(at+".name", "the volume "+mount.Name+" is none that Spark can take as a local folder", "take emptyDir, hostPath, nfs or persistentVolumeClaim, or another name than "+localDir+"*")
			continue
		}
		b.localMount("spark.kubernetes."+r.name+".volumes."+kind+"."+mount.Name+".", at, mount, options)
	}
}

func (b *builder) localMount(prefix, at string, mount corev1.VolumeMount, options []option) {
	said := corev1.VolumeMount{Name: mount.Name, MountPath: mount.MountPath, SubPath: mount.SubPath, ReadOnly: mount.ReadOnly}
	if !equality.Semantic.DeepEqual(mount, said) {
		b.refuse(at, "has a field that Spark's keys for volumes do not have", "keep name, mountPath, subPath and readOnly, or name the volume otherwise than "+localDir+"*")
	}
	for _, o := range append([]option{{"mount.path", mount.MountPath}, {"mount.subPath", mount.SubPath}, {"mount.readOnly", yes(mount.ReadOnly)}}, options...) {
		if o.value != "" {
			b.conf(prefix+o.key, o.value)
		}
	}
}

// option is a key of a volume and its value; empty says nothing.
type option struct{ key, value string }

// sparkVolume is Spark's kind of a volume and its options; empty if Spark has none (Spark: KubernetesVolumeUtils).
func sparkVolume(volume corev1.Volume) (kind string, options []option) {
	switch {
	case volume.EmptyDir != nil:
		limit := ""
		if volume.EmptyDir.SizeLimit != nil {
			limit = volume.EmptyDir.SizeLimit.String()
		}
		return "emptyDir", []option{{"options.sizeLimit", limit}, {"options.medium", string(volume.EmptyDir.Medium)}}
	case volume.HostPath != nil:
		kind := ""
		if volume.HostPath.Type != nil {
			kind = string(*volume.HostPath.Type)
		}
		return "hostPath", []option{{"options.path", volume.HostPath.Path}, {"options.type", kind}}
	case volume.NFS != nil:
		return "nfs", []option{{"options.path", volume.NFS.Path}, {"options.server", volume.NFS.Server}, {"options.readOnly", yes(volume.NFS.ReadOnly)}}
	case volume.PersistentVolumeClaim != nil:
		claim := volume.PersistentVolumeClaim
		return "persistentVolumeClaim", []option{{"options.claimName", claim.ClaimName}, {"options.readOnly", yes(claim.ReadOnly)}}
	default:
		return "", nil
	}
}

func yes(set bool) string {
	if set {
		return "true"
	}
	return ""
}
