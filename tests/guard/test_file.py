"""The guard's store in a file while another process is in the way: how a call ends, and how soon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.caller import Caller, Calls
from harness.sandbox import Sandbox
from harness.tools import NUMBER

HOLD = """
import fcntl, os, signal, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX)
print("locked", flush=True)
signal.pause()
"""
"""Has the file locked until it is killed."""
TIMEOUT = 250
"""Milliseconds that a step has."""
SOON = 150
"""Milliseconds in which a call is done that waits for nothing, even on a busy machine."""
REFUSE = "1"
"""VERIFYSMS_GUARD_REFUSE: a call ends when the store cannot be asked."""


@pytest.fixture
def store(call: Caller, running: Sandbox, new_folder: Callable[[], Path]) -> Path:
    """A file in use."""
    path = new_folder() / "guard"
    call("send", url=running.url, guard=f"file:{path}", expected=[("OK", "YES")])
    return path


@pytest.fixture
def holder(store: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that was stopped while it had the file locked."""
    with subprocess.Popen([sys.executable, "-c", HOLD, store], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        os.kill(process.pid, signal.SIGSTOP)
        yield process
        process.kill()


def test_a_process_counts_alone_until_the_file_is_free(
    call: Caller, running: Sandbox, store: Path, holder: subprocess.Popen[bytes]
) -> None:
    """The first call waits, the next do not; the limits hold, and the log says it once."""
    made = call(
        *("send", "send", "2", "check"),
        url=running.url,
        guard=f"file:{store}",
        before_check=holder.kill,
        expected=[("OK", "YES"), ("LIMITED", "NO"), ("OK", "YES")],
    )
    first, second, last = (result.milliseconds for result in made.results)
    assert TIMEOUT <= first < TIMEOUT + SOON
    assert max(second, last) < SOON
    told = [record for record in made.log if record.startswith("guard: ")]
    assert len(told) == 2
    assert "this process counts alone" in told[0] and str(store) in told[0]
    assert told[1] == "guard: its store answers again"


def test_a_call_that_must_be_counted_by_all_does_not_leave(
    call: Caller, running: Sandbox, store: Path, holder: subprocess.Popen[bytes]
) -> None:
    """It ends when its time is over, and the next at once; the file is as it was."""
    before, texted = store.read_bytes(), running.messages(NUMBER)

    def make(*calls: str) -> Calls:
        return call(*calls, url=running.url, guard=f"file:{store}", guard_failure=REFUSE)

    made = make("send", "send")
    assert made.ends == [("GUARD_DOWN", "NO")] * 2
    assert TIMEOUT <= made.results[0].milliseconds < TIMEOUT + SOON
    assert made.last.milliseconds < SOON
    assert "locked" in made.results[0].message
    assert (store.read_bytes(), running.messages(NUMBER)) == (before, texted)
    holder.kill()
    assert make("send").ends == [("LIMITED", "NO")]
