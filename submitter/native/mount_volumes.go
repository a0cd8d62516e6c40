// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

const (
	// claimOnDemand stands for the name of a claim that is made for the driver.
	claimOnDemand = "OnDemand"
	// confOldAccessMode chooses ReadWriteOnce, which Spark 3.4 and 3.5 do by themselves.
	confOldAccessMode = "spark.kubernetes.legacy.useReadWriteOnceAccessMode"
)

// mountVolumes mounts the volumes that the configuration asks for (Spark: features/MountVolumesFeatureStep).
func mountVolumes(c *driverConf, d *spec) {
	// Those of executors are read too: a mistake in them would otherwise end the driver.
	volumesUnder(c, confExecutorVolumes)
	volumes := volumesUnder(c, confDriverVolumes)
	checkMountPaths(c, volumes)
	for i, v := range volumes {
		mount := corev1.VolumeMount{MountPath: v.options[mountPath], ReadOnly: v.readOnly, SubPath: v.options[mountSubPath]}
		if c.in.Spark.AtLeast(4, 0) {
			mount.SubPathExpr = v.options[mountSubPathExpr]
		}
		d.addVolume(v.name, volumeSource(c, d, v, i), mount)
	}
}

func volumeSource(c *driverConf, d *spec, v volume, i int) corev1.VolumeSource {
	switch v.kind {
	case typeHostPath:
		kind := corev1.HostPathUnset
		if c.in.Spark.AtLeast(4, 0) {
			kind = corev1.HostPathType(v.options[optionType])
		}
		return corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: v.options[optionPath], Type: &kind}}
	case typeClaim:
		name := strings.ReplaceAll(v.options[optionClaim], claimOnDemand, c.prefix+"-driver-pvc-"+strconv.Itoa(i))
		_, size := v.options[optionSize]
		if _, class := v.options[optionStorageClass]; size && class {
			d.owned = append(d.owned, claim(c, v, name))
		}
		return corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name, ReadOnly: v.readOnly}}
	case typeNFS:
		return corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{Path: v.options[optionPath], Server: v.options[optionServer]}}
	default:
		empty := &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMedium(v.options[optionMedium])}
		if size, ok := v.options[optionSize]; ok {
			empty.SizeLimit = new(c.quantity(confDriverVolumes+typeEmptyDir+"."+v.name+"."+optionSize, size))
		}
		return corev1.VolumeSource{EmptyDir: empty}
	}
}

// claim is a PersistentVolumeClaim that goes with the driver.
func claim(c *driverConf, v volume, name string) *corev1.PersistentVolumeClaim {
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{driver.LabelSelector: c.in.ApplicationID}}
	if c.in.Spark.AtLeast(4, 0) {
		meta.Labels = merged(v.below("label."), meta.Labels)
		meta.Annotations = merged(nil, v.below("annotation."))
	}
	mode := corev1.ReadWriteOncePod
	// Spark 3.3 knows no other; 3.4 and 3.5 take the newer one only when they are told to.
	if !c.in.Spark.AtLeast(3, 4) || c.flag(confOldAccessMode, !c.in.Spark.AtLeast(4, 0)) {
		mode = corev1.ReadWriteOnce
	}
	size := c.quantity(confDriverVolumes+typeClaim+"."+v.name+"."+optionSize, v.options[optionSize])
	return &corev1.PersistentVolumeClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		ObjectMeta: meta,
		Spec: corev1.PersistentVolumeClaimSpec{
			StorageClassName: new(v.options[optionStorageClass]),
			AccessModes:      []corev1.PersistentVolumeAccessMode{mode},
			Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: size}},
		},
	}
}
