// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

type logKey struct{ namespace, pod, container string }

// logLine is what the container's runtime keeps of one write: a line, or a
// piece of one that is longer than maxLine.
type logLine struct {
	at      time.Time
	text    string
	partial bool // the line goes on in the next one
}

// maxLine is where containerd splits lines.
const maxLine = 16 << 10

// podLog is what a container has written.
type podLog struct{ lines []logLine }

// previous is behind a container's name in the key of the log of its life before the last restart.
const previous = "/previous"

// AppendLog lets a container write lines now; CONTAINER/previous did so before its last restart. The log is bound to the pod's
// name; RemoveLog empties it.
func (s *Server) AppendLog(namespace, pod, container, text string) {
	s.AppendLogAt(namespace, pod, container, s.options.Now(), text)
}

// AppendLogAt is AppendLog with the time that the runtime noted.
func (s *Server) AppendLogAt(namespace, pod, container string, at time.Time, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := logKey{namespace, pod, container}
	if s.logs[k] == nil {
		s.logs[k] = &podLog{}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		for len(line) > maxLine {
			s.logs[k].lines = append(s.logs[k].lines, logLine{at: at.UTC(), text: line[:maxLine], partial: true})
			line = line[maxLine:]
		}
		s.logs[k].lines = append(s.logs[k].lines, logLine{at: at.UTC(), text: line})
	}
	s.broadcast()
}

// RemoveLog empties a log, as a rotation does.
func (s *Server) RemoveLog(namespace, pod, container string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.logs, logKey{namespace, pod, container})
	s.broadcast()
}

// podLogs answers GET pods/x/log.
func (s *Server) podLogs(r *Request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.store.objects[keyOf(r, s.resource("", "v1", "pods"))]
	if o == nil {
		return reply{}, apierrors.NewNotFound(s.resource("", "v1", "pods").groupResource(), r.Name)
	}
	pod, err := podOf(o)
	if err != nil {
		return reply{}, err
	}
	l := &logStream{
		server: s, key: logKey{r.Namespace, r.Name, ""}, uid: string(pod.UID), left: -1, tail: -1,
		timestamps: isTrue(r.query("timestamps")), follow: isTrue(r.query("follow")),
	}
	if err := l.configure(r); err != nil {
		return reply{}, err
	}
	container, err := logContainer(pod, r.query("container"))
	if err != nil {
		return reply{}, err
	}
	answer := reply{code: http.StatusOK, header: http.Header{"Content-Type": {"text/plain"}}}
	if pod.Spec.NodeName == "" {
		answer.code = http.StatusNoContent // there is no kubelet to ask yet
		return answer, nil
	}
	if err := waitingToStart(pod, container); err != nil {
		return reply{}, err
	}
	l.key.container = container
	if isTrue(r.query("previous")) {
		if l.key.container += previous; s.logs[l.key] == nil {
			return reply{}, apierrors.NewBadRequest(fmt.Sprintf("previous terminated container %q in pod %q not found", container, pod.Name))
		}
		l.follow = false
	}
	l.source = s.logs[l.key]
	if l.source != nil && l.tail >= 0 {
		l.position = max(0, len(l.source.lines)-l.tail)
	}
	answer.stream = l
	return answer, nil
}

// configure reads the query and refuses what the real server refuses.
func (l *logStream) configure(r *Request) error {
	var problems field.ErrorList
	number := func(name string, least int64, why string) (int64, bool, error) {
		text := r.query(name)
		if text == "" {
			return 0, false, nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, false, apierrors.NewBadRequest(err.Error())
		}
		if n < least {
			problems = append(problems, field.Invalid(field.NewPath(name), n, why))
		}
		return n, true, nil
	}
	tail, tailed, err := number("tailLines", 0, "must be greater than or equal to 0")
	if err != nil {
		return err
	}
	limit, limited, err := number("limitBytes", 1, "must be greater than 0")
	if err != nil {
		return err
	}
	seconds, relative, err := number("sinceSeconds", 1, "must be greater than 0")
	if err != nil {
		return err
	}
	if tailed {
		l.tail = int(tail)
	}
	if limited {
		l.left = limit
	}
	if relative {
		l.since = l.server.options.Now().Add(-time.Duration(seconds) * time.Second)
	}
	if text := r.query("sinceTime"); text != "" {
		since, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		if relative {
			problems = append(problems, field.Forbidden(field.NewPath(""), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
		}
		l.since = since.Truncate(time.Second) // the real one knows whole seconds only
	}
	if len(problems) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Kind: "PodLogOptions"}, r.Name, problems)
	}
	return nil
}

func containerStatus(pod *corev1.Pod, name string) *corev1.ContainerStatus {
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range statuses {
			if statuses[i].Name == name {
				return &statuses[i]
			}
		}
	}
	return nil
}

// logContainer finds the container whose log is wanted.
func logContainer(pod *corev1.Pod, wanted string) (string, error) {
	var names, inits []string
	for _, c := range pod.Spec.Containers {
		names = append(names, c.Name)
	}
	for _, c := range pod.Spec.InitContainers {
		inits = append(inits, c.Name)
	}
	if wanted == "" {
		if len(names) == 1 {
			return names[0], nil
		}
		return "", apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: %v", pod.Name, append(inits, names...)))
	}
	if slices.Contains(append(names, inits...), wanted) {
		return wanted, nil
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", wanted, pod.Name))
}

// waitingToStart is the kubelet's refusal while there is no log yet.
func waitingToStart(pod *corev1.Pod, container string) error {
	status := containerStatus(pod, container)
	if status != nil && (status.State.Waiting == nil || status.LastTerminationState.Terminated != nil) {
		return nil // between two lives there is the log of the one before
	}
	reason := "ContainerCreating"
	if status != nil {
		reason = status.State.Waiting.Reason
	} else if pod.Status.Phase != corev1.PodPending {
		return nil
	}
	return apierrors.NewBadRequest(fmt.Sprintf("container %q in pod %q is waiting to start: %s", container, pod.Name, reason))
}
