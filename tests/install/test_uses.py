"""The ways to build the examples from outside the source tree, each of which does what it is for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.sandbox import Sandbox, run_against
from harness.tools import need, run
from install.examples import Examples, by_cmake, by_pkg_config, needed, with_libevent
from install.place import CC, CXX, STRICT, Place, Tree

HERE = Path(__file__).resolve().parent
SHARED, STATIC = "verifysms::verifysms", "verifysms::static"


@pytest.fixture(scope="module")
def static(tree: Tree, folder: Path) -> Place:
    """A copy that has the static library alone."""
    alone = moved(tree, folder / "no-shared")
    for shared in alone.library.glob("libverifysms.so*"):
        shared.unlink()
    description = alone.library / "pkgconfig" / "verifysms.pc"
    text = description.read_text(encoding="utf-8")
    description.write_text(text.replace(str(tree.plain.root), str(alone.root)), encoding="utf-8")
    return alone


def moved(tree: Tree, folder: Path) -> Place:
    """The same copy in another folder."""
    shutil.copytree(tree.plain.root, folder, symlinks=True)
    return Place(folder)


def test_pkg_config(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The examples build through pkg-config, shared, and do what they are for."""
    by_pkg_config(folder / "shared", tree.plain)
    assert "libverifysms.so.1" in needed(folder / "shared" / "verify")
    Examples(folder / "shared", tree.plain, installed_sandbox).run_all()


def test_pkg_config_from_a_sysroot(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The same from a staged tree, as a cross-compiler's sysroot."""
    by_pkg_config(folder / "staged", tree.staged)
    Examples(folder / "staged", tree.staged, installed_sandbox).run_all()


def test_pkg_config_without_the_shared_library(
    static: Place, folder: Path, installed_sandbox: Sandbox
) -> None:
    """The same where the static library is all there is."""
    by_pkg_config(folder / "static", static, static=True)
    assert "verifysms" not in needed(folder / "static" / "verify")
    Examples(folder / "static", static, installed_sandbox).run_all()


def test_pkg_config_with_everything_static(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The same with -static, where glibc's linker warns of getaddrinfo and of nothing else."""
    by_pkg_config(folder / "fully", tree.plain, static=True, fully=True)
    assert needed(folder / "fully" / "verify") == ""
    Examples(folder / "fully", tree.plain, installed_sandbox).run_all()


def test_pkg_config_of_a_tree_that_was_moved(tree: Tree, folder: Path) -> None:
    """pkg-config finds it, asked with --define-prefix."""
    place = moved(tree, folder / "moved-again")
    flags = place.pkg_config("--define-prefix", "--cflags", "--libs")
    assert f"-I{place.include}" in flags and f"-L{place.library}" in flags, flags


def test_libevent(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The example that lives in libevent's loop does what it is for."""
    with_libevent(folder / "libevent", tree.plain)
    Examples(folder / "libevent", tree.plain, installed_sandbox).libevent()


def test_cmake(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The examples build through CMake's verifysms::verifysms."""
    by_cmake(folder / "cmake-shared", tree.plain, SHARED)
    assert "libverifysms.so.1" in needed(folder / "cmake-shared" / "built" / "verify")
    Examples(folder / "cmake-shared" / "built", tree.plain, installed_sandbox).run_all()


def test_cmake_static(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The same through CMake's verifysms::static, from a tree that was moved."""
    place = moved(tree, folder / "moved")
    by_cmake(folder / "cmake-static", place, STATIC)
    assert "verifysms" not in needed(folder / "cmake-static" / "built" / "verify")
    Examples(folder / "cmake-static" / "built", place, installed_sandbox).run_all()


def test_cmake_staged(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The CMake package finds its files from a staged tree with another LIBDIR."""
    by_cmake(folder / "cmake-staged", tree.staged, SHARED)
    Examples(folder / "cmake-staged" / "built", tree.staged, installed_sandbox).run_all()


@pytest.mark.parametrize("asked", ["2.0", "0.9", "1.99"])
def test_cmake_refuses_another_version(tree: Tree, folder: Path, asked: str) -> None:
    """A program that asks for another major version or a later minor one is told so."""
    told = by_cmake(folder / asked, tree.plain, SHARED, asked=asked, status=1)
    assert "compatible" in told, told


@pytest.mark.parametrize("standard", ["c++11", "c++17", "c++20"])
def test_the_cxx_classes(tree: Tree, folder: Path, installed_sandbox: Sandbox, standard: str) -> None:
    """They keep their promises in every standard."""
    need(CXX[0], "g++")
    program, flags = folder / f"wrapper-{standard}", tree.plain.pkg_config("--cflags", "--libs")
    run(*CXX, f"-std={standard}", *STRICT, "-g", HERE / "wrapper.cpp", "-o", program, *flags)
    printed = run_against(installed_sandbox, program, env=tree.plain.environment)
    assert " 0 failed" in printed, printed


def test_two_static_libraries_from_rust(static: Place, folder: Path) -> None:
    """A program may be linked with both, in any order."""
    inside = folder / "two"
    inside.mkdir()
    library = ("--edition=2024", "--crate-type=staticlib", "-O", HERE / "second.rs")
    run(need("rustc", "rustc"), *library, cwd=inside)
    flags = static.pkg_config("--cflags", "--libs", "--static")
    second = ["libsecond.a", "-lpthread", "-ldl", "-lm", "-lgcc_s"]
    for libraries in ((*flags, *second), (*second, *flags)):
        run(*CC, *STRICT, "-o", "two", HERE / "second.c", *libraries, cwd=inside)
        assert "verifysms" not in needed(inside / "two"), "it is linked with the shared library"
        assert run(inside / "two") == "INVALID_ARGUMENT 42\n"
