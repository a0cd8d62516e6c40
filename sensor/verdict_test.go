// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/xcom"
)

// The hours of the table: created at 10:00:00, on a node at :05, started at :10, judged at 11:00.
func at(clock string) metav1.Time {
	t, err := time.Parse(time.RFC3339, "2026-11-21T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return metav1.NewTime(t)
}

// driverPod is a driver pod with one container, changed by each of edits.
func driverPod(edits ...func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "etl-driver", Namespace: "jobs", UID: "uid-1", ResourceVersion: "7", CreationTimestamp: at("10:00:00")},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: driver.DefaultContainer}}},
		Status:     corev1.PodStatus{Phase: corev1.PodPending},
	}
	for _, edit := range edits {
		edit(pod)
	}
	return pod
}

func onNode(pod *corev1.Pod) { pod.Spec.NodeName = "node-1" }

func phase(p corev1.PodPhase) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Status.Phase = p }
}

func reason(r, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Status.Reason, pod.Status.Message = r, message }
}

func status(name string, state corev1.ContainerState) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{Name: name, State: state})
	}
}

func sidecar(name string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Containers = append([]corev1.Container{{Name: name}}, pod.Spec.Containers...)
	}
}

func running() corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at("10:00:10")}}
}

func waiting(reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func exited(code int32, reason, finished string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason, StartedAt: at("10:00:10"), FinishedAt: at(finished)}}
}

func driverStatus(state corev1.ContainerState) func(*corev1.Pod) {
	return status(driver.DefaultContainer, state)
}

// deleted is a pod that somebody asked to end at that time, with 30 s of grace.
func deleted(requested string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		end, grace := metav1.NewTime(at(requested).Add(30*time.Second)), int64(30)
		pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &end, &grace
	}
}

// askedAgain is a pod that its kubelet asked the end of at that time, without grace, because all has ended in it.
func askedAgain(clock string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		again := at(clock)
		pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds, pod.Spec.TerminationGracePeriodSeconds = &again, new(int64(0)), new(int64(30))
	}
}

func disrupted(reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason, Message: message,
		})
	}
}

func unscheduled(reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason, Message: message,
		})
	}
}

// judged is what the table says of a verdict: "State exit code category/reason".
type judged struct {
	State    xcom.State
	Final    bool
	Driver   int // -1 when the driver's container has no code
	Exit     xcom.ExitCode
	Category xcom.Category
	Reason   string
}

func TestJudge(t *testing.T) {
	tests := []struct {
		name     string
		earlier  *corev1.Pod
		pod      *corev1.Pod
		gone     bool
		criteria Criteria
		want     judged
	}{
		{
			name: "a pod no scheduler has seen is pending",
			pod:  driverPod(),
			want: judged{State: xcom.Pending, Driver: -1, Category: xcom.CategoryScheduling, Reason: "NotScheduled"},
		},
		{
			name: "a pod that no node can take is pending, with the scheduler's words",
			pod:  driverPod(unscheduled("Unschedulable", "0/1 nodes are available: 1 Insufficient cpu.")),
			want: judged{State: xcom.Pending, Driver: -1, Category: xcom.CategoryScheduling, Reason: "Unschedulable"},
		},
		{
			name: "creating containers is nothing to explain",
			pod:  driverPod(onNode, driverStatus(waiting("ContainerCreating", ""))),
			want: judged{State: xcom.Pending, Driver: -1},
		},
		{
			name: "an image that cannot be pulled is pending until a deadline",
			pod:  driverPod(driverStatus(waiting("ImagePullBackOff", "Back-off pulling image"))),
			want: judged{State: xcom.Pending, Driver: -1, Category: xcom.CategoryImage, Reason: "ErrImagePull"},
		},
		{
			name: "a missing Secret is pending until a deadline",
			pod:  driverPod(driverStatus(waiting("CreateContainerConfigError", `secret "x" not found`))),
			want: judged{State: xcom.Pending, Driver: -1, Category: xcom.CategoryConfig, Reason: "CreateContainerConfigError"},
		},
		{
			name:     "pending for too long without a reason is a deadline",
			pod:      driverPod(onNode, driverStatus(waiting("ContainerCreating", ""))),
			criteria: Criteria{PendingTimeout: time.Minute},
			want:     judged{State: xcom.Failed, Final: true, Driver: -1, Exit: xcom.ExitDeadline, Category: xcom.CategoryDeadline, Reason: "PendingTimeout"},
		},
		{
			name: "a running driver is running",
			pod:  driverPod(phase(corev1.PodRunning), driverStatus(running())),
			want: judged{State: xcom.Running, Driver: -1},
		},
		{
			name:     "the pending deadline does not count for a driver that has started",
			pod:      driverPod(phase(corev1.PodRunning), driverStatus(running())),
			criteria: Criteria{PendingTimeout: time.Minute},
			want:     judged{State: xcom.Running, Driver: -1},
		},
		{
			name:     "running for too long is a deadline",
			pod:      driverPod(phase(corev1.PodRunning), driverStatus(running())),
			criteria: Criteria{RunningTimeout: time.Minute},
			want:     judged{State: xcom.Failed, Final: true, Driver: -1, Exit: xcom.ExitDeadline, Category: xcom.CategoryDeadline, Reason: "RunningTimeout"},
		},
		{
			name: "a driver that exited with 0 succeeded",
			pod:  driverPod(phase(corev1.PodSucceeded), driverStatus(exited(0, "Completed", "10:05:00"))),
			want: judged{State: xcom.Succeeded, Final: true},
		},
		{
			name: "a driver that exited with 3 failed with 3",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(3, "Error", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name: "a code that means something else to orchestrators is 89",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(137, "Error", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 137, Exit: xcom.ExitDriver, Category: xcom.CategoryUnknown, Reason: "SIGKILL"},
		},
		{
			name: "a driver over its memory limit failed for memory",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(137, "OOMKilled", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 137, Exit: xcom.ExitDriver, Category: xcom.CategoryMemory, Reason: "OOMKilled"},
		},
		{
			name: "OOMKilled with another code than 137 was some child, and the driver's code is passed on",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(1, "OOMKilled", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 1, Exit: 1, Category: xcom.CategoryMemory, Reason: "OOMKilled"},
		},
		{
			name: "a command that cannot be started is no failure of the application",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(128, "StartError", "10:00:10"))),
			want: judged{State: xcom.Failed, Final: true, Driver: -1, Exit: xcom.ExitNotStarted, Category: xcom.CategoryConfig, Reason: "StartError"},
		},
		{
			name: "a container that its node lost is lost, not failed",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(137, "ContainerStatusUnknown", "10:05:00"))),
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryNode, Reason: "ContainerStatusUnknown"},
		},
		{
			name: "a deadline over a container that its node lost has no code of the driver's",
			pod:  driverPod(phase(corev1.PodFailed), reason("DeadlineExceeded", "too long"), driverStatus(exited(137, "ContainerStatusUnknown", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: -1, Exit: xcom.ExitDeadline, Category: xcom.CategoryDeadline, Reason: "DeadlineExceeded"},
		},
		{
			name: "nor has an eviction of one",
			pod:  driverPod(phase(corev1.PodFailed), reason("Evicted", "no room"), driverStatus(exited(137, "ContainerStatusUnknown", "10:05:00"))),
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryDisruption, Reason: "Evicted"},
		},
		{
			name: "a sidecar does not outlive the driver's verdict",
			pod:  driverPod(phase(corev1.PodRunning), sidecar("a-proxy"), status("a-proxy", running()), driverStatus(exited(3, "Error", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name: "a sidecar that failed does not fail the driver",
			pod:  driverPod(phase(corev1.PodFailed), sidecar("a-proxy"), status("a-proxy", exited(1, "Error", "10:04:00")), driverStatus(exited(0, "Completed", "10:05:00"))),
			want: judged{State: xcom.Succeeded, Final: true},
		},
		{
			name: "a sidecar that succeeded does not end the driver",
			pod:  driverPod(phase(corev1.PodRunning), sidecar("a-proxy"), status("a-proxy", exited(0, "Completed", "10:04:00")), driverStatus(running())),
			want: judged{State: xcom.Running, Driver: -1},
		},
		{
			name: "a driver's container that a template renamed is found by its name",
			pod: driverPod(sidecar("a-proxy"), func(pod *corev1.Pod) { pod.Spec.Containers[1].Name = "spark" },
				status("a-proxy", exited(0, "Completed", "10:04:00")), status("spark", exited(3, "Error", "10:05:00"))),
			criteria: Criteria{Container: "spark"},
			want:     judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name: "a pod that succeeded is no success when the driver's container cannot be told",
			pod: driverPod(phase(corev1.PodSucceeded), sidecar("a"), func(pod *corev1.Pod) { pod.Spec.Containers[1].Name = "b" },
				status("a", exited(0, "Completed", "10:04:00")), status("b", exited(0, "Completed", "10:04:00"))),
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryUnknown, Reason: "ContainerNotFound"},
		},
		{
			name: "a driver that was deleted and ended by it is lost, whatever its code",
			pod:  driverPod(phase(corev1.PodFailed), deleted("10:04:58"), driverStatus(exited(143, "Error", "10:05:00"))),
			want: judged{State: xcom.Lost, Final: true, Driver: 143, Exit: xcom.ExitLost, Category: xcom.CategoryDeleted, Reason: "Deleted"},
		},
		{
			name: "a driver that was deleted is lost, also when the kubelet has asked for the end of its pod once more",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(143, "Error", "10:05:00")), askedAgain("10:05:01")),
			want: judged{State: xcom.Lost, Final: true, Driver: 143, Exit: xcom.ExitLost, Category: xcom.CategoryDeleted, Reason: "Deleted"},
		},
		{
			name: "a driver that failed by itself and was then deleted without grace failed",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(3, "Error", "10:05:00")), askedAgain("10:05:10")),
			want: judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name: "a driver that failed by itself is taken at its word, when it is not known since when its pod was to go",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(exited(3, "Error", "10:05:00")), askedAgain("10:05:00")),
			want: judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name:    "a driver that failed after it was seen that its pod is to go is lost",
			earlier: driverPod(phase(corev1.PodRunning), driverStatus(running()), deleted("10:04:50")),
			pod:     driverPod(phase(corev1.PodFailed), driverStatus(exited(3, "Error", "10:05:00")), askedAgain("10:05:00")),
			want:    judged{State: xcom.Lost, Final: true, Driver: 3, Exit: xcom.ExitLost, Category: xcom.CategoryDeleted, Reason: "Deleted"},
		},
		{
			name:    "a driver that failed while its pod was there to stay failed, whatever came then",
			earlier: driverPod(phase(corev1.PodFailed), driverStatus(exited(3, "Error", "10:05:00"))),
			pod:     driverPod(phase(corev1.PodFailed), driverStatus(exited(3, "Error", "10:05:00")), askedAgain("10:05:00")),
			want:    judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name: "a driver that failed and was deleted afterwards failed",
			pod:  driverPod(phase(corev1.PodFailed), deleted("10:06:00"), driverStatus(exited(3, "Error", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name: "a driver that succeeded and was deleted afterwards succeeded",
			pod:  driverPod(phase(corev1.PodSucceeded), deleted("10:06:00"), driverStatus(exited(0, "Completed", "10:05:00"))),
			want: judged{State: xcom.Succeeded, Final: true},
		},
		{
			name: "a driver that exits with 0 when it is deleted succeeded, and that is told",
			pod:  driverPod(phase(corev1.PodSucceeded), deleted("10:04:58"), driverStatus(exited(0, "Completed", "10:05:00"))),
			want: judged{State: xcom.Succeeded, Final: true, Category: xcom.CategoryDeleted, Reason: "Deleted"},
		},
		{
			name: "a running driver that is being deleted has not ended",
			pod:  driverPod(phase(corev1.PodRunning), deleted("10:57:00"), driverStatus(running())),
			want: judged{State: xcom.Running, Driver: -1},
		},
		{
			name: "a running driver whose node does not end it in minutes is lost with its node",
			pod:  driverPod(phase(corev1.PodRunning), deleted("10:54:00"), driverStatus(running())),
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryNode, Reason: "NodeLost"},
		},
		{
			name: "a driver that the taint manager deletes is lost soon after its grace",
			pod:  driverPod(phase(corev1.PodRunning), disrupted("DeletionByTaintManager", "Taint manager: deleting"), deleted("10:58:30"), driverStatus(running())),
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryNode, Reason: "DeletionByTaintManager"},
		},
		{
			name: "a disruption that was announced and did not come is none",
			pod:  driverPod(phase(corev1.PodRunning), disrupted("PreemptionByScheduler", "preempting"), driverStatus(exited(3, "Error", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 3, Exit: 3, Category: xcom.CategoryApplication, Reason: "Error"},
		},
		{
			name: "a driver that Kubernetes calls failed while its container runs is lost with its node",
			pod:  driverPod(phase(corev1.PodFailed), driverStatus(running())),
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryNode, Reason: "PodFailed"},
		},
		{
			name: "a driver that was running when it went is lost",
			pod:  driverPod(phase(corev1.PodRunning), driverStatus(running())), gone: true,
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryDeleted, Reason: "Deleted"},
		},
		{
			name: "a driver whose end was seen before it went is judged by its end",
			pod:  driverPod(phase(corev1.PodSucceeded), driverStatus(exited(0, "Completed", "10:05:00"))), gone: true,
			want: judged{State: xcom.Succeeded, Final: true},
		},
		{
			name: "a driver nobody ever saw is lost",
			gone: true,
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryDeleted, Reason: "NotFound"},
		},
		{
			name: "an evicted driver is lost to a disruption",
			pod:  driverPod(phase(corev1.PodFailed), disrupted("EvictionByEvictionAPI", "Eviction API: evicting"), deleted("10:04:58"), driverStatus(exited(143, "Error", "10:05:00"))),
			want: judged{State: xcom.Lost, Final: true, Driver: 143, Exit: xcom.ExitLost, Category: xcom.CategoryDisruption, Reason: "EvictionByEvictionAPI"},
		},
		{
			name: "a driver that its node evicted is lost to a disruption",
			pod:  driverPod(phase(corev1.PodFailed), reason("Evicted", "The node was low on resource: memory."), driverStatus(waiting("ContainerCreating", ""))),
			want: judged{State: xcom.Lost, Final: true, Driver: -1, Exit: xcom.ExitLost, Category: xcom.CategoryDisruption, Reason: "Evicted"},
		},
		{
			name: "the pod's own deadline is a deadline",
			pod:  driverPod(phase(corev1.PodFailed), reason("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"), driverStatus(exited(143, "Error", "10:05:00"))),
			want: judged{State: xcom.Failed, Final: true, Driver: 143, Exit: xcom.ExitDeadline, Category: xcom.CategoryDeadline, Reason: "DeadlineExceeded"},
		},
		{
			name: "a pod the kubelet refused never started",
			pod:  driverPod(phase(corev1.PodFailed), reason("OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu")),
			want: judged{State: xcom.Failed, Final: true, Driver: -1, Exit: xcom.ExitNotStarted, Category: xcom.CategoryAdmission, Reason: "OutOfcpu"},
		},
		{
			name: "a failing init container keeps the driver from starting",
			pod: driverPod(phase(corev1.PodFailed), driverStatus(waiting("PodInitializing", "")), func(pod *corev1.Pod) {
				pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "fetch", State: exited(4, "Error", "10:00:09")}}
			}),
			want: judged{State: xcom.Failed, Final: true, Driver: -1, Exit: xcom.ExitNotStarted, Category: xcom.CategoryConfig, Reason: "InitContainerFailed"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := Observation{Pod: tt.pod, Gone: tt.gone, Now: at("11:00:00").Time}
			o.History = History{}.After(Observation{Pod: tt.earlier, Now: at("10:05:00").Time}, tt.criteria)
			v := Judge(o, tt.criteria)
			got := judged{State: v.State, Final: v.Final, Driver: -1, Exit: v.ExitCode}
			if v.DriverCode != nil {
				got.Driver = *v.DriverCode
			}
			if v.Cause != nil {
				got.Category, got.Reason = v.Cause.Category, v.Cause.Reason
				if v.Cause.Message == "" {
					t.Errorf("the cause says nothing: %+v", v.Cause)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Judge() mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// Success is said of nothing but an exit code 0 of the driver's container.
func TestJudgeSaysSuccessOnlyForExitCodeZero(t *testing.T) {
	states := []corev1.ContainerState{{}, running(), waiting("ContainerCreating", ""), exited(0, "Completed", "10:05:00"), exited(1, "Error", "10:05:00")}
	phases := []corev1.PodPhase{"", corev1.PodPending, corev1.PodRunning, corev1.PodSucceeded, corev1.PodFailed, corev1.PodUnknown}
	for _, state := range states {
		for _, p := range phases {
			for _, gone := range []bool{false, true} {
				v := Judge(Observation{Pod: driverPod(phase(p), driverStatus(state)), Gone: gone, Now: at("11:00:00").Time}, Criteria{})
				zero := state.Terminated != nil && state.Terminated.ExitCode == 0
				if (v.State == xcom.Succeeded) != zero {
					t.Errorf("state %+v, phase %q, gone %v: %s", state, p, gone, v.State)
				}
				if v.Final && v.ExitCode == 0 && v.State != xcom.Succeeded {
					t.Errorf("state %+v, phase %q, gone %v: %s ends with 0", state, p, gone, v.State)
				}
			}
		}
	}
}
