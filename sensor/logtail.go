// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// maxTail bounds the end of a log that is read at once, in bytes.
const maxTail = 1 << 20

// TailLog reads the last lines of a container's log, without waiting for more: for when the log
// was not followed, or its end was missed. At most 1 MiB is read at a time; where the lines are
// longer than that together, fewer of them are. The pod is found by its name, see [LogFollower].
func TailLog(ctx context.Context, logs Logs, target Target, container string, lines int) ([]string, error) {
	for {
		text, err := readTail(ctx, logs, target, container, lines)
		if err != nil {
			return nil, err
		}
		// The API server stops at the limit, and the end is what is wanted.
		if len(text) < maxTail || lines <= 1 {
			if text == "" {
				return nil, nil
			}
			return strings.Split(strings.TrimSuffix(text, "\n"), "\n"), nil
		}
		lines = max(1, lines/8)
	}
}

func readTail(ctx context.Context, logs Logs, target Target, container string, lines int) (text string, err error) {
	body, err := logs.PodLog(ctx, target.Namespace, target.Name, &corev1.PodLogOptions{
		Container: container, TailLines: new(int64(lines)), LimitBytes: new(int64(maxTail)),
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	all, err := io.ReadAll(io.LimitReader(body, maxTail))
	if err != nil {
		return "", fmt.Errorf("read end of log: %w", err)
	}
	return string(all), nil
}
