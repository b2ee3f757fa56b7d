"""The packages are the same wherever and whenever they are built."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from harness.tools import run
from packages.release import Release, dist, tool


def sums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every package."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def built(kind: str, folder: Path, tarball: Path, zone: str) -> dict[str, str]:
    """Build a kind in this folder and time zone."""
    folder.mkdir()
    return sums(Release(folder, tarball).make(kind, zone=zone))


def test_packed_twice(built_tarball: Path, tmp_path: Path) -> None:
    """Packed twice, the packages of RPM are the same."""
    tool("rpmbuild", "rpm")
    here = built("rpm", tmp_path / "a", built_tarball, "UTC")
    there = built("rpm", tmp_path / "a-longer-name", built_tarball, "Asia/Jerusalem")
    assert len(here) == 4
    assert here == there


@pytest.mark.slow
def test_compiled_twice(tmp_path: Path) -> None:
    """Compiled and packed twice, the packages of Debian are the same; lintian looks at all of the source."""
    tool("dpkg-buildpackage", "dpkg-dev")
    here = built("deb", tmp_path / "a", dist(), "UTC")
    (source,) = tmp_path.glob("a/work/deb/*.dsc")
    run(tool("lintian", "lintian"), "--allow-root", "--fail-on", "error,warning", source, timeout=3600)
    there = built("deb", tmp_path / "a-longer-name", dist(), "Asia/Jerusalem")
    assert len(here) == 4
    assert here == there
