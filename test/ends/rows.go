// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package ends

import (
	"fmt"

	"github.com/sparkctl/sparkctl/xcom"
)

// finished are drivers that came to the end they should.
func finished() []End {
	return []End{
		succeeded("sidecar-never-ends", "the driver succeeds, a sidecar runs on"),
		succeeded("sidecar-fails", "the driver succeeds, a sidecar fails and with it the pod"),
		succeeded("finished-then-deleted", "the driver succeeds, and its pod is deleted after that"),
		succeeded("oom-child-success", "the driver succeeds after one of its processes was killed for lack of memory"),
		succeeded("image-comes-late", "the registry has no time for a while, then the image comes and the driver succeeds"),
		{
			Name: "sigterm-exit-0", What: "the pod is deleted, and the driver handles SIGTERM and exits with 0",
			State: xcom.Succeeded, Category: xcom.CategoryDeleted, Reason: "Deleted",
			Message: "the driver exited with code 0, but before that, the driver pod was deleted",
		},
	}
}

func succeeded(name, what string) End { return End{Name: name, What: what, State: xcom.Succeeded} }

// failed is a driver that ran and ended with a code of its own.
func failed(name, what string, code int, category xcom.Category, reason, message, retry string) End {
	return End{
		Name: name, What: what, State: xcom.Failed, Exit: xcom.ForDriver(code), Driver: code,
		Category: category, Reason: reason, Message: message, Retry: retry,
	}
}

// applications are drivers that failed by themselves.
func applications() []End {
	return []End{
		failed("renamed-container", "the driver's container has another name, a sidecar stands before it, and the driver exits with 3", 3, xcom.CategoryApplication, "Error", "the driver exited with code 3", ""),
		failed("termination-message", "the driver leaves a termination message and exits with 4", 4, xcom.CategoryApplication, "Error", "the driver exited with code 4: no partition 2026-11-21 in table orders", ""),
		failed("oom-container", "the driver's container passes its memory limit", 137, xcom.CategoryMemory, "OOMKilled", "the driver's container used more memory than its limit and was killed (exit code 137)", "no"),
		failed("oom-child", "a process in the driver's container is killed for lack of memory, and the driver exits with 5", 5, xcom.CategoryMemory, "OOMKilled", "a process in the driver's container was killed for lack of memory, and the driver exited with code 5", "no"),
		failed("sigkill", "the driver is killed inside its container", 137, xcom.CategoryUnknown, "SIGKILL", "the driver exited with code 137 (SIGKILL: killed, and Kubernetes does not know by whom; lack of memory is the most frequent)", ""),
		failed("sigabrt", "the JVM aborts", 134, xcom.CategoryApplication, "SIGABRT", "the driver exited with code 134 (SIGABRT: the JVM crashed)", ""),
		failed("sigsegv", "the driver crashes", 139, xcom.CategoryApplication, "SIGSEGV", "the driver exited with code 139 (SIGSEGV: the process crashed)", ""),
		failed("sigterm-from-inside", "the driver gets SIGTERM, and its pod is not deleted", 143, xcom.CategoryUnknown, "SIGTERM", "the driver exited with code 143 (SIGTERM: asked to end, and Kubernetes does not know by whom)", ""),
		failed("exec-format", "the container's command is no program of this machine", 1, xcom.CategoryConfig, "ExecFormatError", "the driver's container could not be started: exec /program/run: exec format error", "no"),
		failed("post-start-hook-fails", "the container's postStart hook fails, and the kubelet kills it", 137, xcom.CategoryConfig, "FailedPostStartHook", "the driver's container was killed because its postStart hook failed: PostStartHook failed", "no"),
	}
}

// codes are exit codes that somebody gave a meaning to.
func codes() []End {
	rows := []End{}
	for _, c := range []struct {
		code     int
		category xcom.Category
		reason   string
		meaning  string
		retry    string
	}{
		{2, xcom.CategoryApplication, "Error", "", ""},
		{50, xcom.CategoryApplication, "Error", " (an exception that nobody caught)", ""},
		{51, xcom.CategoryApplication, "Error", " (an exception that nobody caught, and another one while it was handled)", ""},
		{52, xcom.CategoryMemory, "OutOfMemoryError", " (the JVM ran out of memory)", "no"},
		{53, xcom.CategoryApplication, "Error", " (a local folder could not be created)", ""},
		{54, xcom.CategoryApplication, "Error", "", ""},
		{55, xcom.CategoryApplication, "Error", "", ""},
		{56, xcom.CategoryApplication, "Error", "", ""},
		{57, xcom.CategoryApplication, "Error", "", ""},
		{58, xcom.CategoryApplication, "Error", "", ""},
		{126, xcom.CategoryConfig, "CommandNotExecutable", " (the command cannot be executed)", "no"},
		{127, xcom.CategoryConfig, "CommandNotFound", " (the command was not found)", "no"},
		{130, xcom.CategoryApplication, "Error", " (signal 2)", ""},
		{255, xcom.CategoryApplication, "Error", "", ""},
	} {
		rows = append(rows, failed(fmt.Sprintf("exit-code-%d", c.code), fmt.Sprintf("the driver exits with %d", c.code),
			c.code, c.category, c.reason, fmt.Sprintf("the driver exited with code %d%s", c.code, c.meaning), c.retry))
	}
	return rows
}

// notStarted is a driver that never ran.
func notStarted(name, what string, exit xcom.ExitCode, category xcom.Category, reason, message, retry string) End {
	return End{
		Name: name, What: what, State: xcom.Failed, Exit: exit, Driver: none,
		Category: category, Reason: reason, Message: message, Retry: retry,
	}
}

// starts are drivers that something of their own keeps from starting.
func starts() []End {
	const late = "the driver did not start within ...: "
	image, config := xcom.CategoryImage, xcom.CategoryConfig
	const unable = "CreateContainerConfigError"
	return []End{
		notStarted("image-not-found", "the registry has no such image", 82, image, "ErrImagePull", late+"image ... cannot be pulled: ...not found...", "no"),
		notStarted("image-unauthorized", "the registry gives the image only to those who log in", 82, image, "ErrImagePull", late+"image ... cannot be pulled: ...401 Unauthorized", "no"),
		notStarted("image-of-another-platform", "the image is for another kind of machine", 82, image, "ErrImagePull", late+"image ... cannot be pulled: no match for platform in manifest...", "no"),
		notStarted("image-registry-down", "the registry does not answer", 82, image, "ErrImagePull", late+"image ... cannot be pulled: ...connection refused...", ""),
		notStarted("image-name-invalid", "the image's name is no name", 82, image, "InvalidImageName", "the driver cannot start: ...couldn't parse image name...", "no"),
		notStarted("image-never-pull", "the image is not on the node and must not be pulled", 82, image, "ErrImageNeverPull", "the driver cannot start: ...is not present with pull policy of Never", "no"),
		notStarted("image-inspect-error", "the image's name does not say which registry it is from", 82, image, "ImageInspectError", late+"...short name mode is enforcing...", ""),
		notStarted("registry-unavailable", "the registry does not answer, and the runtime says so", 82, image, "RegistryUnavailable", late+"image pull failed for ... because the registry is unavailable: ...", ""),
		notStarted("image-not-signed", "the image has not the signature that the node asks for", 82, image, "SignatureValidationFailed", "the driver cannot start: image pull failed for ... because the signature validation failed: ...", "no"),
		notStarted("image-without-command", "neither image nor pod say what to run", 82, config, "CreateContainerError", late+"...no command specified...", ""),
		notStarted("missing-secret-key", "a Secret has not the key that is asked for", 82, config, unable, late+"couldn't find key password in Secret ...", ""),
		notStarted("missing-secret", "a Secret does not exist", 82, config, unable, late+`secret "no-such-secret" not found`, ""),
		notStarted("missing-configmap", "a ConfigMap does not exist", 82, config, unable, late+`configmap "no-such-map" not found`, ""),
		notStarted("missing-configmap-volume", "a volume's ConfigMap does not exist", 82, config, "FailedMount", late+`...configmap "no-such-map" not found`, ""),
		notStarted("missing-secret-volume", "a volume's Secret does not exist", 82, config, "FailedMount", late+`...secret "no-such-secret" not found`, ""),
		notStarted("missing-pvc", "a volume claim does not exist", 82, config, "PersistentVolumeClaimNotFound", late+`...persistentvolumeclaim "no-such-claim" not found...`, "no"),
		notStarted("run-as-root", "the image runs as root and the pod may not", 82, config, unable, late+"container has runAsNonRoot and image will run as root...", ""),
		notStarted("recursive-read-only", "a mount asks for recursiveReadOnly, which the runtime has not", 82, config, unable, late+"...requested recursive read-only mode, but it is not supported by the runtime", ""),
		notStarted("bad-entrypoint", "the container's command does not exist", 82, config, "StartError", "the driver's container could not be started: ...no such file or directory...", "no"),
		notStarted("not-executable", "the container's command is not executable", 82, config, "StartError", "the driver's container could not be started: ...permission denied...", "no"),
		notStarted("bad-working-directory", "the container's working folder is a file", 82, config, "StartError", "the driver's container could not be started: ...not a directory...", "no"),
		notStarted("init-container-fails", "an init container fails", 82, config, "InitContainerFailed", "init container fetch exited with code 4, so the driver never started", ""),
		notStarted("init-container-oom", "an init container passes its memory limit", 82, xcom.CategoryMemory, "InitContainerFailed", "init container fetch used more memory than its limit and was killed, so the driver never started", ""),
		notStarted("init-container-hangs", "an init container does not end", 84, xcom.CategoryDeadline, "PendingTimeout", "the driver did not start within ...: init container fetch still runs", ""),
	}
}
