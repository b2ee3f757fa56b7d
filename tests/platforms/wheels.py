"""The wheels: each is audited, installed, and tested where an interpreter for it can be had."""

from __future__ import annotations

import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import foreign
from check import ENVIRONMENTS, TESTS, VALUES
from environments import download, new_environment, pip
from wheels import PLATFORMS, build
from wheels import Platform as WheelPlatform

from harness.tools import UNOPTIMIZED, need, run
from platforms.debian import debian
from platforms.place import HOURS, Place, Runner, size
from platforms.table import Platform, Seen

MACHINES = {"aarch64": ("arm64", "aarch64"), "i686": ("i386", "i386")}
"""The names of other machines in Debian and in qemu."""
ALONE = [TESTS / f"test_{name}.py" for name in ("calls", "delivery", "errors", "message", "phone", "results")]
"""Tests that need nothing but pytest, and start no other interpreter."""
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


def platforms(place: Place) -> Iterator[Platform]:
    """The rows of the table."""
    for platform in PLATFORMS:
        is_brief = platform.machine == "x86_64"
        yield Platform(f"wheel {platform.name}", partial(check, place, platform), is_brief)


def check(place: Place, platform: WheelPlatform, seen: Seen) -> None:
    """Build a wheel, audit it, and run tests with it."""
    wheel = built(place, platform)
    seen.built.append("wheel")
    if not place.brief:
        seen.size.append(size(wheel))
    run(foreign.tools() / "abi3audit", "--strict", wheel)
    seen.passed.append("abi3audit")
    if platform.tag.startswith("musl"):
        check_needs(wheel)
        seen.passed.append("needs musl alone")
        return
    audited = run(foreign.tools() / "auditwheel", "show", wheel)
    assert f'"manylinux_2_17_{platform.machine}"' in audited, audited
    seen.passed.append("auditwheel")
    if platform.target == foreign.NATIVE:
        passed = tested_here(place, wheel)
        seen.ran = f"CPython {sys.version.split()[0]}"
    else:
        passed = tested_there(platform.machine, wheel)
        seen.ran = f"CPython of Debian 12, qemu-{MACHINES[platform.machine][1]}"
    seen.passed.append(f"tests {passed}")


def built(place: Place, platform: WheelPlatform) -> Path:
    """Build it; a wheel for a brief look lies apart from those of a release."""
    if not place.brief:
        return build(platform)
    return build(platform, foreign.WORK / "brief" / "wheels", **UNOPTIMIZED)


def check_needs(wheel: Path) -> None:
    """The module needs the C library of every musl, and no other."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as packed:
        (module,) = (name for name in packed.namelist() if name.endswith(".so"))
        printed = run(need("readelf", "binutils"), "-dW", packed.extract(module, folder))
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", printed)
    assert needed == ["libc.so"], needed


def tested_here(place: Place, wheel: Path) -> str:
    """Run the Python tests, in brief those of values, with this interpreter; how many have passed."""
    python = new_environment(ENVIRONMENTS / "platform")
    download(python, TESTS / "requirements.txt")
    pip(python, "--no-index", wheel)
    with tempfile.TemporaryDirectory() as elsewhere:
        return tests_passed(run(python, *PYTEST, *(VALUES if place.brief else [TESTS]), cwd=Path(elsewhere)))


def tested_there(machine: str, wheel: Path) -> str:
    """The same with the interpreter of another machine's Debian; its pip is this one's."""
    name, emulator = MACHINES[machine]
    folder = debian("bookworm", name)
    (interpreter,) = folder.glob("usr/bin/python3.*[0-9]")
    with tempfile.TemporaryDirectory() as packages:
        version = interpreter.name.removeprefix("python")
        fitting = (
            "--only-binary=:all:",
            f"--platform=manylinux2014_{machine}",
            f"--python-version={version}",
        )
        needed = (TESTS.parents[2] / "tests/requirements.txt").read_text().split()[-1]
        run(sys.executable, "-m", "pip", "install", "--quiet", "--target", packages, *fitting, wheel, needed)
        runner = Runner.emulator(emulator, folder)
        environment = {"PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1"}
        words = (*runner.words, str(interpreter), *PYTEST, *map(str, ALONE))
        return tests_passed(run(*words, cwd=Path(packages), env=environment, timeout=HOURS))


def tests_passed(printed: str) -> str:
    """How many tests pytest says have passed."""
    found = re.search(r"(\d+) passed", printed)
    assert found is not None, printed
    return found[1]
