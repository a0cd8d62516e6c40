# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Compares launchers with a bare spark-submit, in turns, inside one pod of the submitter image.

    launcher.py ROUNDS SPARK-SUBMIT-ARGUMENT...

Each round submits the same application by a bare spark-submit, by the submitter around spark-submit and by the submitter's
native engine, in an order that changes, and measures wall time, CPU time of the whole process tree, and the tree's peak
memory: resident, sampled every 20 ms, pages that processes share counted for each; and not less than what the kernel
says of the largest process (and of this one, 10 MB, before it became that one), since the native engine may be over before it is sampled. What the submitter says
of its child's time is taken from its wall time: the rest is its own. The application is given a node selector that no node
meets, so that no driver takes CPU from the next measurement. The first round warms the page cache and is not counted.
"""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SUBMITTER = "/opt/sparkctl/submitter"
HOLD = ["--conf", "spark.kubernetes.driver.node.selector.sparkctl.dev/bench=held"]
LAUNCHERS = "bare spark-submit", "submitter", "native"


def command(launcher, run, arguments):
    """The command line of a launcher."""
    if launcher == "bare spark-submit":
        return ["/opt/spark/bin/spark-submit", "--master", "k8s://https://kubernetes.default.svc", "--deploy-mode", "cluster",
                "--conf", "spark.kubernetes.submission.waitAppCompletion=false",
                "--conf", "spark.kubernetes.driver.pod.name=" + run] + HOLD + arguments
    engine = {"submitter": "spark-submit", "native": "native"}[launcher]
    return [SUBMITTER, "--engine=" + engine, "--run-key=" + run, "--generation=1", "--spark-version=" + spark_version(), "--"] + HOLD + arguments


def spark_version():
    """The version of the image's Spark, by the name of its jar."""
    return re.search(r"spark-core_[\d.]+-([\d.]+)\.jar", " ".join(os.listdir("/opt/spark/jars")))[1]


def tree_memory(root):
    """Resident bytes of a process and all below it."""
    parents, sizes = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/statm") as statm:
                parents[int(pid)] = int(stat.read().rpartition(")")[2].split()[1])
                sizes[int(pid)] = int(statm.read().split()[1]) * resource.getpagesize()
        except (FileNotFoundError, ProcessLookupError):
            pass
    total, todo = 0, [root]
    while todo:
        parent = todo.pop()
        total += sizes.get(parent, 0)
        todo += [pid for pid, of in parents.items() if of == parent]
    return total


def measure(argv):
    """Runs a command and returns its wall time, CPU time, peak memory, and wall time outside its child."""
    with tempfile.TemporaryFile() as errors:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak, over = [0], threading.Event()
        start = time.monotonic()
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=errors)

        def sample():
            while not over.wait(0.02):
                peak[0] = max(peak[0], tree_memory(process.pid))

        sampler = threading.Thread(target=sample)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        over.set()
        sampler.join()
        errors.seek(0)
        log = errors.read().decode()
    if process.returncode != 0:
        sys.exit(f"{argv[0]} ended with {process.returncode}:\n{log}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, max(peak[0], usage.ru_maxrss * 1024) / 1e6, wall - child_time(log)


def child_time(log):
    """Seconds that the submitter's log says its spark-submit took; 0 where there is none."""
    told = re.search(r"spark-submit ended .*after=(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:(\d+)ms)?", log)
    minutes, seconds, milliseconds = (float(n or 0) for n in told.groups()) if told else (0, 0, 0)
    return minutes * 60 + seconds + milliseconds / 1000


def main():
    rounds, arguments = int(sys.argv[1]), sys.argv[2:]
    stamp = int(time.time())
    runs = {launcher: [] for launcher in LAUNCHERS}
    for n in range(rounds + 1):
        for turn in range(len(LAUNCHERS)):
            number = (n + turn) % len(LAUNCHERS)
            launcher = LAUNCHERS[number]
            runs[launcher].append(measure(command(launcher, f"bench-{stamp}-{n}-{number}", arguments)))
        print(f"round {n}: " + ", ".join(f"{launcher} {runs[launcher][-1][0]:.2f} s" for launcher in LAUNCHERS), file=sys.stderr, flush=True)
    medians = {launcher: [statistics.median(run[at] for run in runs[launcher][1:]) for at in range(4)] for launcher in LAUNCHERS}
    bare, native = medians["bare spark-submit"], medians["native"]
    rows = [{"name": launcher, "figures": {"wall ms": wall * 1000, "CPU ms": cpu * 1000, "peak MB": peak}} for launcher, (wall, cpu, peak, _) in medians.items()]
    outside = sorted(run[3] * 1000 for run in runs["submitter"][1:])
    print(json.dumps({"part": "submit", "rows": rows, "notes": [
        f"Medians of {rounds} rounds. The native engine takes 1/{bare[0] / native[0]:.0f} of bare spark-submit's wall time, 1/{bare[1] / native[1]:.0f} of its CPU time "
        f"and 1/{bare[2] / native[2]:.0f} of its memory.",
        f"The submitter around spark-submit spends {statistics.median(outside):.0f} ms outside its child (from {outside[0]:.0f} to {outside[-1]:.0f}).",
    ]}))


if __name__ == "__main__":
    main()
