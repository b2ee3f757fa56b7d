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

    tag: str
    """As pip names it, without the machine."""
    target: str
    """As Rust names it."""

    @property
    def machine(self) -> str:
        """The name of the machine that both have."""
        return self.target.partition("-")[0]

    @property
    def name(self) -> str:
        """As pip names it."""
        return f"{self.tag}_{self.machine}"


PLATFORMS = [
    Platform("manylinux2014", "x86_64-unknown-linux-gnu"),
    Platform("manylinux2014", "aarch64-unknown-linux-gnu"),
    Platform("manylinux2014", "i686-unknown-linux-gnu"),
    Platform("musllinux_1_2", "x86_64-unknown-linux-musl"),
    Platform("musllinux_1_2", "aarch64-unknown-linux-musl"),
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


def build(platform: Platform, out: Path = RELEASE, **environment: str) -> Path:
    """Build a wheel, in a folder where it replaces an older one."""
    for old in out.glob(f"*{platform.name}*.whl"):
        old.unlink()
    settings = without_local_paths(sources())
    if platform.tag.startswith("musl"):
        # The interpreter brings its C library.
        settings["RUSTFLAGS"] += " -C target-feature=-crt-static -C link-self-contained=no"
    run(
        foreign.tools() / "maturin",
        "build",
        "--zig",
        *("--compatibility", platform.tag),
        *("--target", platform.target),
        *("--interpreter", "python3.10"),
        *("--sbom-include", write_sbom()),
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
