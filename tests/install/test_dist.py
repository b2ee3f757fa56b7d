"""The source tarball, built and installed with no network and no cache of cargo's."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from harness.namespaces import unshare
from harness.tools import ROOT, UNOPTIMIZED, MissingToolError, run
from install.place import VERSION


@pytest.mark.slow
def test_the_tarball(tmp_path: Path) -> None:
    """It builds although cargo is told to build elsewhere, into a folder with a blank in its name.

    What is built is not optimized: the question is whether everything is there.
    """
    tarball = ROOT / f"target/verifysms-{VERSION}.tar.gz"
    if not tarball.exists():
        raise MissingToolError("no tarball (make dist)")
    with tarfile.open(tarball) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert source.name == f"verifysms-{VERSION}"
    installed, empty = tmp_path / "installed here", tmp_path / "cargo"
    empty.mkdir()
    ours = ("MAKE", "PREFIX", "DESTDIR", "CARGO_TARGET_DIR", "RUSTFLAGS")
    clean = {name: None for name in os.environ if name.startswith(ours)}
    offline = {"CARGO_HOME": str(empty), "CARGO_NET_OFFLINE": "true"}
    env = clean | offline | UNOPTIMIZED | {"CARGO_TARGET_DIR": str(tmp_path / "elsewhere")}
    run(*without_network(), "make", "install", f"PREFIX={installed}", cwd=source, env=env, timeout=1800)
    assert run(installed / "bin" / "verifysms", "--version") == f"verifysms {VERSION}\n"


def without_network() -> list[str]:
    """The command that runs a command so; where that is forbidden only cargo is told to stay offline."""
    try:
        return unshare("--net")
    except MissingToolError as missing:
        print(missing)
        return []
