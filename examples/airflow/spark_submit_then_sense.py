# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Submit a Spark application in one task and follow it to its end in the next.

`submit` runs spark-submit in cluster mode and ends as soon as the driver pod exists; its XCom says which pod that is.
`sense` is given that XCom, follows the driver and ends as it ends: an application that fails, fails `sense`.
"""

from datetime import timedelta

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from kubernetes.client import models as k8s

# Airflow Variables, so that a deployment sets them once. Plain strings do as well.
NAMESPACE = "{{ var.value.get('spark_namespace', 'spark') }}"
SPARK_IMAGE = "{{ var.value.get('spark_image', 'registry.example.com/spark-with-submitter:4.0.5') }}"
SENSOR_IMAGE = "{{ var.value.get('spark_sensor_image', 'registry.example.com/sparkctl-sensor:0.1.0') }}"

with DAG(
    "spark_submit_then_sense",
    schedule=None,
    # What one run of this DAG runs: the words after the jar. `Trigger DAG w/ config` changes them.
    params={"command": "pi", "value": "10"},
    default_args={
        "namespace": NAMESPACE,
        "do_xcom_push": True,  # fetch the result that both images write to /airflow/xcom/return.json
        "termination_grace_period": 90,  # time to end the driver when the task is killed or cleared
        "log_pod_spec_on_failure": False,  # the error is then the cause alone
        # Pod Security "restricted". The XCom sidecar has its own, in the connection.
        "security_context": {"runAsNonRoot": True, "runAsUser": 185, "seccompProfile": {"type": "RuntimeDefault"}},
        "container_security_context": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    },
):
    submit = KubernetesPodOperator(
        task_id="submit",
        image=SPARK_IMAGE,
        service_account_name="spark-launcher",
        retries=2,  # safe: a retry has the same run key, and one run key never has two drivers
        retry_delay=timedelta(seconds=30),
        container_resources=k8s.V1ResourceRequirements(requests={"cpu": "200m", "memory": "512Mi"}),
        volumes=[k8s.V1Volume(name="templates", config_map=k8s.V1ConfigMapVolumeSource(name="spark-templates"))],
        volume_mounts=[k8s.V1VolumeMount(name="templates", mount_path="/templates", read_only=True)],
        arguments=[
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

    sense = KubernetesPodOperator(
        task_id="sense",
        image=SENSOR_IMAGE,
        service_account_name="spark-sensor",
        env_vars={"SPARKCTL_RESULT": "{{ ti.xcom_pull(task_ids='submit') | tojson }}"},
        arguments=["--on-cancel=auto"],  # killing or clearing `sense` ends the driver; a drained node does not
        container_resources=k8s.V1ResourceRequirements(requests={"cpu": "10m", "memory": "32Mi"}),
    )

    submit >> sense
