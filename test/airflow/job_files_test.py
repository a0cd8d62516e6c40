# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Load the DAG of examples/job-files with a real Airflow; no cluster is needed."""

import importlib.util
import json
import sys
import tempfile
import unittest
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "job-files"


def load():
    """Load the DAG file as Airflow does."""
    spec = importlib.util.spec_from_file_location("spark_jobs", EXAMPLE / "spark_jobs.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["spark_jobs"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


class JobFilesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        cls.module = load()
        cls.dag = cls.module.tasks["sales"].dag

    def test_every_file_is_a_task(self) -> None:
        files = {f"--filename=/jobs/{path.name}" for path in (EXAMPLE / "jobs").iterdir()}
        self.assertEqual(files, {word for task in self.dag.tasks for word in task.arguments if word.startswith("--filename=")})

    def test_a_job_runs_after_those_that_its_file_names(self) -> None:
        self.assertEqual({"report"}, self.dag.get_task("sales").downstream_task_ids)
        self.assertEqual({"sales"}, self.dag.get_task("report").upstream_task_ids)

    def test_a_task_passes_the_run_and_the_arguments_of_the_day(self) -> None:
        self.assertEqual(
            [
                "--wait",
                "--on-cancel=auto",
                "--run-key={{ dag.dag_id }}/{{ ti.task_id }}/{{ run_id }}/{{ ti.map_index }}",
                "--generation={{ ti.max_tries }}",
                "--filename=/jobs/sales.json",
                *("--", "pi", "10", "{{ ds }}"),
            ],
            self.dag.get_task("sales").arguments,
        )
        self.assertIn("arguments", self.dag.get_task("sales").template_fields)
        self.assertEqual("--filename=/jobs/report.yaml", self.dag.get_task("report").arguments[-1])

    def test_files_that_contradict_each_other_are_refused(self) -> None:
        def job(name: str, after: str = "") -> str:
            return json.dumps({"metadata": {"name": name, "annotations": {"jobs.example.org/after": after}}})

        for files, says in (
            ({"a.json": job("a"), "b.yaml": job("a")}, "b.yaml: a job is called a in a.json already"),
            ({"a.json": job("a", "b, c"), "b.json": job("b")}, "a.json: it is to run after c, and no job is called so"),
        ):
            with self.subTest(says), tempfile.TemporaryDirectory() as folder:
                for name, text in files.items():
                    (Path(folder) / name).write_text(text)
                with self.assertRaises(ValueError) as refused:
                    self.module.read_jobs(Path(folder))
                self.assertEqual(says, str(refused.exception))


if __name__ == "__main__":
    unittest.main(verbosity=2)
