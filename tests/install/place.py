"""Installed copies in folders of their own, and how a compiler finds them there."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from harness.tools import ROOT, need, run

CC = shlex.split(os.environ.get("CC", "cc"))
CXX = shlex.split(os.environ.get("CXX", "c++"))
STRICT = ["-pedantic-errors", "-Wall", "-Wextra", "-Werror"]

VERSION = (re.findall(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE))[0]
SONAME = f"libverifysms.so.{VERSION.partition('.')[0]}"
FUNCTIONS = re.findall(r"^ +(verifysms_\w+);", (ROOT / "src/capi/exports.map").read_text(), re.MULTILINE)
FILES = {
    "bin/verifysms",
    f"lib/libverifysms.so.{VERSION}",
    f"lib/{SONAME}",
    "lib/libverifysms.so",
    "lib/libverifysms.a",
    "lib/pkgconfig/verifysms.pc",
    "lib/cmake/verifysms/verifysms-config.cmake",
    "lib/cmake/verifysms/verifysms-config-version.cmake",
    "include/verifysms.h",
    "include/verifysms.hpp",
    "share/man/man1/verifysms.1",
    "share/man/man3/verifysms.3",
    "share/man/man7/verifysms-guard.7",
    *(f"share/man/man3/{name}.3" for name in FUNCTIONS),
    "share/bash-completion/completions/verifysms",
    "share/zsh/site-functions/_verifysms",
    "share/fish/vendor_completions.d/verifysms.fish",
    "share/doc/verifysms/README.md",
    "share/doc/verifysms/CHANGELOG.md",
    "share/doc/verifysms/ABI.md",
    "share/doc/verifysms/LICENSE-MIT",
    "share/doc/verifysms/LICENSE-APACHE",
    "share/doc/verifysms/libverifysms.cdx.json",
    "share/doc/verifysms/verifysms.cdx.json",
}


def make(*arguments: str, root: Path = ROOT, env: dict[str, str] | None = None, status: int = 0) -> str:
    """Run the project's make as somebody else would, not as a part of the one that tests."""
    ours = ("MAKE", "MFLAGS", "PREFIX", "DESTDIR", "LIBDIR", "INCLUDEDIR", "BINDIR", "MANDIR")
    clean = [f"--unset={name}" for name in os.environ if name.startswith((*ours, "DOCDIR"))]
    return run("env", *clean, "make", "-C", root, *arguments, env=env, status=status)


class Place:
    """A folder that the library was installed to."""

    def __init__(self, root: Path, *, library: str = "lib", sysroot: Path | None = None) -> None:
        self.root = root
        self.library = root / library
        self.include = root / "include"
        self.sysroot = sysroot

    @property
    def environment(self) -> dict[str, str]:
        """With it the tools find the copy, and programs the shared library."""
        found = {"PKG_CONFIG_PATH": str(self.library / "pkgconfig"), "LD_LIBRARY_PATH": str(self.library)}
        return found if self.sysroot is None else found | {"PKG_CONFIG_SYSROOT_DIR": str(self.sysroot)}

    def pkg_config(self, *arguments: str) -> list[str]:
        """What pkg-config answers."""
        program = need("pkg-config", "pkg-config")
        return shlex.split(run(program, *arguments, "verifysms", env=self.environment))

    def files(self) -> set[Path]:
        """All files below, links included."""
        return {path for path in self.root.rglob("*") if path.is_symlink() or path.is_file()}


class Tree:
    """A copy below a prefix, and one that a packager stages for another place."""

    def __init__(self, folder: Path) -> None:
        self.plain = Place(folder / "plain")
        make("install", f"PREFIX={self.plain.root}")
        self.stage = folder / "stage"
        self.staged = Place(self.stage / "usr", library="lib/multi-arch", sysroot=self.stage)
        self.settings = (f"DESTDIR={self.stage}", "PREFIX=/usr", "LIBDIR=/usr/lib/multi-arch")
        # Another package was there first.
        self.others = {
            self.staged.library / "libother.so",
            self.staged.root / "share" / "doc" / "other",
            self.staged.root / "share" / "man" / "man3" / "other.3",
        }
        for other in self.others:
            other.parent.mkdir(parents=True, exist_ok=True)
            other.touch()
        make("install", *self.settings)
