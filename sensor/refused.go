// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"slices"

	"github.com/sparkctl/sparkctl/internal/exception"
	"github.com/sparkctl/sparkctl/xcom"
)

// ExecutorsRefused is why a driver that runs gets no executors, as far as the end of its log tells: the API server refuses their
// pods. It is nil where the log does not say so.
func ExecutorsRefused(log []string) *xcom.Cause {
	thrown, ok := exception.Last(log)
	if !ok || !slices.Contains([]exception.Kind{exception.QuotaExceeded, exception.LimitExceeded, exception.PolicyDenied, exception.Forbidden}, thrown.Kind) {
		return nil
	}
	meant, _ := meansOf(thrown.Kind)
	return &xcom.Cause{
		Category: meant.category, Reason: meant.reason, Hint: meant.hint, Retryable: meant.retryable,
		Message: "no executor runs: its log says " + thrown.Sentence(),
	}
}
