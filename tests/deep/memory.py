"""Every allocation of a client and of its calls fails in turn, with all that follow or alone."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deep.faulting import FaultedProgram, Scenario, faulted_program
from deep.part import Place
from harness.authority import Authority
from harness.caller import KEY
from harness.sandbox import sandbox
from harness.tools import NUMBER, VARIABLES
from harness.tools import run as checked

TITLE = "Memory that runs out"

SCENARIOS = [
    Scenario("send cold", host="127.0.0.1"),
    Scenario("send warm again", host="127.0.0.1"),
    Scenario("check warm again", host="127.0.0.1"),
    Scenario("send cold", tls=True),
    Scenario("send warm again", host="127.0.0.1", tls=True),
    Scenario("check warm again", host="127.0.0.1", tls=True),
    Scenario("check cold again", tls=True, system_trust=True),
    Scenario("send cold", host="127.0.0.1", tls=True, system_trust=True),
]

FOR_GOOD = 0
"""In the place of a number: no allocation succeeds any more."""
LENGTHS = [1, 3, 20]
"""How many allocations fail in a row before memory is back."""
SHARED = 8 * 60
"""The least number of calls that the threads of tests/deep/starved.c make."""
ALLOCATIONS_MOST = 20_000
"""More than any call makes."""


def one_after_another(program: FaultedProgram, length: int) -> Iterator[tuple[str, list[str]]]:
    """A call for each allocation that can fail first: how it ended, and what is wrong with it."""
    for first in range(1, ALLOCATIONS_MOST):
        until = FOR_GOOD if length == FOR_GOOD else first + length
        end, complaints = program.call(f"heap {first} {until}")
        if end is not None and end.met == 0:
            return
        told = [f"allocation {first}, length {length}: {one} ({end})" for one in complaints]
        yield end.code if end else "died", told
    raise AssertionError("a call without an end")


def play(place: Place, authority: Authority, scenario: Scenario, length: int) -> Counter[str]:
    """How the calls of a scenario ended."""
    ends: Counter[str] = Counter()
    complaints = []
    with faulted_program(place.parts / "faulted", scenario, authority) as program:
        for code, told in one_after_another(program, length):
            ends[code] += 1
            complaints += [f"{scenario.title}: {one}" for one in told]
    assert not complaints, "\n".join(complaints)
    assert ends["INTERNAL"] > 0, f"{scenario.title}: {ends}"
    return ends


def threads(place: Place) -> int:
    """Threads and children share what there is; the number of their calls."""
    with sandbox(place.command, "--api-key", KEY) as running:
        own = {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": running.url}
        printed = checked(place.parts / "starved", env={**dict.fromkeys(VARIABLES), **own})
        sent = Counter(message.sender for message in running.messages(NUMBER))
    calls = [line.split("\t") for line in printed.splitlines() if "\t" in line]
    assert len(calls) >= SHARED, printed
    for sender, code, reached in calls:
        seen = {"0": [0], "1": [1], "2": [0, 1]}[reached]
        assert sent[sender] in seen, f"{sender}: {code}, reached {reached}, sent {sent[sender]}"
    return len(calls)


def run(place: Place) -> str:
    """Play all scenarios, then many threads at once."""
    lengths = [FOR_GOOD, LENGTHS[0]] if place.brief else [FOR_GOOD, *LENGTHS]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        authority = Authority(Path(folder))
        playing = [
            pool.submit(play, place, authority, scenario, length)
            for length in lengths
            for scenario in SCENARIOS
        ]
        ends: Counter[str] = sum((one.result() for one in playing), Counter())
    shared = threads(place)
    told = ", ".join(f"{code} {count}" for code, count in ends.most_common())
    return (
        f"{ends.total():,} calls in {len(SCENARIOS)} kinds, each from another allocation on without "
        f"memory: {told}; {shared} calls of 8 threads and 10 children with less than they need; "
        "no process died, all reached what they said"
    )
