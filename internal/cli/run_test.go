// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// A call that is under way when the process is asked to end was cancelled, whatever words net/http has for that.
func TestACallThatIsCutShortByASignalWasCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel(askedError{syscall.SIGTERM, time.Now()})
		<-r.Context().Done()
	}))
	defer server.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err == nil {
		_ = answer.Body.Close()
		t.Fatal("the call was answered")
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is no cancellation", err)
	}
}
