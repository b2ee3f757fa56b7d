"""Coverage-guided fuzzing of what reads bytes from outside, with AddressSanitizer.

The targets are in tests/properties, each with the promises that it checks. They start with the
inputs in tests/fuzz; inputs that cover more are kept in the work folder. An input that breaks a
promise is printed with its bytes: put it into tests/fuzz/found, and `cargo test` runs it.

Rust calls the instrumentation unstable; RUSTC_BOOTSTRAP has the stable compiler do it. The programs
are libFuzzer's, so no other tool is needed than a C++ compiler.
"""

from __future__ import annotations

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deep.part import ROOT, Place
from harness.tools import need
from harness.tools import run as checked

TITLE = "fuzzing of what comes from outside"

FUZZ = ROOT / "tests" / "fuzz"

BRIEF, DEEP = 15, 300
"""How long a target runs, in seconds."""

BUILDING = 1200
"""How long the building may take, in seconds; an idle machine needs about two minutes."""

FLAGS = (
    "--cfg verifysms_fuzz -Zsanitizer=address -Cforce-frame-pointers -Cpasses=sancov-module"
    " -Cllvm-args=-sanitizer-coverage-level=4"
    " -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
    " -Cllvm-args=-sanitizer-coverage-pc-table"
    " -Cllvm-args=-sanitizer-coverage-trace-compares"
)


@dataclass(frozen=True)
class Run:
    """What a target's run came to."""

    target: str
    executions: int
    seconds: int
    features: int
    inputs: int

    def __str__(self) -> str:
        """One line for the output."""
        speed = self.executions // max(self.seconds, 1)
        return (
            f"{self.target}: {self.executions} executions ({speed}/s),"
            f" {self.features} features by {self.inputs} inputs"
        )


def built(work: Path) -> Path:
    """Build the programs, one a target, and say where they are."""
    need("c++", "g++")
    host = str(re.findall(r"host: (\S+)", checked("rustc", "-vV"))[0])
    # The target is named so that the flags are not for programs that run while building.
    command = ["cargo", "build", "--quiet", "--release", "--target", host]
    command += ["--manifest-path", str(FUZZ / "Cargo.toml"), "--target-dir", str(work)]
    environment = os.environ | {"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": FLAGS}
    subprocess.run(command, env=environment, check=True, timeout=BUILDING)
    return work / host / "release"


def failure(target: str, work: Path, output: str) -> str:
    """What a run that ended badly has to say; the table has its first line."""
    found = [f"{path} has {path.read_bytes().hex()}" for path in work.glob(f"{target}-found-*")]
    first = f"{target}: {'; '.join(found) or 'no input was kept'}"
    rest = output.splitlines()[-60:]
    return "\n".join([first, f"(a test once it is in {FUZZ / 'found' / target})", *rest])


def fuzzed(program: Path, work: Path, seconds: int, seed: int) -> Run:
    """Run one target; the seed 0 is another one every time."""
    target = program.name
    kept = work / "corpus" / target
    kept.mkdir(parents=True, exist_ok=True)
    for old in work.glob(f"{target}-found-*"):
        old.unlink()
    command = [str(program), f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=30"]
    command += ["-print_final_stats=1", f"-artifact_prefix={work / target}-found-", "-max_len=2048"]
    words = FUZZ / "words" / target
    command += [f"-dict={words}"] if words.exists() else []
    inputs = [FUZZ / kind / target for kind in ("corpus", "found")]
    command += [str(kept), *(str(folder) for folder in inputs if folder.exists())]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds + 300,
        check=False,
    )
    assert done.returncode == 0, failure(target, work, done.stdout)
    (executions,) = re.findall(r"stat::number_of_executed_units: *(\d+)", done.stdout)
    features, inputs = re.findall(r"DONE .* ft: (\d+) corp: (\d+)", done.stdout)[-1]
    return Run(target, int(executions), seconds, int(features), int(inputs))


def run(place: Place) -> str:
    """Build, run all targets, and say what they did."""
    work = place.work / "fuzz"
    programs = built(work)
    targets = sorted(path.stem for path in (FUZZ / "fuzz_targets").glob("*.rs"))
    # Whether a change may land does not hang on luck: brief runs begin alike, long ones do not.
    seconds, seed = (BRIEF, 1) if place.brief else (DEEP, 0)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        ran = pool.map(lambda target: fuzzed(programs / target, work, seconds, seed), targets)
        runs = list(ran)
    for ended in runs:
        print(ended, flush=True)
    executions = sum(ended.executions for ended in runs)
    each = ", ".join(f"{ended.target} {ended.executions}" for ended in runs)
    return f"{executions} executions, {seconds} s a target, no promise broken ({each})"
