"""The sources with what was built of them, for what only packs and installs."""

from __future__ import annotations

import os
import shutil
import tarfile
import time
from pathlib import Path

import pytest

from harness.tools import ROOT, run
from packages.release import NAME

BUILT = ("parts/exports", "parts/verifysms.o")
"""What is built on the way to target/release, in this order."""


@pytest.fixture(scope="session")
def built_tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source tarball in which make finds all built: nothing is compiled, and no dependency is there."""
    folder = tmp_path_factory.mktemp("tarball")
    source, packed = folder / NAME, folder / f"{NAME}.tar.gz"
    run("git", "archive", f"--output={folder}/sources.tar", "HEAD", cwd=ROOT)
    with tarfile.open(folder / "sources.tar") as sources:
        sources.extractall(source, filter="data")
    target, release = source / "target", ROOT / "target/release"
    (target / "parts").mkdir(parents=True)
    for name in BUILT:
        shutil.copyfile(ROOT / "target" / name, target / name)
    shutil.copytree(release, target / "release", symlinks=True)
    # In the order in which make builds them, and after all sources.
    built = [target / name for name in BUILT] + sorted((target / "release").iterdir())
    for number, path in enumerate(built):
        moment = time.time() + number / 1000
        os.utime(path, (moment, moment), follow_symlinks=False)
    with tarfile.open(packed, "w:gz", compresslevel=1) as tar:
        tar.add(source, NAME)
    return packed
