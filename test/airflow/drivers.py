# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Watch all driver pods of a namespace from the first to the last: which there were, in what order, how each ended."""

import os
import threading
from dataclasses import dataclass

from kubernetes import client, config, watch

GATE = "sparkctl.dev/submission"


@dataclass
class Driver:
    """One driver pod, as far as it was seen."""

    uid: str
    name: str
    run_key: str
    generation: str
    attempt: int
    ran: bool = False  # its gate was taken off
    code: int | None = None  # the exit code of its container
    phase: str = ""
    over: bool = False  # it ended, or its pod is gone

    @property
    def active(self) -> bool:
        return self.ran and not self.over


class Drivers:
    """A watch on the driver pods. Its events come in the order in which the cluster recorded them."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.seen: dict[str, Driver] = {}
        self.overlaps: list[str] = []  # moments at which a run had two active drivers
        self.broken: Exception | None = None  # why the watch ended: what came afterwards was not seen
        self._changed = threading.Condition()
        loaded = config.new_client_from_config(
            os.environ["SPARKCTL_CLUSTER_KUBECONFIG"], os.environ["SPARKCTL_CLUSTER_CONTEXT"]
        )
        self.api = client.CoreV1Api(loaded)
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        try:
            stream = watch.Watch().stream(
                self.api.list_namespaced_pod, self.namespace, label_selector="spark-role=driver"
            )
            for event in stream:
                with self._changed:
                    self._note(event["type"], event["object"])
                    self._changed.notify_all()
        except Exception as error:  # a thread's exception would be lost
            with self._changed:
                self.broken = error
                self._changed.notify_all()

    def _note(self, kind: str, pod: client.V1Pod) -> None:
        meta = pod.metadata
        driver = self.seen.get(meta.uid)
        if driver is None:
            driver = self.seen[meta.uid] = Driver(
                uid=meta.uid,
                name=meta.name,
                run_key=(meta.annotations or {}).get("sparkctl.dev/run-key", ""),
                generation=(meta.annotations or {}).get("sparkctl.dev/generation", ""),
                attempt=int(meta.labels.get("sparkctl.dev/attempt", "0")),
            )
        if not any(gate.name == GATE for gate in pod.spec.scheduling_gates or ()):
            driver.ran = True
        for container in pod.status.container_statuses or ():
            if container.state.terminated:
                driver.code = container.state.terminated.exit_code
        driver.phase = pod.status.phase
        driver.over = kind == "DELETED" or pod.status.phase in ("Succeeded", "Failed")
        active = [d.name for d in self.seen.values() if d.run_key == driver.run_key and d.active]
        if len(active) > 1:
            self.overlaps.append(f"{driver.run_key}: {', '.join(active)} at {meta.resource_version}")

    def of(self, run_key: str) -> list[Driver]:
        """The drivers of a run, in the order in which they came."""
        with self._changed:
            if self.broken:
                raise AssertionError("the watch on the drivers ended") from self.broken
            return [driver for driver in self.seen.values() if driver.run_key == run_key]

    def wait(self, run_key: str, number: int, what: str, timeout: float = 300) -> Driver:
        """Wait until the driver of this number, from 1, is "Running" or "over", and return it."""

        def there() -> bool:
            found = [driver for driver in self.seen.values() if driver.run_key == run_key]
            return bool(self.broken) or (
                len(found) >= number and (found[number - 1].over if what == "over" else found[number - 1].phase == what)
            )

        with self._changed:
            if not self._changed.wait_for(there, timeout):
                found = [d for d in self.seen.values() if d.run_key == run_key]
                raise AssertionError(f"driver {number} of {run_key} is not {what} within {timeout:.0f} s: {found}")
        return self.of(run_key)[number - 1]
