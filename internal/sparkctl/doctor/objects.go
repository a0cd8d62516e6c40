// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// Reference is an object that a pod names.
type Reference struct {
	// Kind is Secret, ConfigMap or PersistentVolumeClaim.
	Kind, Name string
}

// named is a reference and what it is for.
type named struct {
	Reference
	// by is what names it, in words. pull marks a pull secret, without which an image may be had all the same.
	by   string
	pull bool
}

// References lists what has to be there before the application's pods can start, each once: what the submission makes itself is left out.
func (a Application) References() []Reference {
	var all []Reference
	for _, n := range a.named() {
		if !slices.Contains(all, n.Reference) {
			all = append(all, n.Reference)
		}
	}
	return all
}

// named are the objects that the application's pods name, but for those that are optional or made with them.
func (a Application) named() []named {
	all := append(namedBy(a.Driver, "the driver's"), namedBy(a.Executor, "the executors'")...)
	return slices.DeleteFunc(all, func(n named) bool { return slices.Contains(a.Makes, n.Reference) })
}

// namedBy are the objects that a pod names.
func namedBy(pod *corev1.Pod, whose string) []named {
	var all []named
	add := func(kind, name string, optional *bool, by string) {
		if name != "" && (optional == nil || !*optional) {
			all = append(all, named{Reference: Reference{kind, name}, by: by})
		}
	}
	for _, v := range pod.Spec.Volumes {
		by := whose + " volume " + v.Name
		switch source := v.VolumeSource; {
		case source.Secret != nil:
			add("Secret", source.Secret.SecretName, source.Secret.Optional, by)
		case source.ConfigMap != nil:
			add("ConfigMap", source.ConfigMap.Name, source.ConfigMap.Optional, by)
		case source.PersistentVolumeClaim != nil:
			add("PersistentVolumeClaim", source.PersistentVolumeClaim.ClaimName, nil, by)
		case source.Projected != nil:
			for _, p := range source.Projected.Sources {
				if p.Secret != nil {
					add("Secret", p.Secret.Name, p.Secret.Optional, by)
				}
				if p.ConfigMap != nil {
					add("ConfigMap", p.ConfigMap.Name, p.ConfigMap.Optional, by)
				}
			}
		}
	}
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		for _, e := range c.EnvFrom {
			if e.SecretRef != nil {
				add("Secret", e.SecretRef.Name, e.SecretRef.Optional, whose+" environment")
			}
			if e.ConfigMapRef != nil {
				add("ConfigMap", e.ConfigMapRef.Name, e.ConfigMapRef.Optional, whose+" environment")
			}
		}
		for _, e := range c.Env {
			by := whose + " variable " + e.Name
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
				add("Secret", e.ValueFrom.SecretKeyRef.Name, e.ValueFrom.SecretKeyRef.Optional, by)
			}
			if e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil {
				add("ConfigMap", e.ValueFrom.ConfigMapKeyRef.Name, e.ValueFrom.ConfigMapKeyRef.Optional, by)
			}
		}
	}
	for _, pull := range pod.Spec.ImagePullSecrets {
		all = append(all, named{Reference{"Secret", pull.Name}, whose + " image", true})
	}
	return all
}

// objects judges whether what the application names is there.
func (f Facts) objects() []Finding {
	var found []Finding
	var there []string
	told := map[Reference]bool{}
	for _, n := range f.Application.named() {
		if told[n.Reference] {
			continue
		}
		told[n.Reference] = true
		kind := strings.ToLower(n.Kind)
		answer, asked := f.Objects[n.Reference]
		switch {
		case answer.absent() && n.pull:
			found = append(found, Finding{"pull secret", Warning, fmt.Sprintf("pull secret %s, which %s names, is not there", n.Name, n.by), pullSecret(n.Name, f.Namespace)})
		case answer.absent():
			found = append(found, Finding{kind, Problem, fmt.Sprintf("%s %s, which %s names, is not there", kind, n.Name, n.by), f.make(n.Reference)})
		case answer.Err != nil || !asked:
			why := "nobody asked"
			if asked {
				why = answer.why()
			}
			found = append(found, Finding{kind, Unknown, fmt.Sprintf("whether %s %s, which %s names, is there is not known: %s", kind, n.Name, n.by, why), fmt.Sprintf("kubectl get %s %s -n %s", kind, n.Name, f.Namespace)})
		default:
			there = append(there, kind+" "+n.Name)
		}
	}
	if len(there) > 0 {
		found = append(found, Finding{Check: "objects", Level: OK, Message: "what the application names is there: " + strings.Join(there, ", ")})
	}
	return found
}

// make is the command that makes an object.
func (f Facts) make(r Reference) string {
	switch r.Kind {
	case "Secret":
		return fmt.Sprintf("kubectl create secret generic %s -n %s --from-literal=KEY=VALUE", r.Name, f.Namespace)
	case "ConfigMap":
		return fmt.Sprintf("kubectl create configmap %s -n %s --from-file=FILE", r.Name, f.Namespace)
	default:
		return fmt.Sprintf("kubectl apply -n %s -f FILE, with a PersistentVolumeClaim called %s in it", f.Namespace, r.Name)
	}
}

// server judges what the API server said when it was asked to check the application's objects without keeping them.
func (f Facts) server() []Finding {
	const check = "dry run"
	tried := f.Application.Tried
	switch {
	case tried == nil:
		return nil
	case tried.Err == nil:
		return []Finding{{Check: check, Level: OK, Message: fmt.Sprintf("the API server would take all %d objects of the submission", tried.Value)}}
	}
	wrong, explained := errors.AsType[*problem.Error](tried.Err)
	said := strings.TrimPrefix(reason(tried.Err), "the API server refused: ")
	switch {
	case explained && wrong.Code == xcom.ExitConflict:
		// A driver of the same run, which a submission takes into account, or one of another, with which it does what the flags say.
		return []Finding{{check, Warning, "the name that the application fixes is taken, so that nothing else was tried: " + said, "see whose it is with: sparkctl list -n " + f.Namespace + " -o wide"}}
	case explained && wrong.Cause.Category == xcom.CategoryAPI:
		return []Finding{{check, Unknown, "whether the API server would take the submission is not known: " + said, wrong.Hint()}}
	default:
		return []Finding{{check, Problem, "the API server would not take the submission: " + said, hint(tried.Err)}}
	}
}

// hint is what an error says to try.
func hint(err error) string {
	if wrong, is := errors.AsType[*problem.Error](err); is {
		return wrong.Hint()
	}
	return ""
}
