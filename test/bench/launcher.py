# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Compares a launcher with a bare spark-submit, in turns, inside one pod of the submitter image.

    launcher.py ROUNDS SPARK-SUBMIT-ARGUMENT...

Each round submits the same application by both, first one first, then the other, and measures wall time, CPU time of
the whole process tree, and the tree's peak memory (resident, sampled every 20 ms; pages that processes share are
counted for each). What the submitter says of its child's time is taken from its wall time: the rest is its
own. The application is given a node selector that no node meets, so that no driver takes CPU
from the next measurement. The first round warms the page cache and is not counted.
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import threading
import time

BARE = ["/opt/spark/bin/spark-submit", "--master", "k8s://https://kubernetes.default.svc", "--deploy-mode", "cluster",
        "--conf", "spark.kubernetes.submission.waitAppCompletion=false"]
OURS = ["/opt/sparkctl/submitter"]
HOLD = ["--conf", "spark.kubernetes.driver.node.selector.sparkctl.dev/bench=held"]


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


def measure(command):
    """Runs a command and returns its wall time, CPU time and peak memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak, over = [0], threading.Event()

    def sample():
        while not over.wait(0.02):
            peak[0] = max(peak[0], tree_memory(process.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    _, stderr = process.communicate()
    wall = time.monotonic() - start
    over.set()
    sampler.join()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command[:1])} ended with {process.returncode}:\n{stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, peak[0] / 1e6, wall - child_time(stderr.decode())


def child_time(log):
    """Seconds that the submitter's log says its spark-submit took; 0 where there is no submitter."""
    told = re.search(r"spark-submit ended .*after=(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:(\d+)ms)?", log)
    minutes, seconds, milliseconds = (float(n or 0) for n in told.groups()) if told else (0, 0, 0)
    return minutes * 60 + seconds + milliseconds / 1000


def main():
    rounds, arguments = int(sys.argv[1]), sys.argv[2:]
    stamp = int(time.time())
    bare, ours = [], []
    for n in range(rounds + 1):
        name = ["--conf", f"spark.kubernetes.driver.pod.name=bench-{stamp}-{n}"]
        pairs = [
            (bare, BARE + HOLD + name + arguments),
            (ours, OURS + [f"--run-key=bench/{stamp}/{n}", "--generation=1", "--"] + HOLD + arguments),
        ]
        for into, command in pairs if n % 2 else reversed(pairs):
            into.append(measure(command))
        print(f"round {n}: bare {bare[-1][0]:.2f} s, submitter {ours[-1][0]:.2f} s", file=sys.stderr, flush=True)
    print(f"{'median of ' + str(rounds):26}{'bare spark-submit':>18}{'submitter':>12}{'ratio':>8}")
    for title, unit, at in ("wall", "s", 0), ("CPU", "s", 1), ("peak memory of the tree", "MB", 2):
        a, b = (statistics.median(x[at] for x in runs[1:]) for runs in (bare, ours))
        print(f"{title + ', ' + unit:26}{a:18.2f}{b:12.2f}{b / a:8.3f}")
    outside = [x[3] * 1000 for x in ours[1:]]
    print(f"{'outside the child, ms':26}{'':18}{statistics.median(outside):12.0f}   (from {min(outside):.0f} to {max(outside):.0f})")


if __name__ == "__main__":
    main()
