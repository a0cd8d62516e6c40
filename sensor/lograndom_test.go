// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sparkctl/sparkctl/sensor"
)

// badLog is a kubelet's log whose connections break in every way: refused, cut at any byte with and
// without an error, silent for ever; whose long lines come in pieces, and whose old lines are rotated away.
type badLog struct {
	mu     sync.Mutex
	random *rand.Rand
	// stamped: each piece of a line has its own timestamp, as of older kubelets.
	stamped bool
	lines   []stampedLine
	rotated int // lines that are not there any more
	given   int // lines that the follower has
	ended   atomic.Bool
	opens   int
	cut     bool // cleanly after the end, once
}

type stampedLine struct {
	at   time.Time
	text string
}

func (l *badLog) bytes(line stampedLine) string {
	const pieceSize = 16 << 10
	stamp := line.at.UTC().Format("2006-01-02T15:04:05.000000000Z07:00") + " "
	text := stamp
	rest := line.text
	for len(rest) > pieceSize {
		text, rest = text+rest[:pieceSize], rest[pieceSize:]
		if l.stamped {
			text += stamp
		}
	}
	return text + rest + "\n"
}

func (l *badLog) PodLog(ctx context.Context, _, _ string, options *corev1.PodLogOptions) (io.ReadCloser, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opens++
	pods := schema.GroupResource{Resource: "pods"}
	switch l.random.IntN(12) {
	case 0:
		return nil, apierrors.NewTooManyRequests("slow down", 1)
	case 1:
		return nil, apierrors.NewInternalError(errors.New("kubelet is away"))
	case 2:
		return nil, apierrors.NewGenericServerResponse(http.StatusNotFound, "get", pods, "driver", "pod does not exist", 0, true)
	case 3:
		if l.opens > 20 {
			return nil, apierrors.NewForbidden(pods, "driver", errors.New("withdrawn for a while"))
		}
	case 4:
		l.mu.Unlock()
		<-ctx.Done() // taken, and never answered
		l.mu.Lock()
		return nil, ctx.Err()
	}
	var text bytes.Buffer
	for _, line := range l.lines[l.rotated:] {
		if options.SinceTime == nil || !line.at.Before(options.SinceTime.Truncate(time.Second)) {
			text.WriteString(l.bytes(line))
		}
	}
	body := &badBody{ctx: ctx, text: text.Bytes()}
	if cut := l.random.IntN(4); cut > 0 {
		body.text = body.text[:l.random.IntN(len(body.text)+1)]
		body.broken, body.silent = cut == 2, cut == 3
		if !body.broken && !body.silent && l.ended.Load() {
			// Between two lines, and twice at the same byte, nobody can tell this from the end of the log.
			body.broken = l.cut || bytes.HasSuffix(body.text, []byte("\n")) || len(body.text) == 0
			l.cut = true
		}
	} else if options.Follow && !l.ended.Load() {
		body.silent = l.random.IntN(2) == 0
	}
	return body, nil
}

type badBody struct {
	ctx            context.Context
	text           []byte
	broken, silent bool
}

func (b *badBody) Read(p []byte) (int, error) {
	if len(b.text) > 0 {
		n := copy(p, b.text)
		b.text = b.text[n:]
		return n, nil
	}
	switch {
	case b.silent:
		<-b.ctx.Done()
		return 0, b.ctx.Err()
	case b.broken:
		return 0, errors.New("connection reset by peer")
	default:
		return 0, io.EOF
	}
}

func (b *badBody) Close() error { return nil }

// write lets the container write some lines, in the order in which the runtime gets hold of them,
// and the kubelet rotate lines away that the follower has.
func (l *badLog) write(number *int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range l.random.IntN(6) {
		text := fmt.Sprintf("line %d", *number)
		switch l.random.IntN(8) {
		case 0:
			text = "the same" // as often as it comes
		case 1:
			text = fmt.Sprint(*number, strings.Repeat("x", l.random.IntN(60<<10)))
		case 2:
			text = ""
		}
		at := time.Now()
		if l.random.IntN(4) == 0 {
			at = at.Add(-time.Duration(l.random.IntN(100)) * time.Millisecond) // standard error was slow
		}
		l.lines = append(l.lines, stampedLine{at, text})
		*number++
	}
	if l.random.IntN(3) == 0 && l.given == len(l.lines) {
		l.rotated = l.given
	}
}

func TestFollowLogThroughRandomFaults(t *testing.T) {
	t.Parallel()
	schedules := uint64(100)
	if testing.Short() {
		schedules = 20
	}
	for seed := range schedules {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			l := &badLog{random: random, stamped: seed%2 == 0}
			var got []string
			follower := sensor.LogFollower{
				Logs: l, Ended: l.ended.Load,
				Line: func(line string) {
					l.mu.Lock()
					defer l.mu.Unlock()
					got = append(got, line)
					l.given++
				},
			}
			done := make(chan error)
			go func() { done <- follower.Follow(t.Context()) }()
			number := 0
			for range 40 {
				synctest.Wait() // the follower stands still: the log may be changed
				l.write(&number)
				time.Sleep(time.Duration(number*7919%5000) * time.Millisecond)
			}
			synctest.Wait()
			l.ended.Store(true)
			if err := <-done; err != nil {
				t.Fatalf("schedule %d: %v", seed, err)
			}
			want := make([]string, len(l.lines))
			for i, line := range l.lines {
				want[i] = line.text
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("schedule %d: -written +copied:\n%s", seed, diff)
			}
		})
	}
}

func TestFollowLogStopsWhenThePodIsAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &badLog{random: rand.New(rand.NewPCG(1, 1)), lines: []stampedLine{{time.Now(), "of another"}}}
		follower := sensor.LogFollower{
			Logs: l, Ended: func() bool { return true }, Gone: func() bool { return true },
			Line: func(line string) { t.Errorf("copied %q", line) },
		}
		if err := follower.Follow(t.Context()); err != nil || l.opens != 0 {
			t.Errorf("opened %d times, %v", l.opens, err)
		}
	})
}
