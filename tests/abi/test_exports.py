"""What the built libraries show is what the header and the list of exports say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.tools import ROOT, run

SIZE_LIMIT = 3_000_000
"""How large the stripped shared library may be, in bytes."""
LIBRARIES = {"libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libgcc_s.so.1"}
"""What it may need of the system."""


def names(text: str, pattern: str) -> set[str]:
    """All matches of a pattern's group."""
    return set(re.findall(pattern, text, re.MULTILINE))


@pytest.fixture(scope="module")
def declared() -> set[str]:
    """The functions of the header."""
    header = (ROOT / "include/verifysms.h").read_text(encoding="utf-8")
    found = names(header, r"^[a-z].*?\b(verifysms_\w+)\(")
    assert found
    return found


def test_the_list_of_exports(declared: set[str]) -> None:
    """It has the functions of the header."""
    text = (ROOT / "src/capi/exports.map").read_text(encoding="utf-8")
    assert names(text, r"^ +(verifysms_\w+);") == declared


def test_the_shared_library_exports_the_functions_alone(declared: set[str], library: Path) -> None:
    """Each with a version."""
    dynamic = run("nm", "-D", "--defined-only", library)
    assert names(dynamic, r" T (\w+)@@VERIFYSMS_\d+\.\d+$") == declared
    shown = {line.split()[2] for line in dynamic.splitlines() if line.split()[1] != "A"}
    assert len(shown) == len(declared), shown


def test_the_static_library_shows_them_and_nothing_else(declared: set[str], library: Path) -> None:
    """Two libraries written in Rust fit into one program."""
    static = run("nm", "-g", "--defined-only", library.with_suffix(".a"))
    assert names(static, r" [A-TV-Z] (\w+)$") == declared


def test_what_the_shared_library_needs(library: Path) -> None:
    """The C library alone, by a soname of its own; it is never unloaded."""
    section = run("readelf", "-dW", library)
    assert "[libverifysms.so.1]" in section
    assert names(section, r"NEEDED.*\[(.*)\]") <= LIBRARIES
    assert "NODELETE" in section


def test_how_the_shared_library_is_hardened(library: Path) -> None:
    """Relocations are read-only and not in the text, and the stack is not executable."""
    section, segments = run("readelf", "-dW", library), run("readelf", "-lW", library)
    assert "BIND_NOW" in section and "GNU_RELRO" in segments
    assert "TEXTREL" not in section
    assert re.search(r"GNU_STACK.* RW ", segments)


def test_the_size_of_the_shared_library(library: Path, tmp_path: Path) -> None:
    """Without what only debuggers and linkers read."""
    run("strip", "-o", tmp_path / "stripped.so", library)
    assert (tmp_path / "stripped.so").stat().st_size < SIZE_LIMIT
