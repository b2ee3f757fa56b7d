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

from harness.tools import need, run
from platforms.interpreters import Interpreter, interpreter
from platforms.place import HOURS, Place, size
from platforms.table import Platform, Seen

ALONE = [TESTS / f"test_{name}.py" for name in ("calls", "delivery", "errors", "message", "phone", "results")]
"""Tests that need nothing but pytest, and start no other interpreter."""
PROMPT = [
    TESTS / f"test_{name}.py"
    for name in ("async", "clients", "connect", "logging", "replies", "secrets", "threads", "words")
]
"""The same, but too slow on an emulated machine."""
UNFIT = ("anyio", "frameworks", "as_much_done", "need_no_thread", "keeps_nothing_of_a_client")
"""What needs other packages as well, or a machine to itself, or reads what Linux says of a process."""
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


def platforms(place: Place) -> Iterator[Platform]:
    """The rows of the table."""
    for platform in PLATFORMS:
        is_brief = platform.machine == "x86_64" and not platform.is_windows
        yield Platform(f"wheel {platform.name}", partial(check, place, platform), is_brief)


def check(place: Place, platform: WheelPlatform, seen: Seen) -> None:
    """Build a wheel, audit it, and run tests with it."""
    wheel = built(place, platform)
    seen.built.append("wheel")
    if not place.brief:
        seen.size.append(size(wheel))
    run(foreign.tools() / "abi3audit", "--strict", wheel)
    seen.passed.append("abi3audit")
    seen.passed.append(audited(platform, wheel))
    if platform.target == foreign.NATIVE:
        passed = tested_here(place, wheel)
        seen.ran = f"CPython {sys.version.split()[0]}"
    elif platform.name == "win32":
        return
    else:
        there = interpreter(platform)
        passed = tested_there(platform, wheel, there)
        seen.ran = there.name
    seen.passed.append(f"tests {passed}")


def audited(platform: WheelPlatform, wheel: Path) -> str:
    """Hold what the module needs against what the platform has; what has audited it."""
    if not (platform.is_windows or platform.is_musl):
        printed = run(foreign.tools() / "auditwheel", "show", wheel)
        assert f'"manylinux_2_17_{platform.machine}"' in printed, printed
        return "auditwheel"
    # auditwheel knows nothing of Windows, and fails on a wheel for musl where that is not the system's.
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as packed:
        (module,) = (name for name in packed.namelist() if name.endswith((".so", ".pyd")))
        path = packed.extract(module, folder)
        if platform.is_musl:
            printed = run(need("readelf", "binutils"), "-dW", path)
            needed = re.findall(r"\(NEEDED\).*\[(.*)\]", printed)
            assert needed == ["libc.so"], needed
            return "needs musl alone"
        printed = run(f"{platform.machine}-w64-mingw32-objdump", "-p", path)
    libraries = {name.lower() for name in re.findall(r"DLL Name: (\S+)", printed)}
    assert "python3.dll" in libraries, libraries
    # Those of the compiler begin so.
    assert not any(name.startswith("lib") for name in libraries), libraries
    return "needs Python and the system alone"


def built(place: Place, platform: WheelPlatform) -> Path:
    """Build it; a wheel for a brief look lies apart from those of a release."""
    if not place.brief:
        return build(platform)
    return build(platform, foreign.WORK / "brief" / "wheels", "--profile=dev", CARGO_PROFILE_DEV_DEBUG="0")


def tested_here(place: Place, wheel: Path) -> str:
    """Run the Python tests, in brief those of values, with this interpreter; how many have passed."""
    python = new_environment(ENVIRONMENTS / "platform")
    download(python, TESTS / "requirements.txt")
    pip(python, "--no-index", wheel)
    with tempfile.TemporaryDirectory() as elsewhere:
        return tests_passed(run(python, *PYTEST, *(VALUES if place.brief else [TESTS]), cwd=Path(elsewhere)))


def tested_there(platform: WheelPlatform, wheel: Path, there: Interpreter) -> str:
    """The same with an interpreter of the platform; the pip is this one's."""
    with tempfile.TemporaryDirectory() as packages:
        fitting = ("--only-binary=:all:", f"--platform={platform.name}", f"--python-version={there.version}")
        needed = [(TESTS.parents[2] / "tests/requirements.txt").read_text().split()[-1]]
        if platform.is_windows:
            # pip asks this system what pytest needs.
            needed.append("colorama")
        run(sys.executable, "-m", "pip", "install", "--quiet", "--target", packages, *fitting, wheel, *needed)
        environment = {"PYTHONPATH": there.drive + packages, "PYTHONDONTWRITEBYTECODE": "1"}
        fit = ALONE if there.is_emulated else [*ALONE, *PROMPT]
        tests = (f"{there.drive}{test}" for test in fit)
        printed = run(
            *(*there.words, *PYTEST, *("-k", " and ".join(f"not {test}" for test in UNFIT)), *tests),
            cwd=Path(packages),
            env={**environment, **there.environment},
            timeout=HOURS,
        )
        return tests_passed(printed)


def tests_passed(printed: str) -> str:
    """How many tests pytest says have passed."""
    found = re.search(r"(\d+) passed", printed)
    assert found is not None, printed
    return found[1]
