"""The ways to build the examples from outside the source tree, each of which does what it is for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.sandbox import Sandbox, run_against
from harness.tools import ROOT, need, run
from install.examples import Examples, as_written, by_cmake, by_pkg_config, needed, with_libevent
from install.place import CC, CXX, SONAME, STRICT, Place, Tree

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


@pytest.mark.parametrize("how", ["shared", "sysroot", "static", "all-static"])
def test_pkg_config(tree: Tree, static: Place, folder: Path, installed_sandbox: Sandbox, how: str) -> None:
    """The examples build through pkg-config and do what they are for.

    With the shared library, the same from a staged tree as a cross-compiler's sysroot, where the
    static library is all there is, and with -static, where glibc's linker warns of getaddrinfo and
    of nothing else.
    """
    place = {"sysroot": tree.staged, "static": static}.get(how, tree.plain)
    by_pkg_config(folder / how, place, static="static" in how, fully=how == "all-static")
    found = needed(folder / how / "verify")
    assert (SONAME in found) is ("static" not in how), found
    assert how != "all-static" or found == ""
    Examples(folder / how, place, installed_sandbox).run_all()


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_the_lines_of_a_page(tree: Tree, folder: Path, installed_sandbox: Sandbox, language: str) -> None:
    """The build lines in the page of the examples are enough, as they stand there."""
    inside = folder / f"page-{language}"
    as_written(inside, tree.plain, ROOT / "bindings" / language / "README.md")
    examples = Examples(inside, tree.plain, installed_sandbox)
    if language == "c":
        examples.demo("demo")
    else:
        examples.verify("verify", 1)


def test_pkg_config_of_a_tree_that_was_moved(tree: Tree, folder: Path) -> None:
    """pkg-config finds it, asked with --define-prefix."""
    place = moved(tree, folder / "moved-again")
    flags = place.pkg_config("--define-prefix", "--cflags", "--libs")
    assert f"-I{place.include}" in flags and f"-L{place.library}" in flags, flags


def test_libevent(tree: Tree, folder: Path, installed_sandbox: Sandbox) -> None:
    """The example that lives in libevent's loop does what it is for."""
    with_libevent(folder / "libevent", tree.plain)
    Examples(folder / "libevent", tree.plain, installed_sandbox).libevent()


@pytest.mark.parametrize("how", ["shared", "static", "staged"])
def test_cmake(tree: Tree, folder: Path, installed_sandbox: Sandbox, how: str) -> None:
    """The same through CMake's targets, with the static one from a tree that was moved.

    The package finds its files from a staged tree with another LIBDIR.
    """
    place = {"shared": tree.plain, "staged": tree.staged}.get(how) or moved(tree, folder / "moved")
    inside = folder / f"cmake-{how}"
    by_cmake(inside, place, STATIC if how == "static" else SHARED)
    found = needed(inside / "built" / "verify")
    assert (SONAME in found) is (how != "static"), found
    Examples(inside / "built", place, installed_sandbox).run_all()


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
