"""Other package managers, each of which builds by its recipe what the release's tarball has."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from conftest import NewFolder
from harness.tools import MissingToolError, need, run
from install.place import SONAME, VERSION
from packages.release import DISTRIBUTION, NAME, Release, tool

HERE = Path(__file__).resolve().parent
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
"""makepkg refuses to run as root."""


@pytest.fixture(scope="module")
def tarball(built_tarball: Path, new_folder: NewFolder) -> Path:
    """The tarball where anybody may read it."""
    return Path(shutil.copy2(built_tarball, new_folder()))


@pytest.fixture(scope="module")
def recipes(tarball: Path) -> Path:
    """The recipes, which find the tarball on this machine."""
    url = f"file://{tarball.parent}"
    return Release(tarball.parent, tarball, url=url).make("recipes") / "recipes"


def test_makepkg(recipes: Path, new_folder: NewFolder) -> None:
    """A package for pacman has the command, the libraries and the licences."""
    makepkg = tool("makepkg", "makepkg")
    if os.geteuid() != 0:
        raise MissingToolError("another user's folder takes root")
    folder = new_folder()
    shutil.copy2(recipes / "aur/PKGBUILD", folder)
    os.chown(folder, 65534, 65534)
    env = {"PATH": DISTRIBUTION, "HOME": str(folder), "PKGEXT": ".pkg.tar"}
    run(*NOBODY, makepkg, "--nodeps", "--nocheck", cwd=folder, env=env)
    (package,) = folder.glob("verifysms-*.pkg.tar")
    with tarfile.open(package) as packed:
        names = set(packed.getnames())
    assert {
        ".PKGINFO",
        "usr/bin/verifysms",
        "usr/lib/libverifysms.a",
        f"usr/lib/{SONAME}",
        "usr/share/licenses/verifysms/LICENSE-MIT",
    } <= names


@pytest.mark.parametrize("shared", [True, False])
def test_conan(recipes: Path, tmp_path: Path, shared: bool) -> None:
    """Conan creates the package, and builds and runs the program that tests it."""
    conan = shutil.which("conan")
    if conan is None:
        raise MissingToolError("no conan (pip install conan)")
    need("cmake", "cmake")
    env = {"CONAN_HOME": str(tmp_path / "conan"), "CONAN_LOG_LEVEL": "status"}
    run(conan, "profile", "detect", env=env)
    recipe = shutil.copytree(recipes / "conan", tmp_path / "recipe")
    printed = run(conan, "create", recipe, "--options", f"&:shared={shared}", env=env)
    assert f"verifysms/{VERSION} (test package): Running test()" in printed, printed


def test_homebrew(recipes: Path, tarball: Path, tmp_path: Path) -> None:
    """The formula installs, and its own test succeeds."""
    with tarfile.open(tarball) as packed:
        packed.extractall(tmp_path, filter="data")
    (tmp_path / "test").mkdir()
    what = (recipes / "homebrew/verifysms.rb", tmp_path / "prefix", tmp_path / "test")
    env: dict[str, str | None] = {name: None for name in os.environ if name.startswith("MAKE")}
    env |= {"LD_LIBRARY_PATH": str(tmp_path / "prefix/lib")}
    printed = run(need("ruby", "ruby"), HERE / "homebrew.rb", *what, cwd=tmp_path / NAME, env=env)
    assert f"installed and tested: {VERSION}" in printed
    assert (tmp_path / "prefix/etc/bash_completion.d/verifysms").exists()
