"""Every system call of a Send and of a Check fails in turn, with every error that systems have."""

from __future__ import annotations

import errno
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from deep.faulting import Scenario, faulted_program
from deep.part import Place
from harness.authority import Authority
from harness.caller import KEY
from harness.sandbox import sandbox
from harness.tools import NUMBER, need
from harness.tools import run as checked

TITLE = "System calls that fail"

SCENARIOS = [
    Scenario("send cold"),
    Scenario("send cold again"),
    Scenario("send warm again", host="127.0.0.1"),
    Scenario("check warm again", host="127.0.0.1"),
    Scenario("send cold", tls=True),
    Scenario("send cold again", tls=True),
    Scenario("check cold again", host="127.0.0.1", tls=True),
    Scenario("send warm again", host="127.0.0.1", tls=True),
    Scenario("check warm again", host="127.0.0.1", tls=True),
    Scenario("send cold", host="127.0.0.1", tls=True, system_trust=True),
]

SHORT = 0
"""In an error's place: a read or a write of one byte."""
ERRORS = [
    errno.ENOMEM,
    errno.EMFILE,
    errno.EINTR,
    errno.ECONNRESET,
    errno.EAGAIN,
    errno.ENOSPC,
    errno.EIO,
    SHORT,
]
ONCE, OFTEN = 1, 50
"""How many system calls of a kind fail. No wait is interrupted for ever, nor are 50 in a row."""
EVERY = 0
"""In a call's place: all of them."""

WORKERS = 16
"""Calls that fail wait before they try again: more can be made at once than there are cores."""


class Fault(NamedTuple):
    """What goes wrong in a scenario."""

    scenario: Scenario
    at: int
    times: int
    error: int

    def __str__(self) -> str:
        """In words."""
        error = "one byte" if self.error == SHORT else errno.errorcode[self.error]
        times = f", {self.times} times" if self.times > 1 else ""
        return f"{self.scenario.title}: {error} in system call {self.at}{times}"


class Played(NamedTuple):
    """What became of it."""

    complaints: list[str]
    number: int
    code: str


def faults(scenario: Scenario, calls: int, *, brief: bool) -> Iterator[Fault]:
    """All that goes wrong in a scenario of so many system calls."""
    yield Fault(scenario, EVERY, ONCE, SHORT)
    for at in range(1, calls + 1):
        for place, error in enumerate(ERRORS):
            yield Fault(scenario, at, ONCE, error)
            if not brief or (at + place) % len(ERRORS) == 0:
                yield Fault(scenario, at, OFTEN, error)


def play(program: Path, authority: Authority, scenario: Scenario, brief: bool, part: int) -> list[Played]:
    """Every so many-th fault of a scenario."""
    found = []
    with faulted_program(program, scenario, authority) as faulted:
        calls = faulted.calls()
        for fault in list(faults(scenario, len(calls), brief=brief))[part::WORKERS]:
            end, complaints = faulted.call(f"system {fault.at} {fault.times} {fault.error}")
            told = [f"{fault}: {complaint} ({end})" for complaint in complaints]
            if end is None or end.met > 0:
                found.append(Played(told, end.number if end else -1, end.code if end else "died"))
    return found


def full_disk(place: Place) -> None:
    """The command's answer goes to a full disk; its status still tells, and so does stderr."""
    with sandbox(str(place.command), "--api-key", KEY) as running:
        calls = {f"send {NUMBER} --sender Acme": 0, f"check {NUMBER} 0": 2}
        for call, status in calls.items():
            for redirected in "> /dev/full", "> /dev/full 2> /dev/full", "--json > /dev/full":
                line = f"{place.command} {call} --url {running.url} {redirected}"
                said = checked("sh", "-c", line, env={"VERIFYSMS_API_KEY": KEY}, status=status)
                lost = "cannot write to standard output" in said
                assert lost == ("2>" not in redirected), f"{line}: {said}"
        assert len(running.messages(NUMBER)) == 3, "each send is sent once"


def names() -> dict[int, str]:
    """The names of the system calls, from the C compiler's headers."""
    compiler = need("cc", "gcc")
    macros = checked(compiler, "-E", "-dM", "-include", "sys/syscall.h", "-")
    return {int(n): name for name, n in re.findall(r"#define __NR_(\w+) (\d+)\n", macros)}


def play_all(program: Path, scenarios: list[Scenario], *, brief: bool) -> list[Played]:
    """Play all faults of scenarios; how their calls ended, each as it should."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        authority = Authority(Path(folder))
        playing = [
            pool.submit(play, program, authority, scenario, brief, part)
            for scenario in scenarios
            for part in range(WORKERS)
        ]
        played = [one for future in playing for one in future.result()]
    complaints = [complaint for one in played for complaint in one.complaints]
    assert not complaints, f"{len(complaints)} complaints\n" + "\n".join(complaints)
    return played


def run(place: Place) -> str:
    """Play all faults of all scenarios."""
    full_disk(place)
    played = play_all(place.parts / "faulted", SCENARIOS, brief=place.brief)
    called = names()
    kinds = {called.get(one.number, "?") for one in played}
    ends = Counter(one.code for one in played)
    assert {"socket", "connect", "sendto", "recvfrom", "openat", "ppoll"} <= kinds, kinds
    told = ", ".join(f"{code} {count}" for code, count in ends.most_common())
    return (
        f"{len(played):,} faults in {len(kinds)} kinds of system calls of {len(SCENARIOS)} calls: "
        f"{told}; all reached what they said, nothing was sent twice or left behind"
    )
