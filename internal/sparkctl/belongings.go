// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// Volumes of a driver (Spark: Constants.SPARK_CONF_VOLUME_DRIVER, POD_TEMPLATE_VOLUME, HADOOP_CONF_VOLUME), and the key in one of them (POD_TEMPLATE_KEY).
const (
	confVolume     = "spark-conf-volume-driver"
	templateVolume = "pod-template-volume"
	templateKey    = "podspec-configmap-key"
	hadoopVolume   = "hadoop-properties"
)

// belongings are the objects that stand there for a driver.
type belongings struct {
	client *kube.Client
	pod    *corev1.Pod
}

// volume is what the ConfigMap behind a volume holds; nil where it cannot be read.
func (b belongings) volume(ctx context.Context, name string) map[string]string {
	for _, volume := range b.pod.Spec.Volumes {
		if volume.Name == name && volume.ConfigMap != nil {
			if found, err := b.client.ConfigMap(ctx, b.pod.Namespace, volume.ConfigMap.Name); err == nil {
				return found.Data
			}
		}
	}
	return nil
}

// conf is Spark's configuration of the driver; nil where it cannot be read.
func (b belongings) conf(ctx context.Context) map[string]string {
	text, there := b.volume(ctx, confVolume)["spark.properties"]
	if !there {
		return nil
	}
	return submitter.ParseProperties(text)
}

// files are the driver's files of configuration beside Spark's own, and those of Hadoop, by name; nil where there are none.
func (b belongings) files(ctx context.Context) (conf, hadoop map[string][]byte) {
	for name, content := range b.volume(ctx, confVolume) {
		if name != "spark.properties" && name != "spark.kubernetes.namespace" {
			conf = with(conf, name, content)
		}
	}
	for name, content := range b.volume(ctx, hadoopVolume) {
		hadoop = with(hadoop, name, content)
	}
	return conf, hadoop
}

func with(files map[string][]byte, name, content string) map[string][]byte {
	if files == nil {
		files = map[string][]byte{}
	}
	files[name] = []byte(content)
	return files
}

// executorTemplate is the template of the executors' pods; empty where there is none or it cannot be read.
func (b belongings) executorTemplate(ctx context.Context) []byte {
	return []byte(b.volume(ctx, templateVolume)[templateKey])
}

// named are the objects that the pod and its configuration name.
func (b belongings) named(conf map[string]string) []native.Object {
	var all []native.Object
	for _, volume := range b.pod.Spec.Volumes {
		if volume.ConfigMap != nil {
			all = append(all, &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: metav1.ObjectMeta{Name: volume.ConfigMap.Name}})
		}
	}
	if service, _, _ := strings.Cut(conf["spark.driver.host"], "."); service != "" {
		all = append(all, &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: service}})
	}
	return all
}
