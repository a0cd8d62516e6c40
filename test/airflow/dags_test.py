# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Run the example DAGs with a real Airflow on a real cluster, for an application that succeeds and one that fails, and the
DAG of the job files.

test/airflow/run prepares what this needs and starts it: an AIRFLOW_HOME with a migrated database, the connection and
the Variables in the environment, a namespace with the Roles of the examples.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unittest
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kubernetes import client, config

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDERS = {"spark_submit_then_sense": "airflow", "spark_submit_and_wait": "airflow", "spark_jobs": "job-files"}
HOME = Path(os.environ["AIRFLOW_HOME"])
NAMESPACE = os.environ["AIRFLOW_VAR_SPARK_NAMESPACE"]
TIMEOUT = 480  # seconds for one run of a DAG; a stuck one must not take the hour of a whole test run with it


@dataclass
class Run:
    """One run of one DAG: what Airflow wrote down, and what it printed."""

    status: int
    run_id: str
    states: dict[str, str]
    xcoms: dict[str, dict]
    output: str


def run_dag(dag_id: str, command: str, value: str) -> Run:
    """Run a DAG by `airflow dags test`, in a home of its own: two runs at once would wait for one SQLite file."""
    home = HOME / f"{dag_id}-{command}"
    home.mkdir()
    shutil.copy(HOME / "airflow.db", home)
    started = time.monotonic()
    with open(home / "output", "wb") as output:
        status = subprocess.call(
            [
                *("timeout", "--kill-after=10", str(TIMEOUT)),
                *(sys.executable, "-m", "airflow", "dags", "test", dag_id, "-f", EXAMPLES / FOLDERS[dag_id] / f"{dag_id}.py"),
                *("--conf", json.dumps({"command": command, "value": value})),
            ],
            env={**os.environ, "AIRFLOW_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    print(f"airflow: {dag_id} with {command} {value}: {time.monotonic() - started:.0f} s", file=sys.stderr)

    with sqlite3.connect(home / "airflow.db") as database:
        run_ids = [run_id for (run_id,) in database.execute("select run_id from dag_run")]
        states = dict(database.execute("select task_id, state from task_instance"))
        xcoms = dict(database.execute("select task_id, value from xcom where key = 'return_value'"))
    return Run(
        status=status,
        run_id=" ".join(run_ids),
        states=states,
        xcoms={task: json.loads(xcom) for task, xcom in xcoms.items()},
        output=(home / "output").read_text(errors="replace"),
    )


class DagsTest(unittest.TestCase):
    maxDiff = None
    runs: dict[tuple[str, str], Future]

    @classmethod
    def setUpClass(cls) -> None:
        # Two at a time: an Airflow task mostly waits, a driver and its executor take the two cores of a small machine.
        pool = ThreadPoolExecutor(max_workers=2)
        cls.addClassCleanup(pool.shutdown, cancel_futures=True)
        cls.runs = {
            (dag_id, command): pool.submit(run_dag, dag_id, command, value)
            for command, value in (("exit", "3"), ("pi", "4"))
            for dag_id in ("spark_submit_then_sense", "spark_submit_and_wait")
        }
        cls.runs["spark_jobs", "jobs"] = pool.submit(run_dag, "spark_jobs", "jobs", "all")

    def setUp(self) -> None:
        config.load_kube_config(os.environ["AIRFLOW_KUBECONFIG"])

    @contextmanager
    def run_of(self, dag_id: str, command: str) -> Iterator[Run]:
        """Wait for a run; when the test then fails, print what Airflow printed."""
        run = self.runs[dag_id, command].result()
        try:
            yield run
        except Exception:
            print(run.output, file=sys.stderr)
            raise

    def assert_is_the_driver(self, result: dict, run_key: str, generation: str) -> None:
        """The XCom names a pod that exists, by its UID, and carries the key that the DAG passed."""
        pod = client.CoreV1Api().read_namespaced_pod(result["pod_name"], NAMESPACE)
        self.assertEqual(pod.metadata.uid, result["pod_uid"])
        self.assertEqual(NAMESPACE, result["namespace"])
        self.assertEqual(run_key, result["run_key"])
        self.assertEqual(generation, result["generation"])

    def test_two_tasks_succeed_when_the_application_does(self) -> None:
        with self.run_of("spark_submit_then_sense", "pi") as run:
            self.assertEqual({"submit": "success", "sense": "success"}, run.states)
            self.assertEqual(0, run.status)
            self.assertEqual("Submitted", run.xcoms["submit"]["state"])
            self.assert_is_the_driver(run.xcoms["submit"], f"spark_submit_then_sense/submit/{run.run_id}/-1", "2")
            self.assertEqual("Succeeded", run.xcoms["sense"]["state"])
            self.assertEqual(run.xcoms["submit"]["pod_uid"], run.xcoms["sense"]["pod_uid"])
            self.assertEqual(0, run.xcoms["sense"]["exit_code"])
            self.assertIn("Pi is roughly 3.", run.output)

    def test_an_application_that_fails_fails_the_task_that_follows_it(self) -> None:
        with self.run_of("spark_submit_then_sense", "exit") as run:
            self.assertEqual({"submit": "success", "sense": "failed"}, run.states)
            self.assertNotEqual(0, run.status)
            self.assert_is_the_driver(run.xcoms["submit"], f"spark_submit_then_sense/submit/{run.run_id}/-1", "2")
            self.assert_error_tells_the_cause(run, "sense")
            self.assertEqual("Failed", run.xcoms["sense"]["state"])
            self.assertEqual(3, run.xcoms["sense"]["exit_code"])

    def test_one_task_succeeds_when_the_application_does(self) -> None:
        with self.run_of("spark_submit_and_wait", "pi") as run:
            self.assertEqual({"run": "success"}, run.states)
            self.assertEqual(0, run.status)
            self.assert_is_the_driver(run.xcoms["run"], f"spark_submit_and_wait/run/{run.run_id}/-1", "0")
            self.assertEqual("Succeeded", run.xcoms["run"]["state"])
            self.assertIn("Pi is roughly 3.", run.output)

    def test_one_task_fails_when_the_application_does(self) -> None:
        with self.run_of("spark_submit_and_wait", "exit") as run:
            self.assertEqual({"run": "failed"}, run.states)
            self.assertNotEqual(0, run.status)
            self.assert_error_tells_the_cause(run, "run")
            self.assertEqual("Failed", run.xcoms["run"]["state"])
            self.assertEqual(3, run.xcoms["run"]["exit_code"])

    def test_a_folder_of_job_files_runs_in_its_order(self) -> None:
        with self.run_of("spark_jobs", "jobs") as run:
            self.assertEqual({"sales": "success", "report": "success"}, run.states)
            self.assertEqual(0, run.status)
            for job in ("sales", "report"):
                result = run.xcoms[job]
                self.assert_is_the_driver(result, f"spark_jobs/{job}/{run.run_id}/-1", "1")
                self.assertEqual(("Succeeded", "native", job), (result["state"], result["engine"], result["application_name"]))
            finished = run.xcoms["sales"]["container_status"][0]["container_finished_at"]
            self.assertLessEqual(finished, run.xcoms["report"]["creation_time"])
            driver = client.CoreV1Api().read_namespaced_pod(run.xcoms["sales"]["pod_name"], NAMESPACE)
            self.assertRegex(" ".join(driver.spec.containers[0].args), r" pi 10 \d{4}-\d{2}-\d{2}$")

    def assert_error_tells_the_cause(self, run: Run, task_id: str) -> None:
        """The text of the Airflow exception, which is what an alert shows, holds the sentence of the result's cause."""
        cause = run.xcoms[task_id]["cause"]["message"]
        self.assertRegex(cause, r"\b3\b")
        error = rf"AirflowException: Pod {task_id}-\w+ returned a failure\.\s+.*" + re.escape(cause)
        self.assertRegex(run.output, error)


if __name__ == "__main__":
    unittest.main(verbosity=2)
