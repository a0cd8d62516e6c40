// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// memory is a result that says what was seen of a driver before this process looked at it: the launcher's,
// or that of an earlier life of this container, whose volume survived.
type memory struct {
	result xcom.Result
	at     time.Time // when it was written; zero when not known
}

// earlier reads what an earlier life left in the result file. Whatever is no result there is nothing.
func (f resultFlags) earlier() memory {
	path := f.path()
	if path == "" {
		return memory{}
	}
	text, err := readResult(path)
	if err != nil {
		return memory{}
	}
	r, err := xcom.Read(text)
	if err != nil {
		return memory{}
	}
	m := memory{result: r}
	if info, err := os.Stat(path); err == nil {
		m.at = info.ModTime()
	}
	return m
}

// readResult reads a file that is to hold a result, and no more of it than one can have: a wrong path can name anything.
func readResult(path string) (text []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, xcom.MaxRead+1))
}

// of reports whether m is about the driver that base names. A name alone proves nothing: only a UID does.
func (m memory) of(base xcom.Result) bool {
	return base.PodUID != "" && m.result.PodUID == base.PodUID && m.result.PodName == base.PodName &&
		(base.Namespace == "" || m.result.Namespace == base.Namespace)
}

// settled reports whether m holds an end that nothing can change. A deadline that passed is none: the driver may
// have gone on, and is looked at again.
func (m memory) settled() bool {
	switch m.result.State {
	case xcom.Succeeded, xcom.Lost, xcom.Cancelled:
		return true
	case xcom.Failed:
		return m.result.ExitCode != nil
	default:
		return false
	}
}

// recall is the verdict v, that no pod of the driver's UID is there any more, in the light of what was seen of it before.
func (m memory) recall(v sensor.Verdict, container string) sensor.Verdict {
	r := m.result
	if v.State != xcom.Lost || v.Cause == nil || r.PodUID == "" {
		return v
	}
	if r.State == xcom.Failed {
		cause := xcom.Cause{Category: xcom.CategoryUnknown, Reason: "Failed", Message: "the driver failed"}
		if r.Cause != nil {
			cause = *r.Cause
		}
		cause.Message += "; an earlier life of this sensor saw that, and the pod is gone by now"
		return sensor.Verdict{State: xcom.Failed, Final: true, ExitCode: r.Exit(), DriverCode: r.ExitCode, Cause: &cause}
	}
	end := driverStatus(r.ContainerStatus, container)
	if end != nil && end.ExitCode != nil {
		if told, ok := m.ended(*end); ok {
			return told
		}
	}
	cause := *v.Cause
	cause.Evidence = append(append([]string{}, cause.Evidence...), m.lastSeen(end))
	v.Cause = &cause
	return v
}

// ended is the verdict about a driver whose container was seen to have ended before its pod went. Codes of
// SIGTERM and SIGKILL may be those of the pod's own end and prove nothing.
func (m memory) ended(end xcom.ContainerStatus) (sensor.Verdict, bool) {
	code := *end.ExitCode
	v := sensor.Verdict{Final: true, DriverCode: &code}
	switch code {
	case 0:
		v.State = xcom.Succeeded
	case 137, 143:
		return v, false
	default:
		v.State, v.ExitCode = xcom.Failed, xcom.ForDriver(code)
		v.Cause = &xcom.Cause{
			Category: xcom.CategoryApplication, Reason: "Error",
			Message: fmt.Sprintf("the driver exited with code %d, as was seen before its pod was deleted", code),
		}
	}
	return v, true
}

// lastSeen is what m knows of a driver whose end nobody saw, as a line of evidence.
func (m memory) lastSeen(status *xcom.ContainerStatus) string {
	text := "last seen"
	if !m.at.IsZero() {
		text += " at " + m.at.UTC().Format(time.RFC3339)
	}
	text += ": state " + string(m.result.State)
	if m.result.Phase != "" {
		text += ", phase " + m.result.Phase
	}
	if m.result.NodeName != "" {
		text += " on node " + m.result.NodeName
	}
	if status != nil {
		text += ", container " + status.ContainerName + " " + status.ContainerState
	}
	return text
}

// driverStatus finds the driver's container by its configured name, by Spark's, or because it is the only one.
func driverStatus(all []xcom.ContainerStatus, configured string) *xcom.ContainerStatus {
	for _, name := range []string{configured, driver.DefaultContainer} {
		for i := range all {
			if name != "" && all[i].ContainerName == name {
				return &all[i]
			}
		}
	}
	if len(all) == 1 {
		return &all[0]
	}
	return nil
}

// known is v in the light of what was seen of the driver before, when this process never saw it.
func (f *following) known(pod *corev1.Pod, v sensor.Verdict) sensor.Verdict {
	if pod != nil {
		return v
	}
	recalled := f.memory.recall(v, f.container)
	if recalled.State != v.State {
		f.log.Info("the driver's pod is gone; how it ended was seen before")
	}
	return recalled
}
