"""The packages of RPM: looked at by rpmlint, installed into a folder and used there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from harness.tools import run
from install.place import VERSION
from packages.release import Release, offline, tool, use

NAMES = {"verifysms", "verifysms-libs", "verifysms-devel", "verifysms-static"}


@pytest.fixture(scope="module")
def packages(built_tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The packages."""
    tool("rpmbuild", "rpm")
    packed = Release(tmp_path_factory.mktemp("rpm"), built_tarball).make("rpm", *offline())
    return sorted(packed.glob("*.rpm"))


@pytest.fixture(scope="module")
def root(packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of RPM's, and the packages alone: the C library is this machine's."""
    folder = tmp_path_factory.mktemp("root")
    # The packages run it there; it is linked with everything.
    for name in ("etc", "sbin"):
        (folder / name).mkdir()
    shutil.copy2(tool("ldconfig", "libc-bin"), folder / "sbin")
    run("rpm", "--root", folder, "--initdb")
    run("rpm", "--root", folder, "--install", "--nodeps", *packages)
    return folder


def test_rpmlint_finds_nothing(packages: list[Path]) -> None:
    """No error and no warning."""
    printed = run(tool("rpmlint", "rpmlint"), "--config", Path(__file__).with_name("rpmlint.toml"), *packages)
    assert " 0 errors, 0 warnings" in printed, printed


def test_installed_they_are_used(root: Path) -> None:
    """RPM finds every file as it was packed; the command and programs in C work."""
    names = run("rpm", "--root", root, "--query", "--all", "--queryformat", "%{NAME} %{VERSION}\\n").split(
        "\n"
    )
    assert {name for name in names if name} == {f"{name} {VERSION}" for name in NAMES}
    run("rpm", "--root", root, "--verify", "--nodeps", *NAMES)
    (library,) = root.glob("usr/lib*/libverifysms.a")
    assert (root / "etc/ld.so.cache").exists()
    environment = {
        "PATH": f"{root}/usr/bin:{os.environ['PATH']}",
        "PKG_CONFIG_SYSROOT_DIR": str(root),
        "PKG_CONFIG_PATH": f"{library.parent}/pkgconfig",
        "LD_LIBRARY_PATH": str(library.parent),
    }
    use("command", "c", env=environment)


def test_they_need_each_other(packages: list[Path]) -> None:
    """What a package manager fetches along: the library by its soname and version, pkg-config's name."""
    by_name = {path.name.removesuffix(".rpm").rsplit("-", 2)[0]: path for path in packages}
    assert set(by_name) == NAMES

    def said(what: str, name: str) -> str:
        return run("rpm", "--query", "--package", what, by_name[name])

    assert "libverifysms.so.1(VERIFYSMS_1.0)" in said("--provides", "verifysms-libs")
    assert f"pkgconfig(verifysms) = {VERSION}" in said("--provides", "verifysms-devel")
    assert f"verifysms-libs(x86-64) = {VERSION}-1" in said("--requires", "verifysms-devel")
