// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package ends

import (
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// placements are drivers that no node is found for, or that their node refuses.
func placements() []End {
	const late = "the driver did not start within ...: "
	scheduling, admission := xcom.CategoryScheduling, xcom.CategoryAdmission
	const refused = "the driver's node did not take it, and it never started: "
	gate := notStarted("foreign-gate", "a foreign scheduling gate, here Kueue's, is not taken off", 84, xcom.CategoryQueued, "SchedulingGated",
		late+`...waits in queue "team-a"...scheduling gate kueue.x-k8s.io/admission`, "")
	gate.QueueTimeout = time.Hour
	return []End{
		notStarted("unschedulable-cpu", "no node has that much CPU", 84, scheduling, "Unschedulable", late+"...Insufficient cpu...", ""),
		notStarted("unschedulable-memory", "no node has that much memory", 84, scheduling, "Unschedulable", late+"...Insufficient memory...", ""),
		notStarted("unschedulable-selector", "no node fits the node selector", 84, scheduling, "Unschedulable", late+"...didn't match Pod's node affinity/selector...", ""),
		notStarted("unschedulable-taint", "the node is tainted and the driver does not tolerate it", 84, scheduling, "Unschedulable", late+"...had untolerated taint...", ""),
		notStarted("unbound-pvc", "a volume claim is not bound", 84, scheduling, "Unschedulable", late+"...pod has unbound immediate PersistentVolumeClaims", ""),
		notStarted("unknown-scheduler", "there is no scheduler of that name", 84, scheduling, "NotScheduled", late+`no scheduler has looked at ...(schedulerName "no-such-scheduler")`, ""),
		gate,
		notStarted("own-gate", "the submitter was gone before the submission was complete", 82, xcom.CategoryUnknown, "SubmissionAbandoned", "...the gate sparkctl.dev/submission...", "yes"),
		notStarted("out-of-cpu", "the kubelet refuses the pod: not enough CPU", 82, admission, "OutOfcpu", refused+"...", "yes"),
		notStarted("out-of-memory", "the kubelet refuses the pod: not enough memory", 82, admission, "OutOfmemory", refused+"...", "yes"),
		notStarted("node-affinity", "the kubelet refuses the pod: it is for another node", 82, admission, "NodeAffinity", refused+"...", "yes"),
		notStarted("node-shutdown-refused", "the kubelet refuses the pod: the node shuts down", 82, admission, "NodeShutdown", refused+"...", "yes"),
		notStarted("topology-affinity", "the kubelet refuses the pod: its CPUs cannot be on one NUMA node", 82, admission, "TopologyAffinityError", refused+"...", ""),
		notStarted("unexpected-admission", "the kubelet refuses the pod: a device is not healthy", 82, admission, "UnexpectedAdmissionError", refused+"...", "yes"),
	}
}

func lostEnd(name, what string, code int, category xcom.Category, reason, message, retry string) End {
	return End{
		Name: name, What: what, State: xcom.Lost, Exit: xcom.ExitLost, Driver: code,
		Category: category, Reason: reason, Message: message, Retry: retry,
	}
}

// takenAway are drivers that somebody or something ended from outside.
func takenAway() []End {
	deleted, disruption := xcom.CategoryDeleted, xcom.CategoryDisruption
	const cluster = "the cluster took the driver away: "
	const storage = "the driver used more local storage than its limit, and the node evicted it: "
	rows := []End{
		lostEnd("deleted-pending", "the pod is deleted before it starts", none, deleted, "Deleted", "the driver pod was deleted before its end was seen; when it was last seen, it had not started", ""),
		lostEnd("force-deleted", "the pod is deleted by force while it runs", none, deleted, "Deleted", "the driver pod was deleted before its end was seen", ""),
		lostEnd("replaced", "the pod is gone and another one has its name", none, deleted, "Replaced", "...another ... with UID ... its end was not seen", ""),
		lostEnd("never-seen", "there is no such pod", none, deleted, "NotFound", "no such driver pod exists, and its end was not seen", ""),
		lostEnd("deleted-before-sensor", "the driver ends and its pod is deleted before the sensor begins", none, deleted, "NotFound", "no such driver pod exists, and its end was not seen", ""),
	}
	for i := range rows {
		rows[i].Gone = true
	}
	return append(rows,
		lostEnd("deleted-running", "the pod is deleted while it runs", 143, deleted, "Deleted", "the driver pod was deleted", ""),
		lostEnd("evicted-by-api", "the eviction API takes the pod, as draining a node does", 143, disruption, "EvictionByEvictionAPI", cluster+"Eviction API: evicting", "yes"),
		lostEnd("preempted", "a pod of higher priority needs the room", 143, disruption, "PreemptionByScheduler", cluster+"...preempting to accommodate a higher priority pod", "yes"),
		lostEnd("emptydir-over-limit", "the driver writes more into an emptyDir than its sizeLimit", unsaid, xcom.CategoryConfig, "Evicted", storage+"...", "no"),
		lostEnd("storage-over-limit", "the driver writes more to its file system than its limit", unsaid, xcom.CategoryConfig, "Evicted", storage+"...", "no"),
		lostEnd("pressure-eviction", "the node runs out of memory", 137, disruption, "TerminationByKubelet", cluster+"...The node was low on resource: memory...", "yes"),
		lostEnd("node-shutdown", "the node shuts down", 143, disruption, "TerminationByKubelet", cluster+"...node shutdown...", "yes"),
		lostEnd("critical-pod", "the node needs the room for a critical pod", 143, disruption, "TerminationByKubelet", cluster+"...critical pod...", "yes"),
	)
}

// lost are drivers whose node cannot tell of them any more.
func lost() []End {
	node := xcom.CategoryNode
	removed := lostEnd("removed-node", "the node is removed from the cluster", none, node, "DeletionByPodGC",
		"the driver's node ... is gone or out of reach: ...; the driver may still be running there", "yes")
	removed.Gone = true
	return []End{
		removed,
		lostEnd("node-lost", "the node does not answer, and the pod is taken away from it", none, node, "DeletionByTaintManager", "the driver's node ... does not say how it ended; the driver may still be running there", "yes"),
		lostEnd("container-status-unknown", "the node does not know any more how the container ended", none, node, "ContainerStatusUnknown", "the node does not know how the driver's container ended: ...", ""),
	}
}

// deadlines are drivers that took longer than they may.
func deadlines() []End {
	over := "the driver pod's activeDeadlineSeconds passed: ..."
	passed := notStarted("deadline-exceeded", "activeDeadlineSeconds pass while the driver runs", 84, xcom.CategoryDeadline, "DeadlineExceeded", over, "")
	passed.Driver = 143
	return []End{
		overdue("running-too-long", "the driver runs for longer than --running-timeout", "..."),
		passed,
		notStarted("deadline-exceeded-pending", "activeDeadlineSeconds pass before the driver starts", 84, xcom.CategoryDeadline, "DeadlineExceeded", over, ""),
	}
}
