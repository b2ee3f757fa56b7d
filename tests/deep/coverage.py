"""Which lines and branches of the core the tests run. Markers in src say which they need not.

Counted are the Rust tests, the processes that they start, and the C functions in the C
programs. What a process did before a signal ended it, and what a child did that was forked off,
counts as well: the counts lie in files that the processes share.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

from deep import addresses, memory, syscalls
from deep.instrumented import INCLUDE, WARNINGS, Program, against_sandbox, host, python_tests
from deep.llvm_coverage import COVERAGE, File, library, unmarked
from deep.markers import SELDOM, UNCOVERED, markers
from deep.part import ROOT, Place
from harness import tools
from harness.authority import Authority
from harness.tools import need

TITLE = "Lines and branches that the tests run"
PROFILES = "llvm-profdata-22"
COUNTING = [
    "-Cinstrument-coverage",
    "-Zcoverage-options=branch",
    "-Cllvm-args=-instrprof-atomic-counter-update-all",
    # The counts may lie in a file.
    "-Cllvm-args=-runtime-counter-relocation",
]
SHARED = "%m%c.profraw"
"""The name of the counts of a program: one file, which all its processes count in."""
PROGRAMS = [
    Program("abi-c", "tests/abi/abi.c", ("-std=c89",)),
    *host("burst", "caller", "cancelled", "early", "faulted", "forks", "lookup", "processes", "queue"),
    *host("limited", "sigpipe", "starved", "threads", "within"),
]
# It starts a program without an environment, which would not know where to count.
HOSTS = [test for test in addresses.HOST_TESTS if test != "test_descriptors"]
HOSTS += [
    "test_cancelled_threads",
    "test_children_of_a_first_call",
    "test_few_connections_are_kept_after_a_burst",
    "test_processes_that_no_handler_knows_of",
    "test_queue",
]
FEWEST_LINES = 0.97
"""The part of the core's lines that brief runs must run."""
MEMORY = memory.SCENARIOS[3]
"""The scenario in which memory runs out: a first call, over TLS."""
SYSTEM = [syscalls.SCENARIOS[0], syscalls.SCENARIOS[9]]
"""Those in which system calls fail: with a lookup, and with the system's authorities."""
GUESTS = ("sandbox", "cli")
"""The folders of src that are no part of the core."""


def cargo(target: Path, command: str, *arguments: str) -> str:
    """What a command of cargo prints to standard output, with all of this package counted."""
    package = f"profile.dev.package.verifysms.rustflags={json.dumps(COUNTING)}"
    options = ["-Zprofile-rustflags", "--config", package, "--quiet"]
    options += ["--features", "capi,cli,reserve"]
    environment = {
        "RUSTC_BOOTSTRAP": "1",
        "CARGO_PROFILE_DEV_OPT_LEVEL": "0",
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_TARGET_DIR": str(target),
    }
    done = subprocess.run(
        ["cargo", command, *options, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, f"cargo {command}\n{done.stdout}{done.stderr}"
    return done.stdout


def rust_tests(target: Path) -> tuple[list[Path], int]:
    """Run the Rust tests; the programs that count, and the number of tests."""
    tests = ["--lib", "--bins", "--tests"]
    built = cargo(target, "test", *tests, "--no-run", "--message-format=json")
    artifacts = [json.loads(line) for line in built.splitlines()]
    programs = [Path(one["executable"]) for one in artifacts if one.get("executable")]
    passed = re.findall(r"(?m)^test result: ok\. (\d+) passed", cargo(target, "test", *tests))
    return programs, sum(map(int, passed))


def c_programs(target: Path) -> Path:
    """Build the C programs, each with the whole library; their folder."""
    cargo(target, "rustc", "--lib", "--crate-type", "staticlib", "--", "--cfg", "verifysms_heap")
    folder = target / "parts"
    folder.mkdir(exist_ok=True)
    archive = str(target / "debug" / "libverifysms.a")
    whole = ["-Wl,--whole-archive", archive, "-Wl,--no-whole-archive", "-lpthread", "-ldl", "-lm"]
    for program in PROGRAMS:
        flags = [*program.flags, *WARNINGS, *INCLUDE]
        source, built = str(ROOT / program.source), str(folder / program.name)
        tools.run("cc", *flags, "-o", built, source, *whole)
    return folder


def c_tests(place: Place) -> int:
    """Run the C programs; how many checks, tests and calls it were."""
    done = against_sandbox(place, place.parts / "abi-c", options={})
    # What is counted takes room too.
    selected = addresses.selected(HOSTS, addresses.CLOSELY_LIMITED)
    done += python_tests(place, place.parts, *selected, options={})
    segments = "tests/networks/test_segments.py"
    done += python_tests(place, place.parts, segments, marks="not slow", options={})
    return done + failures(place) + memory.threads(place)


def failures(place: Place) -> int:
    """Let memory and system calls fail in calls; how many calls it were."""
    played = syscalls.play_all(place.parts / "faulted", SYSTEM, brief=True)
    with tempfile.TemporaryDirectory() as folder:
        ends = memory.play(place, Authority(Path(folder)), MEMORY, memory.FOR_GOOD)
    return len(played) + ends.total()


def total(files: Iterable[File]) -> Counter[str]:
    """The totals of files together."""
    return sum((file.totals for file in files), Counter())


def told(totals: Counter[str]) -> str:
    """Totals in words."""
    kinds = [kind for kind in ("lines", "branches") if totals[kind] > 0]
    return ", ".join(
        f"{totals[f'{kind} run']:,} of {totals[kind]:,} {kind} "
        f"({100 * totals[f'{kind} run'] / totals[kind]:.1f} %)"
        for kind in kinds
    )


def run(place: Place) -> str:
    """Run the tests, and hold what of the core none of them runs against the list."""
    need(COVERAGE, "llvm-22")
    need(PROFILES, "llvm-22")
    need("cc", "gcc")
    target = place.work / "coverage"
    profiles = target / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    with patch.dict(os.environ, LLVM_PROFILE_FILE=str(profiles / SHARED)):
        programs, tests = rust_tests(target)
        parts = c_programs(target)
        command = target / "debug" / "verifysms"
        calls = c_tests(dataclasses.replace(place, parts=parts, command=command))
    profile = profiles / "all.profdata"
    tools.run(PROFILES, "merge", "-o", profile, *profiles.glob("*.profraw"))

    files = library(profile, parts / "caller", [parts / "abi-c", *programs])
    guests = {
        guest: [files.pop(path) for path in sorted(files) if path.startswith(f"src/{guest}/")]
        for guest in GUESTS
    }
    for path, file in sorted(files.items()):
        print(f"{path}: {told(file.totals)}", flush=True)
    marked = markers(UNCOVERED, SELDOM)
    count = len(marked)
    found = [gap for path, file in sorted(files.items()) for gap in unmarked(path, file, marked)]
    stale = [str(marker) for marker in marked if marker.kind == UNCOVERED]
    core = total(files.values())
    if place.brief:
        print("\n".join(found), flush=True)
        assert core["lines run"] >= FEWEST_LINES * core["lines"], told(core)
    else:
        assert not found, "\n".join(["no test runs these", *found])
        assert not stale, "\n".join(["the tests run what these markers are about", *stale])
    others = "; ".join(f"of the {guest} {told(total(guests[guest]))}" for guest in GUESTS)
    return (
        f"{tests} Rust tests and {calls:,} checks, tests and calls from C run of the core "
        f"{told(core)}; {count} gaps are marked with the reason, {len(found)} are not; "
        f"{others}"
    )
