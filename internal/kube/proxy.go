// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// progressTimeout bounds a call whose answer is told and decides nothing.
const progressTimeout = 2 * time.Second

// ErrTooLong is returned for an answer that is longer than what is read of one.
var ErrTooLong = errors.New("the answer is too long")

// MaxAnswer is how much of an answer is read, in bytes.
const MaxAnswer = 128 << 10

// maxExecutors bounds the rows of [Client.Executors]; a row has about 200 bytes.
const maxExecutors = 400

// Executors returns the executor pods of an application as the API server's table: the
// rows that kubectl prints, without the pods. It needs the verb list on pods.
func (c *Client) Executors(ctx context.Context, namespace, application string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, progressTimeout)
	defer cancel()
	stream, err := c.core.Get().Namespace(namespace).Resource("pods").
		Param("labelSelector", "spark-role=executor,spark-app-selector="+application).
		Param("includeObject", "None").Param("limit", strconv.Itoa(maxExecutors)).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("list executors: %w", err)
	}
	return ReadAnswer(stream)
}

// Proxy reads a path of a pod's HTTP server through the API server. It needs the verb get on pods/proxy.
func (c *Client) Proxy(ctx context.Context, namespace, pod string, port int32, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, progressTimeout)
	defer cancel()
	path, query, _ := strings.Cut(path, "?")
	request := c.core.Get().Namespace(namespace).Resource("pods").Name(fmt.Sprintf("%s:%d", pod, port)).SubResource("proxy").Suffix(path)
	if key, value, found := strings.Cut(query, "="); found {
		request = request.Param(key, value)
	}
	stream, err := request.Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("get pods/proxy %s/%s:%d: %w", namespace, pod, port, err)
	}
	return ReadAnswer(stream)
}

// ReadAnswer reads at most [MaxAnswer] bytes and closes the stream.
func ReadAnswer(stream io.ReadCloser) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(stream, MaxAnswer+1))
	if closing := stream.Close(); err == nil {
		err = closing
	}
	if err == nil && len(text) > MaxAnswer {
		return nil, ErrTooLong
	}
	return text, err
}
