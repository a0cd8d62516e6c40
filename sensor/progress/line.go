// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// Moment is what is known of a driver that has not ended, at one moment.
type Moment struct {
	// Driver is the pod as NAMESPACE/NAME.
	Driver string
	// State is Pending or Running; anything else means that the driver has not been seen yet.
	State xcom.State
	// Age is how long the driver has been in that state.
	Age time.Duration
	// Why is what a pending driver waits for; empty when nothing is known.
	Why string
	// Silent is how long the API server has not answered, 0 while it does. What else
	// is known of the driver is then as old as that.
	Silent time.Duration
	// Report is how far the application is; nil when nothing is known.
	Report *Report
}

// Line is the one sentence that a heartbeat says.
func Line(m Moment) string { return sentence("driver "+m.Driver, m) }

func sentence(driver string, m Moment) string {
	if m.Silent > 0 {
		text := "the API server has not answered for " + Age(m.Silent) + "; " + driver
		if m.State != xcom.Pending && m.State != xcom.Running {
			return text + " has not been seen yet"
		}
		return text + " was last seen " + string(m.State) + " " + Age(m.Silent) + " ago"
	}
	switch m.State {
	case xcom.Pending:
		text := driver + " has been pending for " + Age(m.Age)
		if m.Why != "" {
			text += ": " + m.Why
		}
		return text
	case xcom.Running:
		text := driver + " runs for " + Age(m.Age)
		if said := m.Report.String(); said != "" {
			text += ": " + said
		}
		return text
	default:
		return driver + " has not been seen yet"
	}
}

// Age says a length of time in at most two units: 45s, 12m, 2h5m, 3d0h.
func Age(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	default:
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	}
}

// barWidth is the number of cells of a bar.
const barWidth = 24

// Bar is [Line] for a terminal, where the driver has been named above: what changes comes first, because the end is cut off where
// there is no room.
func Bar(m Moment) string {
	if m.Silent > 0 || m.State != xcom.Running || m.Report == nil || m.Report.Work == nil || m.Report.Work.Tasks.Total == 0 {
		return sentence("the driver", m)
	}
	return m.Report.Work.Bar() + " " + Age(m.Age) + ": " + m.Report.String()
}

// Bar shows how many of the running jobs' tasks are done.
func (w Work) Bar() string {
	done := 0
	if w.Tasks.Total > 0 {
		done = min(barWidth, barWidth*min(w.Tasks.Done, w.Tasks.Total)/w.Tasks.Total)
	}
	return "[" + strings.Repeat("#", done) + strings.Repeat(".", barWidth-done) + "]"
}
