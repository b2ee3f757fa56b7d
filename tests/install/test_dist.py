"""The source tarball, built, tested and installed with no network and no cache of cargo's."""

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

    Before that a packager's tool has cleaned it, and afterwards its tests run. What is built is not
    optimized: the question is whether everything is there.
    """
    tarball = ROOT / f"target/verifysms-{VERSION}.tar.gz"
    if not tarball.exists():
        raise MissingToolError("no tarball (make dist)")
    with tarfile.open(tarball) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert source.name == f"verifysms-{VERSION}"
    clean_as_debian(source)
    installed, empty = tmp_path / "installed here", tmp_path / "cargo"
    empty.mkdir()
    ours = ("MAKE", "PREFIX", "DESTDIR", "CARGO_TARGET_DIR", "RUSTFLAGS")
    clean = {name: None for name in os.environ if name.startswith(ours)}
    offline = {"CARGO_HOME": str(empty), "CARGO_NET_OFFLINE": "true"}
    env = clean | offline | UNOPTIMIZED | {"CARGO_TARGET_DIR": str(tmp_path / "elsewhere")}
    run(*without_network(), "make", "install", f"PREFIX={installed}", cwd=source, env=env, timeout=1800)
    assert run(installed / "bin" / "verifysms", "--version") == f"verifysms {VERSION}\n"
    printed = run(*without_network(), "make", "check-offline", cwd=source, env=env, timeout=3600)
    assert "0 failed" in printed and "One verified, the rest refused" in printed, printed


def clean_as_debian(source: Path) -> None:
    """Do what dh_clean does, which runs before every build of a package."""
    patterns = ["*.orig", "*.rej", "*.bak", "*~", "#*#", ".*.orig", ".*.rej", ".SUMS", "TAGS", "DEADJOE"]
    named = [word for pattern in patterns for word in ("-o", "-name", pattern)][1:]
    run("find", source, "-type", "f", "(", *named, ")", "-delete")


def without_network() -> list[str]:
    """The command that runs a command so; where that is forbidden only cargo is told to stay offline."""
    try:
        return [*unshare("--net"), "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    except MissingToolError as missing:
        print(missing)
        return []
