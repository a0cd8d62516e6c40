# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""A real Airflow of processes: api-server, dag-processor and a scheduler with LocalExecutor, which can be killed.

Its time-outs are set low, so that it sees in half a minute that a task's process is gone, and not in five.
"""

import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil

PARTS = ("api-server", "dag-processor", "scheduler")
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h

T = TypeVar("T")


def wait_until(what: str, check: Callable[[], T], timeout: float = 300) -> T:
    """Return what check returns once that is true; it bounds a hang and measures nothing."""
    deadline = time.monotonic() + timeout
    while not (found := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout:.0f} s")
        time.sleep(0.5)
    return found


def kill_descendants() -> int:
    """End every process below this one with SIGKILL, and return how many there were."""
    killed = 0
    while children := psutil.Process().children(recursive=True):
        for child in children:
            try:
                if child.status() != psutil.STATUS_ZOMBIE:
                    killed += 1
                    child.kill()
            except psutil.NoSuchProcess:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        time.sleep(0.05)
    return killed


class Airflow:
    """The processes of one AIRFLOW_HOME, and its REST API."""

    def __init__(self, home: Path, dags: Path) -> None:
        # What is orphaned when its parent is killed becomes a child of this process: none is lost sight of.
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.home = home
        self.address = f"http://127.0.0.1:{self.port}"
        self.token = ""
        self.starts = 0
        self.started: list[subprocess.Popen] = []
        self.environment = {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.address,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            # The examples leave the number of retries of `run` and `sense` to the deployment.
            "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "1",
            "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "5",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.address}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        }

    def start(self) -> None:
        """Start all processes and wait until the API answers; the others come on their own."""
        self.starts += 1
        for part in PARTS:
            command = [sys.executable, "-m", "airflow", part]
            if part == "scheduler":
                command.append("--skip-serve-logs")
            with open(self.home / f"{part}-{self.starts}.log", "wb") as log:
                process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=subprocess.STDOUT)
            self.started.append(process)
        wait_until("the api-server answers", self._token)

    def _token(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/auth/token", timeout=30) as answer:
                self.token = json.load(answer)["access_token"]
        except OSError:
            return False
        return True

    def kill(self) -> int:
        """End every process of this Airflow with SIGKILL, the tasks' too, and return how many."""
        killed = kill_descendants()
        while self.started:
            self.started.pop().wait()
        return killed

    def call(self, method: str, path: str, body: dict | None = None) -> dict[str, Any]:
        """Call the REST API, which is what the web interface does."""
        request = urllib.request.Request(
            f"{self.address}/api/v2/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code}: {error.read().decode()}") from error

    def knows(self, dag_id: str) -> bool:
        dags = self.call("GET", "dags")["dags"]
        return any(dag["dag_id"] == dag_id for dag in dags)

    def trigger(self, dag_id: str, run_id: str, command: str, value: str) -> None:
        """Make a run of a DAG."""
        wait_until(f"{dag_id} is read", lambda: self.knows(dag_id))
        body = {"dag_run_id": run_id, "logical_date": None, "conf": {"command": command, "value": value}}
        self.call("POST", f"dags/{dag_id}/dagRuns", body)

    def state(self, dag_id: str, run_id: str) -> str:
        return self.call("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"]

    def task(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """What Airflow shows of a task: state, try_number, max_tries and more."""
        return self.call("GET", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}")

    def clear(self, dag_id: str, run_id: str, task_id: str, downstream: bool = False) -> None:
        """Clear a task, whatever its state is."""
        body = {
            "dry_run": False,
            "only_failed": False,
            "dag_run_id": run_id,
            "task_ids": [task_id],
            "include_downstream": downstream,
        }
        self.call("POST", f"dags/{dag_id}/clearTaskInstances", body)

    def mark_failed(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Do what `Mark as failed` does."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        self.call("PATCH", path, {"new_state": "failed"})

    def result(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """The XCom that the operator fetched from the pod."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        value = self.call("GET", f"{path}?deserialize=true")["value"]
        return json.loads(value) if isinstance(value, str) else value


def end_with_the_process() -> None:
    """Let SIGTERM end this process as an interrupt does, so that what it started is ended too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
