// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// counts is what the API server counted so far.
//
// Its request counter does not say who asked; its flow control does, when each identity has a FlowSchema
// of its own (identities.yaml). Flow control counts a watch when it is opened. Streams of
// a log and what is proxied to a pod pass it by: those are counted by the request counter when they
// end, and by a gauge while they last. With several API servers these are the counts of one of them.
type counts struct {
	bySchema      map[string]float64
	logs, proxied float64
}

var (
	dispatched = regexp.MustCompile(`^apiserver_flowcontrol_dispatched_requests_total\{.*?flow_schema="([^"]*)"`)
	streamed   = regexp.MustCompile(`^apiserver_(?:request_total|longrunning_requests)\{.*?resource="pods".*?subresource="(log|proxy)"`)
)

func parseCounts(metrics string) counts {
	c := counts{bySchema: map[string]float64{}}
	for line := range strings.Lines(metrics) {
		value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 64)
		if err != nil {
			continue
		}
		if m := dispatched.FindStringSubmatch(line); m != nil {
			c.bySchema[m[1]] += value
		}
		if m := streamed.FindStringSubmatch(line); m != nil {
			if m[1] == "log" {
				c.logs += value
			} else {
				c.proxied += value
			}
		}
	}
	return c
}

// counts asks the API server.
func (b *bench) counts(ctx context.Context) (counts, error) {
	text, err := b.admin.Get().AbsPath("/metrics").Do(ctx).Raw()
	if err != nil {
		return counts{}, fmt.Errorf("read the API server's metrics: %w", err)
	}
	return parseCounts(string(text)), nil
}
