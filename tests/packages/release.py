"""Packages as pack.py makes them, in folders of their own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from harness.namespaces import unshare
from harness.tools import ROOT, UNOPTIMIZED, MissingToolError, need, run
from install.place import VERSION

URL = "https://downloads.example/verifysms"
NAME = f"verifysms-{VERSION}"
DISTRIBUTION = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where nothing is but the distribution's own."""
USE = ROOT / "packaging" / "use"


def dist() -> Path:
    """The tarball that everything is built from."""
    tarball = ROOT / "target" / f"{NAME}.tar.gz"
    if not tarball.exists():
        raise MissingToolError("no tarball (make dist)")
    return tarball


def offline() -> list[str]:
    """The command that runs a command with loopback and no other network."""
    return [*unshare("--net"), "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


class Release:
    """One folder of packages."""

    def __init__(self, folder: Path, tarball: Path, stage: Path | None = None, url: str = URL) -> None:
        self.packed = folder / "packed"
        self.work = folder / "work"
        self._settings = {
            "version": VERSION,
            "triple": "some-machine",
            "epoch": "1700000000",
            "packed": self.packed,
            "work": self.work,
            "stage": stage or folder / "stage",
            "dist": tarball,
            "packager": "A Packager <packager@verifysms.invalid>",
            "url": url,
            "nocheck": "yes",
        }

    def make(self, kind: str, *before: str, zone: str = "UTC") -> Path:
        """Make a kind of packages, without optimizing what is compiled; the folder that has them."""
        settings = (f"{name}={value}" for name, value in self._settings.items())
        program = ROOT / "packaging" / "pack.py"
        run(*before, sys.executable, program, kind, *settings, env=UNOPTIMIZED | {"TZ": zone}, timeout=3600)
        return self.packed


def tool(program: str, package: str) -> str:
    """The path of a program of the distribution."""
    need(program, package)
    found = shutil.which(program, path=DISTRIBUTION)
    if found is None:
        raise MissingToolError(f"no {program} of the distribution (apt-get install {package})")
    return found


def use(*what: str, env: dict[str, str]) -> None:
    """Use an installed copy as its users do; who tests has settings that are not theirs."""
    clean = {name: None for name in os.environ if name.startswith(("VERIFYSMS_", "LD_", "PKG_CONFIG"))}
    printed = run(USE, *what, env={**clean, **env})
    for one in what:
        assert f"used by {one}: " in printed, printed
