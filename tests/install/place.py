"""An installed copy in a folder of its own, and how a compiler finds it there."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from checks import need, run

ROOT = Path(__file__).resolve().parent.parent.parent
CC = shlex.split(os.environ.get("CC", "cc"))
CXX = shlex.split(os.environ.get("CXX", "c++"))
STRICT = ["-pedantic-errors", "-Wall", "-Wextra", "-Werror"]


def make(
    *arguments: str, root: Path = ROOT, env: dict[str, str] | None = None, status: int = 0
) -> str:
    """Run the project's make as somebody else would, not as a part of the one that tests."""
    ours = ("MAKE", "MFLAGS", "PREFIX", "DESTDIR", "LIBDIR", "INCLUDEDIR", "BINDIR", "MANDIR")
    clean = [f"--unset={name}" for name in os.environ if name.startswith((*ours, "DOCDIR"))]
    return run("env", *clean, "make", "-C", root, *arguments, env=env, status=status)


class Place:
    """A folder that the library was installed to."""

    def __init__(self, root: Path, *, library: str = "lib", sysroot: Path | None = None) -> None:
        """Name the prefix, its folder for libraries, and what stands before both."""
        self.root = root
        self.library = root / library
        self.include = root / "include"
        self.sysroot = sysroot

    @property
    def environment(self) -> dict[str, str]:
        """With it the tools find the copy, and programs the shared library."""
        found = {
            "PKG_CONFIG_PATH": str(self.library / "pkgconfig"),
            "LD_LIBRARY_PATH": str(self.library),
        }
        return (
            found if self.sysroot is None else found | {"PKG_CONFIG_SYSROOT_DIR": str(self.sysroot)}
        )

    def pkg_config(self, *arguments: str) -> list[str]:
        """What pkg-config answers."""
        program = need("pkg-config", "pkg-config")
        return shlex.split(run(program, *arguments, "verifysms", env=self.environment))

    def files(self) -> set[Path]:
        """All files below, links included."""
        return {path for path in self.root.rglob("*") if path.is_symlink() or path.is_file()}
