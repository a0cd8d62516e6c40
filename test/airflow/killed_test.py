# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Kill a real Airflow, clear, retry and mark its tasks, and say exactly which drivers that makes.

test/airflow/run prepares what this needs, as for dags_test.py. Here Airflow is what it is in a deployment: processes.
"""

import os
import shutil
import sqlite3
import sys
import unittest
from dataclasses import dataclass
from pathlib import Path

from drivers import Driver, Drivers
from processes import Airflow, end_with_the_process, kill_descendants, wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "airflow"
HOME = Path(os.environ["AIRFLOW_HOME"])
NAMESPACE = os.environ["AIRFLOW_VAR_SPARK_NAMESPACE"]

ONE_TASK = ("spark_submit_and_wait", "run")
TWO_TASKS = ("spark_submit_then_sense", "submit")

KILLED = 143  # what a JVM ends with on SIGTERM


@dataclass
class Run:
    """One run of one DAG."""

    airflow: Airflow
    drivers: Drivers
    dag_id: str
    submits: str  # the task that makes the driver
    run_id: str

    @property
    def key(self) -> str:
        return f"{self.dag_id}/{self.submits}/{self.run_id}/-1"

    def driver(self, number: int, what: str) -> Driver:
        return self.drivers.wait(self.key, number, what)

    def task(self, task_id: str) -> tuple[str | None, int]:
        """What Airflow shows of a task: its state and the number of the try."""
        shown = self.airflow.task(self.dag_id, self.run_id, task_id)
        return shown["state"], shown["try_number"]

    def running(self, task_id: str, tries: int) -> None:
        wait_until(f"{self.key}: try {tries} of {task_id} runs", lambda: self.task(task_id) == ("running", tries))

    def end(self) -> str:
        """Wait for the end of the run and return it."""
        ends = ("success", "failed")
        wait_until(f"{self.key}: the end", lambda: self.airflow.state(self.dag_id, self.run_id) in ends, 400)
        return self.airflow.state(self.dag_id, self.run_id)

    def clear(self, task_id: str, downstream: bool = False) -> None:
        self.airflow.clear(self.dag_id, self.run_id, task_id, downstream)

    def result(self, task_id: str) -> dict:
        return self.airflow.result(self.dag_id, self.run_id, task_id)


class KilledTest(unittest.TestCase):
    maxDiff = None
    airflow: Airflow
    drivers: Drivers

    @classmethod
    def setUpClass(cls) -> None:
        home = HOME / "processes"
        home.mkdir()
        shutil.copy(HOME / "airflow.db", home)
        cls.drivers = Drivers(NAMESPACE)
        cls.airflow = Airflow(home, EXAMPLES)
        cls.addClassCleanup(cls.airflow.kill)
        cls.airflow.start()

    def run_of(self, dag: tuple[str, str], command: str, value: str, suffix: str = "") -> Run:
        """Start a run of a DAG. Its id is the name of the test."""
        dag_id, submits = dag
        run_id = self.id().rpartition(".test_")[2].replace("_", "-") + suffix
        self.airflow.trigger(dag_id, run_id, command, value)
        self.addCleanup(self.assert_never_two_ran)
        return Run(self.airflow, self.drivers, dag_id, submits, run_id)

    def assert_never_two_ran(self) -> None:
        self.assertEqual([], self.drivers.overlaps)

    def assert_drivers(self, run: Run, *expected: tuple[int, str, int | None]) -> list[Driver]:
        """Exactly these drivers were made, in this order: the attempt, the generation, and the exit code."""
        found = run.drivers.of(run.key)
        self.assertEqual(list(expected), [(d.attempt, d.generation, d.code) for d in found])
        self.assertEqual([], [d.name for d in found if not d.over], "drivers that have not ended")
        return found

    def assert_handed_over(self, run: Run, task_id: str, driver: Driver, state: str) -> None:
        """The XCom that Airflow has names this driver and its end."""
        result = run.result(task_id)
        self.assertEqual((driver.uid, driver.name, state), (result["pod_uid"], result["pod_name"], result["state"]))

    def test_all_killed_while_the_driver_runs(self) -> None:
        one, two = self.run_of(ONE_TASK, "sleep", "100"), self.run_of(TWO_TASKS, "sleep", "100")
        for run in (one, two):
            run.driver(1, "Running")
        one.running("run", 1)
        two.running("sense", 1)
        self.assertGreater(self.airflow.kill(), 3)
        self.airflow.start()
        self.assertEqual(("success", "success"), (one.end(), two.end()))
        (driver,) = self.assert_drivers(one, (1, "1", 0))
        self.assertEqual(("success", 2), one.task("run"))
        self.assert_handed_over(one, "run", driver, "Succeeded")
        (driver,) = self.assert_drivers(two, (1, "2", 0))
        self.assertEqual((("success", 1), ("success", 2)), (two.task("submit"), two.task("sense")))
        self.assert_handed_over(two, "sense", driver, "Succeeded")

    def test_cleared_after_success(self) -> None:
        one, two = self.run_of(ONE_TASK, "sleep", "1"), self.run_of(TWO_TASKS, "sleep", "1")
        self.assertEqual(("success", "success"), (one.end(), two.end()))
        self.assert_drivers(one, (1, "1", 0))
        self.assert_drivers(two, (1, "2", 0))
        one.clear("run")
        two.clear("submit", downstream=True)
        for run, last in ((one, "run"), (two, "sense")):
            wait_until(f"{run.key}: the second try", lambda run=run, last=last: run.task(last)[1] == 2)
        self.assertEqual(("success", "success"), (one.end(), two.end()))
        _, second = self.assert_drivers(one, (1, "1", 0), (2, "2", 0))
        self.assertEqual(("success", 2), one.task("run"))
        self.assert_handed_over(one, "run", second, "Succeeded")
        _, second = self.assert_drivers(two, (1, "2", 0), (2, "3", 0))
        self.assertEqual((("success", 2), ("success", 2)), (two.task("submit"), two.task("sense")))
        self.assert_handed_over(two, "sense", second, "Succeeded")

    def test_all_killed_just_after_the_driver_succeeded(self) -> None:
        cases = ((ONE_TASK, "run", ""), (ONE_TASK, "run", "-and-the-launcher"), (TWO_TASKS, "sense", ""))
        for dag, follows, also in cases:
            with self.subTest(dag=dag, killed=f"Airflow{also}"):
                run = self.run_of(dag, "sleep", "20", also)
                run.running(follows, 1)
                run.driver(1, "over")
                self.airflow.kill()
                self.assertEqual("running", self.recorded(run, follows), "Airflow has heard before it was killed")
                if also:
                    self.remove_pod_of(run, follows)
                self.airflow.start()
                self.assertEqual("success", run.end())
                (driver,) = self.assert_drivers(run, (1, "1" if dag == ONE_TASK else "2", 0))
                self.assertEqual(("success", 2), run.task(follows))
                self.assert_handed_over(run, follows, driver, "Succeeded")

    def recorded(self, run: Run, task_id: str) -> str:
        """The state of a task in the database, for when there is no Airflow to ask."""
        with sqlite3.connect(self.airflow.home / "airflow.db") as database:
            query = "select state from task_instance where dag_id = ? and run_id = ? and task_id = ?"
            return database.execute(query, (run.dag_id, run.run_id, task_id)).fetchone()[0]

    def remove_pod_of(self, run: Run, task_id: str) -> None:
        """Remove the pod in which a task's program runs, as a node that goes takes it along."""
        selector = f"dag_id={run.dag_id},task_id={task_id},run_id={run.run_id}"
        (pod,) = self.drivers.api.list_namespaced_pod(NAMESPACE, label_selector=selector).items
        self.drivers.api.delete_namespaced_pod(pod.metadata.name, NAMESPACE, grace_period_seconds=0)

    def test_cleared_while_running(self) -> None:
        one, two = self.run_of(ONE_TASK, "sleep", "60"), self.run_of(TWO_TASKS, "sleep", "60")
        for run, task_id in ((one, "run"), (two, "sense")):
            run.driver(1, "Running")
            run.running(task_id, 1)
        one.clear("run")
        two.clear("submit", downstream=True)
        for run in (one, two):
            run.driver(1, "over")
            run.driver(2, "over")
        self.assertEqual(("success", "success"), (one.end(), two.end()))
        # The pod of a task that was cleared is Terminating for all of its grace period: the sidecar does not hear
        # SIGTERM. The second try of `run` takes up that pod, which was cancelled, and fails; the third starts anew.
        self.assertEqual(("success", 3), one.task("run"))
        self.assertEqual((("success", 2), ("success", 2)), (two.task("submit"), two.task("sense")))
        for run, task_id, generations in ((one, "run", ["1", "2"]), (two, "sense", ["2", "3"])):
            found = run.drivers.of(run.key)
            self.assertEqual(list(zip(generations, [KILLED, 0])), [(d.generation, d.code) for d in found])
            self.assert_handed_over(run, task_id, found[1], "Succeeded")

    def test_retried_after_failure(self) -> None:
        one, two = self.run_of(ONE_TASK, "exit", "3"), self.run_of(TWO_TASKS, "exit", "3")
        self.assertEqual(("failed", "failed"), (one.end(), two.end()))
        _, second = self.assert_drivers(one, (1, "1", 3), (2, "1", 3))
        self.assertEqual(("failed", 2), one.task("run"))
        self.assert_handed_over(one, "run", second, "Failed")
        # A second try of `sense` follows the driver that `submit` named.
        (driver,) = self.assert_drivers(two, (1, "2", 3))
        self.assertEqual((("success", 1), ("failed", 2)), (two.task("submit"), two.task("sense")))
        self.assert_handed_over(two, "sense", driver, "Failed")

    def test_marked_failed_while_running(self) -> None:
        one, two = self.run_of(ONE_TASK, "sleep", "300"), self.run_of(TWO_TASKS, "sleep", "300")
        for run, task_id in ((one, "run"), (two, "sense")):
            run.driver(1, "Running")
            run.running(task_id, 1)
            self.airflow.mark_failed(run.dag_id, run.run_id, task_id)
        for run, task_id in ((one, "run"), (two, "sense")):
            run.driver(1, "over")
            self.assertEqual("failed", run.end())
            wait_until(f"{run.key}: no pod is left", lambda run=run: not self.pods_of(run))
            self.assertEqual(("failed", 1), run.task(task_id))
        self.assert_drivers(one, (1, "1", KILLED))
        self.assert_drivers(two, (1, "2", KILLED))

    def pods_of(self, run: Run) -> list:
        """The pods that Airflow made for a run."""
        selector = f"dag_id={run.dag_id},run_id={run.run_id}"
        return self.drivers.api.list_namespaced_pod(NAMESPACE, label_selector=selector).items


def main() -> int:
    end_with_the_process()
    try:
        passed = unittest.main(verbosity=2, exit=False).result.wasSuccessful()
    finally:
        kill_descendants()
    if not passed:
        for log in sorted((HOME / "processes").glob("*.log")):
            print(f"--- the end of {log.name}", log.read_text(errors="replace")[-4000:], sep="\n", file=sys.stderr)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
