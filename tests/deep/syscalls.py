"""Every system call of a Send and of a Check fails in turn, with every error that systems have."""

from __future__ import annotations

import errno
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from authority import Authority
from calling import KEY
from checks import need
from sandboxed import sandbox

from deep.faulting import Scene, player
from deep.part import Place

TITLE = "System calls that fail"

SCENES = [
    Scene("send cold"),
    Scene("send cold again"),
    Scene("send warm again", host="127.0.0.1"),
    Scene("check warm again", host="127.0.0.1"),
    Scene("send cold", tls=True),
    Scene("send cold again", tls=True),
    Scene("check cold again", host="127.0.0.1", tls=True),
    Scene("send warm again", host="127.0.0.1", tls=True),
    Scene("check warm again", host="127.0.0.1", tls=True),
    Scene("send cold", host="127.0.0.1", tls=True, system_trust=True),
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
    """What goes wrong in a scene."""

    scene: Scene
    at: int
    times: int
    error: int

    def __str__(self) -> str:
        """In words."""
        error = "one byte" if self.error == SHORT else errno.errorcode[self.error]
        times = f", {self.times} times" if self.times > 1 else ""
        return f"{self.scene.title}: {error} in system call {self.at}{times}"


class Played(NamedTuple):
    """What became of it."""

    complaints: list[str]
    number: int
    code: str


def faults(scene: Scene, calls: int, *, brief: bool) -> Iterator[Fault]:
    """All that goes wrong in a scene of so many system calls."""
    yield Fault(scene, EVERY, ONCE, SHORT)
    for at in range(1, calls + 1):
        for place, error in enumerate(ERRORS):
            yield Fault(scene, at, ONCE, error)
            if not brief or (at + place) % len(ERRORS) == 0:
                yield Fault(scene, at, OFTEN, error)


def play(program: Path, authority: Authority, scene: Scene, brief: bool, part: int) -> list[Played]:
    """Every so many-th fault of a scene."""
    found = []
    with player(program, scene, authority) as playing:
        calls = playing.calls()
        for fault in list(faults(scene, len(calls), brief=brief))[part::WORKERS]:
            end, complaints = playing.play(f"system {fault.at} {fault.times} {fault.error}")
            told = [f"{fault}: {complaint} ({end})" for complaint in complaints]
            if end is None or end.met > 0:
                found.append(Played(told, end.number if end else -1, end.code if end else "died"))
    return found


def full_disk(place: Place) -> None:
    """The command's answer goes to a full disk; its status still tells, and so does stderr."""
    with sandbox(str(place.command), "--api-key", KEY) as running:
        calls = {"send 0501234567 --sender Acme": 0, "check 0501234567 0": 2}
        for call, status in calls.items():
            for redirected in "> /dev/full", "> /dev/full 2> /dev/full", "--json > /dev/full":
                done = subprocess.run(
                    ["sh", "-c", f"{place.command} {call} --url {running.url} {redirected}"],
                    env={"VERIFYSMS_API_KEY": KEY},
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                told = f"{call} {redirected}: {done}"
                assert done.returncode == status, told
                lost = "cannot write to standard output" in done.stderr
                assert lost == ("2>" not in redirected), told
        assert len(running.messages("0501234567")) == 3, "each send is sent once"


def names() -> dict[int, str]:
    """The names of the system calls, from the C compiler's headers."""
    compiler = need("cc", "gcc")
    macros = subprocess.run(
        [compiler, "-E", "-dM", "-include", "sys/syscall.h", "-"],
        input="",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {int(n): name for name, n in re.findall(r"#define __NR_(\w+) (\d+)\n", macros)}


def play_all(program: Path, scenes: list[Scene], *, brief: bool) -> list[Played]:
    """Play all faults of scenes; how their calls ended, each as it should."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        authority = Authority(Path(folder))
        playing = [
            pool.submit(play, program, authority, scene, brief, part)
            for scene in scenes
            for part in range(WORKERS)
        ]
        played = [one for future in playing for one in future.result()]
    complaints = [complaint for one in played for complaint in one.complaints]
    assert not complaints, f"{len(complaints)} complaints\n" + "\n".join(complaints)
    return played


def run(place: Place) -> str:
    """Play all faults of all scenes."""
    full_disk(place)
    played = play_all(place.parts / "faulted", SCENES, brief=place.brief)
    called = names()
    kinds = {called.get(one.number, "?") for one in played}
    ends = Counter(one.code for one in played)
    assert {"socket", "connect", "sendto", "recvfrom", "openat", "poll"} <= kinds, kinds
    told = ", ".join(f"{code} {count}" for code, count in ends.most_common())
    return (
        f"{len(played):,} faults in {len(kinds)} kinds of system calls of {len(SCENES)} calls: "
        f"{told}; all reached what they said, nothing was sent twice or left behind"
    )
