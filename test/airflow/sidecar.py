#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""Write an image archive for Airflow's XCom sidecar: one static busybox and the links to it.

Airflow's default is alpine, from a registry. The test needs none: sidecar.py BUSYBOX OUT.tar makes an image of the
busybox given, the same bytes each time, for `docker load`, `ctr images import` and their like.
"""

import hashlib
import io
import json
import subprocess
import sys
import tarfile

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def layer(busybox: str) -> bytes:
    applets = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        folder = tarfile.TarInfo("bin")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        with open(busybox, "rb") as program:
            add(archive, "bin/busybox", program.read(), 0o755)
        for applet in sorted(set(applets) - {"busybox"}):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return out.getvalue()


def main() -> None:
    busybox, target = sys.argv[1:]
    machine = subprocess.run(["uname", "-m"], check=True, capture_output=True, text=True).stdout.strip()
    content = layer(busybox)
    config = json.dumps(
        {
            "architecture": MACHINES[machine],
            "os": "linux",
            "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"], "User": "65534:65534"},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(content).hexdigest()]},
        }
    ).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": ["localhost/sparkctl/xcom-sidecar:dev"], "Layers": ["layer.tar"]}]
    with tarfile.open(target, "w") as archive:
        add(archive, "layer.tar", content)
        add(archive, config_name, config)
        add(archive, "manifest.json", json.dumps(manifest).encode())


if __name__ == "__main__":
    main()
