"""The tarball and the zip of what is built, unpacked by somebody else."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from harness.tools import need, run
from install.place import FILES, Tree
from packages.release import NAME, Release, use

PACKED = f"{NAME}-some-machine"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make install` installs."""
    return Tree(tmp_path_factory.mktemp("tree")).plain.root


@pytest.fixture(scope="module")
def packed(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the release."""
    return Release(tmp_path_factory.mktemp("release"), Path("none"), stage).make("binaries")


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_an_unpacked_copy_works(packed: Path, tmp_path: Path, kind: str) -> None:
    """It has all that is installed and nothing else, and pkg-config finds it wherever it lies."""
    unpack = {"tar.gz": ("tar", "-xf"), "zip": (need("unzip", "unzip"), "-q")}[kind]
    run(*unpack, packed / f"{PACKED}.{kind}", cwd=tmp_path)
    root = tmp_path / PACKED
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}
    assert found == FILES
    assert (root / "lib/libverifysms.so").is_symlink()
    environment = {
        "PATH": f"{root}/bin:{os.environ['PATH']}",
        "PKG_CONFIG": "pkg-config --define-prefix",
        "PKG_CONFIG_PATH": f"{root}/lib/pkgconfig",
        "LD_LIBRARY_PATH": f"{root}/lib",
    }
    use("command", "c", env=environment)


def test_every_sum_holds(packed: Path) -> None:
    """SHA256SUMS has every file, and sha256sum agrees."""
    Release(packed.parent, Path("none")).make("sums")
    checked = run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=packed).splitlines()
    names = {line.removesuffix(": OK") for line in checked}
    assert names == {path.name for path in packed.iterdir()} - {"SHA256SUMS"}
    assert len([name for name in names if name.endswith(".cdx.json")]) == 2


def test_packed_again_they_are_the_same(packed: Path, stage: Path, tmp_path: Path) -> None:
    """Times, owners and the umask of the machine are in neither."""
    for path in stage.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    again = Release(tmp_path, Path("none"), stage).make("binaries")
    assert {path.name for path in again.iterdir()} == {
        path.name for path in packed.iterdir() if path.name != "SHA256SUMS"
    }
    for path in again.iterdir():
        assert digest(path) == digest(packed / path.name), path.name


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
