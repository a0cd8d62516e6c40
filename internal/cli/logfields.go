// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

// LogField is a field that a line of the log can have beside time, level, msg and program.
type LogField struct {
	// Name of the field.
	Name string
	// Meaning of its value.
	Meaning string
}

// LogFields is the table of the log's fields.
func LogFields() []LogField {
	return []LogField{
		{"address", "where metrics are served"},
		{"after", "how long something took or lasted"},
		{"application_id", "Spark's application ID"},
		{"attempt", "number of the driver for its run key"},
		{"because", "what a decision stands on"},
		{"category", "category of a cause, as in the result"},
		{"decision", "what is done about the drivers of a run that stand there: announce, adopt, wait or refuse"},
		{"driver", "the driver pod, as NAMESPACE/NAME where the namespace is not a field of its own"},
		{"error", "what went wrong, as one sentence"},
		{"event", "heartbeat, on a line that says how the driver gets on"},
		{"executors_failed", "executor pods that failed and are still there"},
		{"executors_pending", "executor pods that wait"},
		{"executors_running", "executor pods that run"},
		{"exit_code", "exit code: of the program that ends, or of the child it ran"},
		{"generation", "which intention for its run key a driver or a launcher is for"},
		{"giving_up_after", "how long will be waited in all"},
		{"grace_period", "value of --grace-period"},
		{"hint", "what to try next"},
		{"jobs_active", "Spark jobs that run"},
		{"jobs_ended", "Spark jobs that have ended, the failed among them"},
		{"jobs_failed", "Spark jobs that failed"},
		{"launcher", "who made a driver: namespace, pod, UID and start of that life"},
		{"message", "message of a cause, as in the result"},
		{"namespace", "namespace of the driver"},
		{"node", "the node that a driver is on"},
		{"object", "an object of the API, as KIND/NAME"},
		{"objects", "how many objects a submission made"},
		{"path", "path of a file"},
		{"pod", "name of a pod"},
		{"protects", "which later start finds the driver of this one"},
		{"reason", "reason of a cause, as in the result"},
		{"run_key", "the run key"},
		{"server", "address of the API server"},
		{"since", "when it began, RFC 3339"},
		{"source", "where a run key comes from"},
		{"stages_done", "finished stages of the running jobs"},
		{"stages_total", "stages of the running jobs"},
		{"standing", "where a driver stands: gated, leaving, active, terminating, succeeded or failed"},
		{"state", "state of an application, as in the result"},
		{"tasks_active", "running tasks"},
		{"tasks_done", "finished tasks of the running jobs"},
		{"tasks_failed", "failed tasks of the running jobs"},
		{"tasks_total", "tasks of the running jobs"},
		{"uid", "UID of the driver pod"},
		{"waited", "how long was waited"},
	}
}
