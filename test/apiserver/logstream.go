// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"context"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// logStream gives a log line by line.
type logStream struct {
	server     *Server
	key        logKey
	uid        string
	source     *podLog
	position   int
	since      time.Time
	left       int64 // bytes; negative: no limit
	tail       int   // lines; negative: all
	timestamps bool
	follow     bool
	within     bool // the last piece given was not the end of its line
}

// fixedNano is RFC 3339 with all nine digits, as the kubelet writes it.
const fixedNano = "2006-01-02T15:04:05.000000000Z07:00"

func (l *logStream) next(ctx context.Context) ([]byte, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		piece, changed, err := l.poll()
		if piece != nil || err != nil {
			return piece, err
		}
		select {
		case <-changed:
		case <-cutOf(ctx):
			return nil, errCut
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *logStream) poll() ([]byte, <-chan struct{}, error) {
	s := l.server
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []logLine
	if log := s.logs[l.key]; log != nil {
		if l.source != nil && l.source != log {
			l.position = 0 // rotated
		}
		l.source, lines = log, log.lines
	}
	for l.position < len(lines) {
		line := lines[l.position]
		l.position++
		if line.at.Before(l.since) {
			continue
		}
		text := line.text
		if l.timestamps && !l.within {
			text = line.at.Format(fixedNano) + " " + text
		}
		if l.within = line.partial; !line.partial {
			text += "\n"
		}
		if l.left >= 0 {
			text = text[:min(int64(len(text)), l.left)]
			l.left -= int64(len(text))
			if text == "" {
				return nil, nil, io.EOF
			}
		}
		return []byte(text), nil, nil
	}
	if !l.follow || l.left == 0 || l.ended() {
		return nil, nil, io.EOF
	}
	return nil, s.changed, nil
}

// ended tells whether the container can write no more.
func (l *logStream) ended() bool {
	pods := l.server.resource("", "v1", "pods").groupResource()
	o := l.server.store.objects[key{GroupResource: pods, namespace: l.key.namespace, name: l.key.pod}]
	if o == nil || string(o.GetUID()) != l.uid {
		return true
	}
	pod, err := podOf(o)
	if err != nil || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return true
	}
	status := containerStatus(pod, l.key.container)
	return status != nil && status.State.Terminated != nil
}

func (l *logStream) close() {}
