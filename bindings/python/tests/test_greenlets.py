"""gevent and eventlet, in processes that they have patched: what a call does to their hub, and who hears Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest
from sandboxes import SilentSandbox
from test_signals import start

from verifysms.testing import Sandbox

GUIDE = (Path(__file__).resolve().parents[1] / "GUIDE.md").read_text()

PATCH = {
    "gevent": "from gevent import monkey; monkey.patch_all(); import gevent; run = lambda f: gevent.spawn(f).get()",
    "eventlet": "import eventlet; eventlet.monkey_patch(); run = lambda f: eventlet.spawn(f).wait()",
}
WHERE = {"the main greenlet": "work()", "a greenlet": "run(work)"}
FORK = "if os.fork(): os._exit(0)"

WAITS = """
import sys, time
print(os.getpid(), flush=True)
import verifysms
def work():
    client = verifysms.Client("the key", sender="Acme", url=sys.argv[1], timeout=5)
    try:
        client.check("0501234567", "123456")
    except BaseException as error:
        print(type(error).__name__, time.time(), type(error.__context__).__name__, flush=True)
def stop(*_): raise SystemExit(7)
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGUSR1, lambda *_: print("goes on", flush=True))
"""


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("library", PATCH)
@pytest.mark.parametrize(
    ("number", "forked", "raised"),
    [
        (signal.SIGINT, "", "KeyboardInterrupt"),
        (signal.SIGTERM, "", "SystemExit"),
        (signal.SIGINT, FORK, "KeyboardInterrupt"),
    ],
    ids=["Ctrl-C", "SIGTERM", "Ctrl-C after a fork"],
)
def test_a_signal_ends_a_call_in_a_patched_process(
    library, where, number, forked, raised, silent_sandbox: SilentSandbox
):
    program = f"{PATCH[library]}\nimport os\n{forked}\n{WAITS}\n{WHERE[where]}"
    with start(program, silent_sandbox.url) as process:
        pid = int(process.stdout.readline())
        silent_sandbox.wait_for_request()
        for _ in range(2):  # A call finds out at its first whether it has to heed those that follow.
            os.kill(pid, signal.SIGUSR1)
            assert process.stdout.readline() == "goes on\n"
        signalled = time.time()
        os.kill(pid, number)
        said = process.stdout.readline().split()
        assert said, process.stderr.read()
        assert (said[0], said[2]) == (raised, "CancelledError")
        assert float(said[1]) - signalled < 0.1
        process.wait(10)


def program(library: str) -> tuple[str, str]:
    """The guide's program for this library: what patches, and the rest."""
    programs = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    (found,) = (program for program in programs if f"import {library}" in program)
    patch, rest = re.fullmatch(r"(.*?patch(?:_all)?\(\)\n)(.*)", found, re.DOTALL).groups()
    return patch, rest


TICKS = """
import {library}, time
ticks = []
def tick():
    while True:
        ticks.append(1)
        time.sleep(0.01)
{library}.spawn(tick)
time.sleep(0.05)
ticks.clear()
"""


@pytest.mark.parametrize("pool", [True, False], ids=["in the pool", "in the hub"])
@pytest.mark.parametrize("library", PATCH)
def test_other_greenlets_go_on_only_while_a_call_waits_in_the_pool(
    library: str, pool: bool, sandbox: Sandbox, python, monkeypatch
):
    monkeypatch.setenv("VERIFYSMS_URL", sandbox.url)
    monkeypatch.setenv("VERIFYSMS_API_KEY", sandbox.api_key)
    sandbox.fail_next(2, failure={"delay": 300})
    patch, rest = program(library)
    if not pool:
        rest = rest.replace("pool.apply(", "(lambda call, values: call(*values))(")
        rest = rest.replace("tpool.execute(", "(lambda call, *values: call(*values))(")
    done = python(f"{patch}\n{TICKS.format(library=library)}\n{rest}\nprint(len(ticks))")
    said, ticks = done.stdout.splitlines()
    assert said == "not verified"
    assert len(sandbox.messages()) == 1
    assert (int(ticks) >= 20) is pool
