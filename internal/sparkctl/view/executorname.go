// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/pattern"
)

// PrefixOf is what the names of the executors begin with that an event is about, or the claims of them; empty where it is about none.
func PrefixOf(e *corev1.Event) string {
	name := executorName()
	if e.InvolvedObject.Kind == "PersistentVolumeClaim" {
		name = executorClaim()
	} else if e.InvolvedObject.Kind != "Pod" {
		return ""
	}
	if match := name.FindStringSubmatch(e.InvolvedObject.Name); match != nil {
		return match[1]
	}
	return ""
}

// Life is which application a driver ran, and when.
type Life struct {
	name     string
	from, to time.Time
}

// LifeOf is the life of a driver at now; ok is false where it has not begun, or where the application's name is not known, which Spark
// labels since 3.3.
func LifeOf(pod *corev1.Pod, now time.Time) (l Life, ok bool) {
	from, ended := driver.Life(pod, driver.Container(pod, ""))
	l = Life{name: pod.Labels[driver.LabelAppName], from: from, to: now}
	if !ended.IsZero() {
		l.to = ended.Add(time.Second) // Kubernetes keeps whole seconds
	}
	return l, l.name != "" && !l.from.IsZero()
}

// maxLabel is how long a label's value can be: of a longer name the label has the beginning, without a dash at its end.
const maxLabel = 63

// Made reports whether an application of that name may have made that prefix while it ran. The driver makes it up of its application's
// name, as a label has it, six random digits, and the time in milliseconds (KubernetesConf.getResourceNamePrefix,
// KubernetesUtils.uniqueID), all in lower case.
func (l Life) Made(prefix string) bool {
	match := pattern.Of(`^(.+)-[0-9a-f]{6}([0-9a-f]{8,10})$`).FindStringSubmatch(prefix)
	if match == nil {
		return false
	}
	name := l.name
	if name[0] >= '0' && name[0] <= '9' {
		name = "x" + name[1:] // a name cannot begin with a digit
	}
	if match[1] != name && (len(l.name) < maxLabel-1 || !strings.HasPrefix(match[1], name)) {
		return false
	}
	// Of the time there are the lower 40 bits, 35 years.
	low, err := strconv.ParseInt(match[2], 16, 64)
	const bits = 1<<40 - 1
	return err == nil && (low-l.from.UnixMilli())&bits <= l.to.Sub(l.from).Milliseconds()
}
