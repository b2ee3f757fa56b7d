"""The image of the sandbox, built from the source tarball with this machine's own Rust."""

from __future__ import annotations

import os
import stat
import tarfile
from pathlib import Path

import pytest

from harness.sandbox import sandbox
from harness.tools import NUMBER, UNOPTIMIZED, MissingToolError, need, run
from packages.release import DISTRIBUTION, NAME, dist, offline, tool

pytestmark = pytest.mark.slow
BASE = """FROM scratch
COPY . /
ENV PATH={path} CARGO_NET_OFFLINE=true {settings}
"""


def test_the_image_is_a_sandbox(command: Path, tmp_path: Path) -> None:
    """It has one program, which another machine may ask and which the command verifies a number with."""
    if os.geteuid() != 0:
        raise MissingToolError("building an image takes root")
    tool("rustc", "rustc-web")
    with tarfile.open(dist()) as packed:
        packed.extractall(tmp_path, filter="data")
    context = tmp_path / NAME
    # In place of the image of Rust, which is not downloaded: this machine's programs.
    base = tmp_path / "base"
    for name in ("bin", "lib", "lib64", "sbin"):
        base.mkdir(exist_ok=True)
        (base / name).symlink_to(f"usr/{name}")
    for name in ("usr", "tmp", "etc/alternatives", "root"):
        (base / name).mkdir(parents=True)
    settings = " ".join(f"{name}={value}" for name, value in UNOPTIMIZED.items())
    (base / "Dockerfile").write_text(BASE.format(path=DISTRIBUTION, settings=settings), encoding="utf-8")
    storage = (f"--root={tmp_path}/images", f"--runroot={tmp_path}/run", "--storage-driver=vfs")
    buildah = [need("buildah", "buildah"), *storage]
    build = [*offline(), *buildah, "build", "--isolation=chroot", "--pull-never"]
    run(*build, "--tag=machine", base)
    programs = (f"--volume={folder}:{folder}:ro" for folder in ("/usr", "/etc/alternatives"))
    image = ("--tag=sandbox", "--build-arg=RUST=localhost/machine", *programs)
    dockerfile = context / "packaging/docker/Dockerfile"
    run(*build, *image, f"--file={dockerfile}", context, timeout=3600)
    container = run(*buildah, "from", "--pull-never", "localhost/sandbox").split()[-1]
    root = Path(run(*buildah, "mount", container).strip())
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert {"verifysms", "LICENSE-MIT", "LICENSE-APACHE"} == files
    # What every container engine puts there, and a program that is linked with everything reads.
    (root / "dev").mkdir(exist_ok=True)
    for name, minor in {"random": 8, "urandom": 9}.items():
        os.mknod(root / "dev" / name, stat.S_IFCHR, os.makedev(1, minor))
        (root / "dev" / name).chmod(0o444)
    inside = tmp_path / "verifysms"
    inside.write_text(
        f'#!/bin/sh\nexec chroot --userspec=65534:65534 {root} /verifysms "$@"\n', encoding="utf-8"
    )
    inside.chmod(0o755)
    with sandbox(inside, "--host", "0.0.0.0", "--allow-remote") as running:
        env = {"VERIFYSMS_URL": running.at("127.0.0.1"), "VERIFYSMS_API_KEY": "sandbox-key"}
        run(command, "send", "--sender", "Acme", NUMBER, env=env)
        run(command, "check", NUMBER, running.newest(NUMBER).code, env=env)
