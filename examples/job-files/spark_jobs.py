# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Make a DAG of the job files in jobs/: each file is a task that submits it and follows it to its end.

A job file is a SparkApplication, JSON or YAML. The same file is submitted by hand with `sparkctl submit -f`. What only
Airflow has to know stands in the file's annotations, which count for nothing else:

    jobs.example.org/after       names of the jobs that must have succeeded before, separated by commas
    jobs.example.org/arguments   a JSON list, with Jinja in it, that takes the place of spec.arguments in a DAG run
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml  # Airflow itself needs it; JSON is YAML
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from kubernetes.client import models as k8s

JOBS = Path(__file__).parent / "jobs"

# Airflow Variables, so that a deployment sets them once. Plain strings do as well.
NAMESPACE = "{{ var.value.get('spark_namespace', 'spark') }}"
LAUNCHER_IMAGE = "{{ var.value.get('spark_launcher_image', 'registry.example.com/sparkctl-native:0.1.0') }}"


@dataclass(frozen=True)
class Job:
    """What Airflow has to know of a job file."""

    name: str
    file: str
    after: tuple[str, ...]
    arguments: tuple[str, ...]


def read_job(path: Path) -> Job:
    """Read one file. Whether the launcher will take it, `sparkctl submit -f FILE --dry-run` tells."""
    metadata = yaml.safe_load(path.read_text(encoding="utf-8"))["metadata"]
    annotations = metadata.get("annotations", {})
    after = annotations.get("jobs.example.org/after", "").split(",")
    arguments = json.loads(annotations.get("jobs.example.org/arguments", "[]"))
    return Job(metadata["name"], path.name, tuple(name.strip() for name in after if name.strip()), tuple(arguments))


def read_jobs(folder: Path) -> dict[str, Job]:
    """Read the job files of a folder, by the names of the jobs."""
    jobs: dict[str, Job] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".json", ".yaml", ".yml"):
            continue
        job = read_job(path)
        if job.name in jobs:
            raise ValueError(f"{path.name}: a job is called {job.name} in {jobs[job.name].file} already")
        jobs[job.name] = job
    for job in jobs.values():
        for name in job.after:
            if name not in jobs:
                raise ValueError(f"{job.file}: it is to run after {name}, and no job is called so")
    return jobs


def task(job: Job) -> KubernetesPodOperator:
    """Make the task that runs a job."""
    return KubernetesPodOperator(
        task_id=job.name,
        arguments=[
            "--wait",
            "--on-cancel=auto",  # killing or clearing the task ends the driver; a drained node does not
            # Which run this is, and which intention: a retry keeps max_tries, clearing the task raises it.
            "--run-key={{ dag.dag_id }}/{{ ti.task_id }}/{{ run_id }}/{{ ti.map_index }}",
            "--generation={{ ti.max_tries }}",
            f"--filename=/jobs/{job.file}",
            *(["--", *job.arguments] if job.arguments else []),
        ],
    )


with DAG(
    "spark_jobs",
    schedule=None,
    default_args={
        "namespace": NAMESPACE,
        "image": LAUNCHER_IMAGE,
        "service_account_name": "spark-launcher",
        "retries": 1,  # the run key keeps a retry from making a second driver beside one that runs
        "retry_delay": timedelta(seconds=30),
        "do_xcom_push": True,  # fetch the result that the image writes to /airflow/xcom/return.json
        "termination_grace_period": 90,  # time to end the driver when the task is killed or cleared
        "log_pod_spec_on_failure": False,  # the error is then the cause alone
        "container_resources": k8s.V1ResourceRequirements(requests={"cpu": "50m", "memory": "64Mi"}),
        # The folder jobs/, as the ConfigMap spark-jobs.
        "volumes": [k8s.V1Volume(name="jobs", config_map=k8s.V1ConfigMapVolumeSource(name="spark-jobs"))],
        "volume_mounts": [k8s.V1VolumeMount(name="jobs", mount_path="/jobs", read_only=True)],
        # Pod Security "restricted". The XCom sidecar has its own, in the connection.
        "security_context": {"runAsNonRoot": True, "runAsUser": 185, "seccompProfile": {"type": "RuntimeDefault"}},
        "container_security_context": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    },
):
    jobs = read_jobs(JOBS)
    tasks = {name: task(job) for name, job in jobs.items()}
    for job in jobs.values():
        for name in job.after:
            tasks[name] >> tasks[job.name]
