"""Build and install the library from its tarball with no network and no cache of cargo's.

Cargo is told to build elsewhere, and the place to install to has a blank in its name.

    python3 tests/dist.py TARBALL

What is built is not optimized: the question is whether everything is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from checks import QUICK


def isolated() -> list[str]:
    """What to write before a command so that it has no network; nothing where that is forbidden."""
    for prefix in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        try:
            if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
                return prefix
        except FileNotFoundError:
            break
    print("no network namespace here: only cargo is told to stay offline")
    return []


def main() -> int:
    """Unpack, build, install, and ask the installed command for its version."""
    (tarball,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(tarball) as packed:
            packed.extractall(folder, filter="data")
        (source,) = Path(folder).iterdir()
        installed = Path(folder, "installed here")
        empty = Path(folder, "cargo")
        empty.mkdir()
        ours = ("MAKE", "PREFIX", "DESTDIR", "CARGO_TARGET_DIR", "RUSTFLAGS")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        offline = {"CARGO_HOME": str(empty), "CARGO_NET_OFFLINE": "true"}
        elsewhere = {"CARGO_TARGET_DIR": str(Path(folder, "elsewhere"))}
        subprocess.run(
            [*isolated(), "make", "install", f"PREFIX={installed}"],
            cwd=source,
            env=clean | offline | elsewhere | QUICK,
            check=True,
        )
        version = subprocess.run(
            [installed / "bin" / "verifysms", "--version"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    assert version.replace(" ", "-") == source.name + "\n", version
    print(f"{source.name} builds without a network")
    return 0


if __name__ == "__main__":
    sys.exit(main())
