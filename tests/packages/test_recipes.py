"""The recipes for other package managers, as a release fills them in: their languages can read them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from harness.tools import ROOT, need, run
from install.place import VERSION
from packages.release import NAME, URL, Release, tool

CONTENT = b"a source tarball"


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all of them."""
    folder = tmp_path_factory.mktemp("recipes")
    tarball = folder / f"{NAME}.tar.gz"
    tarball.write_bytes(CONTENT)
    return Release(folder, tarball).make("recipes") / "recipes"


def text(path: Path) -> str:
    """A file."""
    return path.read_text(encoding="utf-8")


def test_nothing_is_left_to_fill_in(recipes: Path) -> None:
    """No placeholder is left, and no recipe of the folder was forgotten."""
    found = {
        path.relative_to(recipes).as_posix(): text(path) for path in recipes.rglob("*") if path.is_file()
    }
    for path, content in found.items():
        assert not re.search(r"@[a-z0-9]+@", content), path
    checked_in = run("git", "ls-files", "packaging/*/*", cwd=ROOT).split()
    others = {path for path in checked_in if not path.startswith("packaging/debian/")}
    assert {f"packaging/{path}" for path in found} == others


@pytest.mark.parametrize(
    ("recipe", "algorithm"),
    [
        ("aur/PKGBUILD", "sha256"),
        ("conan/conandata.yml", "sha256"),
        ("homebrew/verifysms.rb", "sha256"),
        ("vcpkg/portfile.cmake", "sha512"),
    ],
)
def test_the_tarball_is_named_with_its_sum(recipes: Path, recipe: str, algorithm: str) -> None:
    """A recipe has the version, the place and the sum of the release's tarball."""
    content = text(recipes / recipe)
    assert hashlib.new(algorithm, CONTENT).hexdigest() in content
    assert URL in content
    assert VERSION in content


def test_homebrew(recipes: Path) -> None:
    """Ruby reads the formula."""
    assert "Syntax OK" in run(need("ruby", "ruby"), "-wc", recipes / "homebrew/verifysms.rb")


def test_aur(recipes: Path) -> None:
    """Bash reads the PKGBUILD, and shellcheck finds only what is makepkg's own."""
    recipe = recipes / "aur/PKGBUILD"
    run("bash", "-n", recipe)
    # makepkg reads the variables, gives srcdir and pkgdir, and ends where a cd fails.
    run(need("shellcheck", "shellcheck"), "--shell=bash", "--exclude=SC2034,SC2154,SC2164", recipe)


def test_rpm(recipes: Path) -> None:
    """The spec can be read, and makes four packages."""
    printed = run(
        tool("rpmspec", "rpm"), "--query", "--queryformat", "%{NAME}\\n", recipes / "rpm/verifysms.spec"
    )
    assert printed.split() == ["verifysms", "verifysms-libs", "verifysms-devel", "verifysms-static"]


def test_vcpkg(recipes: Path) -> None:
    """The manifest has what vcpkg asks of a port, and CMake reads the portfile up to what is vcpkg's."""
    manifest = json.loads(text(recipes / "vcpkg/vcpkg.json"))
    assert manifest["name"] == "verifysms"
    assert manifest["version-semver"] == VERSION
    assert manifest["license"] == "MIT OR Apache-2.0"
    printed = run(need("cmake", "cmake"), "-P", recipes / "vcpkg/portfile.cmake", status=1)
    assert 'Unknown CMake command "vcpkg_download_distfile"' in printed, printed
