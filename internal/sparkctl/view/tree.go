// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/sensor/progress"
	"github.com/sparkctl/sparkctl/xcom"
)

// Screen is what a tree is drawn on.
type Screen struct {
	// Columns and Rows of the terminal: no line is as long, and there are fewer lines.
	Columns, Rows int
	Colours       bool
}

// Tree draws an application as lines that fit on a screen: its state, phases and progress, and its pods. report is how
// far it is, nil when that is not known; note is what the reader should know beside, empty for nothing.
func (a Application) Tree(now time.Time, report *progress.Report, note string, on Screen) []string {
	d := drawing{on: on}
	d.add(cell{text: a.FullName(), colour: "1"})
	state := []cell{{text: fmt.Sprintf("%-13s", "state")}, a.ended()}
	if ran := a.duration(now); ran != "" {
		word := " for "
		if a.State.Final() {
			word = " after "
		}
		state = append(state, cell{text: word + ran})
	}
	twigs := [][]cell{state}
	line := func(text string) []string { return []string{text} }
	add := func(name, colour string, most int, parts []string) {
		twigs = append(twigs, twig(name, colour, wrapped(parts, on.Columns-len("-- cause        ")-1, most))...)
	}
	add("application", "", 1, line(a.spark()))
	add("run", "", 1, line(a.run()))
	add("attempts", "", 2, strings.SplitAfter(a.attempts(now), ","))
	add("phases", "", 2, strings.SplitAfter(a.Timings.text(now, sensor.PhaseRun), ";"))
	add("jobs", "", 1, line(jobs(a, report)))
	add("tasks", "", 1, line(tasks(a, report)))
	add("queue", "", 1, line(a.Queue))
	if a.Cause != nil {
		add("cause", stateCell(a).colour, 3, strings.Fields(a.Cause.Reason+": "+a.Cause.Message))
	}
	add("note", "33", 2, strings.Fields(note))
	twigs = append(twigs, a.driverRow(now))
	for _, twig := range twigs {
		branch := "├─ "
		if strings.TrimSpace(twig[0].text) == "" {
			branch = "│  " // the line above goes on
		}
		d.add(append([]cell{{text: branch}}, twig...)...)
	}
	d.add(cell{text: "└─ " + fmt.Sprintf("%-13s", "executors")}, cell{text: cmp.Or(countExecutors(a.Executors), "none")})
	d.executors(a.Executors, now)
	return d.lines
}

// twig is what has a name, in some lines; none where there is nothing.
func twig(name, colour string, texts []string) (lines [][]cell) {
	for _, text := range texts {
		if text != "" {
			lines = append(lines, []cell{{text: fmt.Sprintf("%-13s", name)}, {text: text, colour: colour}})
		}
		name = ""
	}
	return lines
}

// ended is the state with what the driver ended with.
func (a Application) ended() cell {
	state := stateCell(a)
	if a.ExitCode != nil {
		state.text += fmt.Sprintf(" (exit code %d)", *a.ExitCode)
	}
	return state
}

func jobs(a Application, report *progress.Report) string {
	switch {
	case a.State != xcom.Running || report == nil:
		return ""
	case report.Work == nil && report.UIGone:
		return "the driver's web UI does not answer any more"
	case report.Work == nil:
		return ""
	}
	w := *report.Work
	text := w.Summary()
	if w.Jobs.Active > 0 {
		text += fmt.Sprintf("; %d of %s", w.Stages.Done, progress.Count(w.Stages.Total, "stage"))
	}
	return text
}

func tasks(a Application, report *progress.Report) string {
	if a.State != xcom.Running || report == nil || report.Work == nil || report.Work.Tasks.Total == 0 {
		return ""
	}
	t := report.Work.Tasks
	text := fmt.Sprintf("%s %3d%%  %d of %d (%d run", report.Work.Bar(), 100*min(t.Done, t.Total)/t.Total, t.Done, t.Total, t.Active)
	if t.Failed > 0 {
		text += fmt.Sprintf(", %d failed", t.Failed)
	}
	return text + ")"
}

// driverRow is the driver's pod.
func (a Application) driverRow(now time.Time) []cell {
	state := stateCell(a)
	row := []cell{{text: fmt.Sprintf("%-13s", "driver")}, {text: fmt.Sprintf("%-12s", state.text), colour: state.colour}}
	row = append(row, cell{text: fmt.Sprintf("%-8s%s", since(parseTime(a.Created), now), cmp.Or(a.Node, "-"))})
	if a.UIURL != "" {
		row = append(row, cell{text: "  " + a.UIURL})
	}
	return row
}

// drawing is lines of a screen.
type drawing struct {
	on    Screen
	lines []string
}

// add adds a line, cut where the screen ends; one too many is left out.
func (d *drawing) add(cells ...cell) {
	if len(d.lines) >= d.on.Rows-1 {
		return
	}
	var line strings.Builder
	left := d.on.Columns - 1
	for _, c := range cells {
		text := plain(c.text)
		text = cut(text, left)
		left -= utf8.RuneCountInString(text)
		if d.on.Colours && c.colour != "" && text != "" {
			text = "\x1b[" + c.colour + "m" + text + "\x1b[0m"
		}
		line.WriteString(text)
		if left <= 0 {
			break
		}
	}
	d.lines = append(d.lines, strings.TrimRight(line.String(), " "))
}

// executors draws the executors, as many as there is room for: those that do not run first, if not all have room.
func (d *drawing) executors(all []Executor, now time.Time) {
	room := d.on.Rows - 1 - len(d.lines)
	shown, rest := all, []Executor(nil)
	if len(all) > room {
		shown = slices.Clone(all)
		slices.SortStableFunc(shown, func(a, b Executor) int { return cmp.Compare(urgency(a), urgency(b)) })
		shown, rest = shown[:max(0, room-1)], shown[max(0, room-1):]
	}
	node, why := 1, 0
	for _, e := range shown {
		node, why = max(node, utf8.RuneCountInString(e.Node)), max(why, utf8.RuneCountInString(e.why()))
	}
	// A node's name can be as long as the screen is wide, and why an executor does not run tells more than where.
	const before = len("   -- exec-1    Running     10s     ")
	if room := d.on.Columns - 1 - before - len("  ") - why; why > 0 && node > room {
		node = max(room, shortestNode)
	}
	for i, e := range shown {
		branch := "   ├─ "
		if i == len(shown)-1 && len(rest) == 0 {
			branch = "   └─ "
		}
		d.add(
			cell{text: branch + fmt.Sprintf("%-10s", LogSource{Executor: e.ID, Pod: e.Name}.Short())},
			cell{text: fmt.Sprintf("%-12s", e.State), colour: phaseColour(e.State)},
			cell{text: fmt.Sprintf("%-8s%-*s", since(parseTime(e.Created), now), node, cut(cmp.Or(e.Node, "-"), node))}, cell{text: "  " + e.why()},
		)
	}
	if len(rest) > 0 {
		d.add(cell{text: fmt.Sprintf("   └─ and %d more: %s", len(rest), countExecutors(rest))})
	}
}

// shortestNode is to how many characters the names of nodes are cut at most.
const shortestNode = 8

// cut is a text that is no longer than so many characters, marked where something is missing.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:max(0, most-1)]) + "…"
}

// urgency sorts executors by how much there is to see.
func urgency(e Executor) int {
	return max(0, slices.Index([]string{"Failed", "Pending", "Unknown", "Terminating", "Running"}, e.State))
}

// phaseColour is the colour of a pod's phase.
func phaseColour(phase string) string {
	switch phase {
	case "Running":
		return "36"
	case "Pending":
		return "33"
	case "Failed":
		return "31"
	case "Succeeded":
		return "32"
	default:
		return ""
	}
}

// wrapped is the parts of a text in lines of a width, at most so many: the last one takes the rest.
func wrapped(parts []string, width, most int) []string {
	var lines []string
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if last := len(lines) - 1; last >= 0 && (len(lines) == most || utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(part) <= width) {
			lines[last] += " " + part
		} else {
			lines = append(lines, part)
		}
	}
	return lines
}
