"""Build the sdist of a release into target/pypi, and from it the wheels for every platform that has one.

python bindings/python/tools/wheels.py [WORD ...]

With a WORD, only those are built whose platform has it. Each is for CPython 3.10 and later.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import foreign
from build import ROOT, build_sdist, without_local_paths, write_sbom
from environments import MissingError, run

RELEASE = ROOT / "target" / "pypi"
"""What is uploaded, and nothing else."""


class Platform(NamedTuple):
    """What a wheel is for."""

    name: str
    """As pip names it."""
    target: str
    """As Rust names it."""

    @property
    def machine(self) -> str:
        """As Rust names it."""
        return self.target.partition("-")[0]

    @property
    def is_windows(self) -> bool:
        """Whether MinGW builds it, and not zig."""
        return "-windows-" in self.target

    @property
    def is_musl(self) -> bool:
        """Whether the interpreter's C library is musl."""
        return "-musl" in self.target


PLATFORMS = [
    Platform("manylinux2014_x86_64", "x86_64-unknown-linux-gnu"),
    Platform("manylinux2014_aarch64", "aarch64-unknown-linux-gnu"),
    Platform("manylinux2014_i686", "i686-unknown-linux-gnu"),
    Platform("musllinux_1_2_x86_64", "x86_64-unknown-linux-musl"),
    Platform("musllinux_1_2_aarch64", "aarch64-unknown-linux-musl"),
    Platform("win_amd64", "x86_64-win7-windows-gnu"),
    Platform("win32", "i686-win7-windows-gnu"),
]


@functools.cache
def sources() -> Path:
    """Return the folder of the unpacked sdist."""
    folder = foreign.WORK / "sdist"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # The times in there are always the same; by them cargo would not see what has changed.
    run("tar", "--extract", "--touch", f"--file={build_sdist(RELEASE)}", f"--directory={folder}", cwd=ROOT)
    (unpacked,) = folder.iterdir()
    return unpacked


def build(platform: Platform, out: Path = RELEASE, *options: str, **environment: str) -> Path:
    """Build a wheel, in a folder where it replaces an older one; the options are maturin's."""
    for old in out.glob(f"*{platform.name}*.whl"):
        old.unlink()
    settings = without_local_paths(sources())
    linked: tuple[str, ...] = ("--zig", "--compatibility", platform.name.removesuffix(f"_{platform.machine}"))
    if platform.is_windows:
        linked = ()
        settings |= foreign.mingw(platform.target)
    elif platform.is_musl:
        # The interpreter brings its C library.
        settings["RUSTFLAGS"] += " -C target-feature=-crt-static -C link-self-contained=no"
    run(
        foreign.tools() / "maturin",
        "build",
        *linked,
        *options,
        *("--target", platform.target),
        *("--interpreter", "python3.10"),
        *("--sbom-include", write_sbom("--target", platform.target)),
        *("--out", out),
        cwd=sources(),
        **{
            **foreign.rust(platform.target),
            **settings,
            "CARGO_TARGET_DIR": str(foreign.WORK / "wheels"),
            **environment,
        },
    )
    (wheel,) = out.glob(f"*{platform.name}*.whl")
    return wheel


def main() -> None:
    """Build what the arguments name."""
    words = sys.argv[1:]
    for platform in PLATFORMS:
        if not words or any(word in platform.name for word in words):
            wheel = build(platform)
            print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size:,} bytes")


if __name__ == "__main__":
    try:
        main()
    except (MissingError, subprocess.CalledProcessError) as error:
        sys.exit(f"the wheels were not built: {error}")
