# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Submit a Spark application and follow it to its end in one task, with `submitter --wait`.

The task ends as the driver ends, and its log is the driver's log. Simpler than two tasks; the price is that submitting
and following are one thing to retry, and that the large image waits in the place of the small one.
"""

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from kubernetes.client import models as k8s

# Airflow Variables, so that a deployment sets them once. Plain strings do as well.
NAMESPACE = "{{ var.value.get('spark_namespace', 'spark') }}"
SPARK_IMAGE = "{{ var.value.get('spark_image', 'registry.example.com/spark-with-submitter:4.0.5') }}"

with DAG(
    "spark_submit_and_wait",
    schedule=None,
    # What one run of this DAG runs: the words after the jar. `Trigger DAG w/ config` changes them.
    params={"command": "pi", "value": "10"},
):
    KubernetesPodOperator(
        task_id="run",
        namespace=NAMESPACE,
        image=SPARK_IMAGE,
        service_account_name="spark-launcher",
        do_xcom_push=True,  # fetch the result that the image writes to /airflow/xcom/return.json
        termination_grace_period=90,  # time to end the driver when the task is killed or cleared
        log_pod_spec_on_failure=False,  # the error is then the cause alone
        # Pod Security "restricted". The XCom sidecar has its own, in the connection.
        security_context={"runAsNonRoot": True, "runAsUser": 185, "seccompProfile": {"type": "RuntimeDefault"}},
        container_security_context={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        container_resources=k8s.V1ResourceRequirements(requests={"cpu": "200m", "memory": "512Mi"}),
        volumes=[k8s.V1Volume(name="templates", config_map=k8s.V1ConfigMapVolumeSource(name="spark-templates"))],
        volume_mounts=[k8s.V1VolumeMount(name="templates", mount_path="/templates", read_only=True)],
        arguments=[
            "--wait",
            "--on-cancel=auto",  # killing or clearing the task ends the driver; a drained node does not
            # Which run this is, and which intention: a retry keeps max_tries, clearing the task raises it.
            "--run-key={{ dag.dag_id }}/{{ ti.task_id }}/{{ run_id }}/{{ ti.map_index }}",
            "--generation={{ ti.max_tries }}",
            "--",
            # From here on: the arguments of spark-submit. --master and --deploy-mode are set for you.
            "--name=spark-pi",
            "--class=dev.sparkctl.examples.Main",
            "--conf=spark.kubernetes.container.image=" + SPARK_IMAGE,
            "--conf=spark.kubernetes.authenticate.driver.serviceAccountName=spark-driver",
            "--conf=spark.kubernetes.driver.podTemplateFile=/templates/driver.yaml",
            "--conf=spark.kubernetes.executor.podTemplateFile=/templates/executor.yaml",
            "--conf=spark.executor.instances=1",
            "--conf=spark.driver.memory=512m",
            "--conf=spark.executor.memory=512m",
            "--conf=spark.kubernetes.driver.request.cores=0.2",
            "--conf=spark.kubernetes.executor.request.cores=0.2",
            "local:///opt/spark/examples/jars/sparkctl-examples.jar",
            "{{ params.command }}",
            "{{ params.value }}",
        ],
    )
