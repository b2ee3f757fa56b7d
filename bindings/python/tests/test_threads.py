"""Other threads run while a call waits, and one client serves them all."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from conftest import TO
from sandboxes import SilentSandbox

import verifysms
from verifysms import Client
from verifysms.testing import Sandbox


@pytest.fixture
def slow_url():
    """A sandbox in a process of its own that takes 5 ms for an answer."""
    program = "import sys; from verifysms.testing import Sandbox; sandbox = Sandbox(api_key='the key');"
    program += "sandbox.fail_next(100_000, failure={'delay': 5}); print(sandbox.url, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()


def calls_per_second(client: Client, threads: int, calls: int) -> float:
    start = threading.Barrier(threads + 1)

    def work() -> None:
        start.wait()
        for _ in range(calls):
            client.send(TO)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    begun = time.perf_counter()
    for worker in workers:
        worker.join()
    return threads * calls / (time.perf_counter() - begun)


def test_8_threads_get_3_times_as_much_done_as_one(slow_url: str):
    client = Client("the key", sender="Acme", guard=None, url=slow_url)
    calls_per_second(client, 8, 5)
    one, eight = calls_per_second(client, 1, 60), calls_per_second(client, 8, 60)
    print(f"calls per second: 1 thread {one:.0f}, 8 threads {eight:.0f}")
    assert eight >= 3 * one, f"1 thread: {one:.0f}/s, 8 threads: {eight:.0f}/s"


def test_a_waiting_call_does_not_hold_the_interpreter(silent_sandbox: SilentSandbox):
    client = Client("the key", sender="Acme", url=silent_sandbox.url, timeout=30)
    outcome: list[BaseException] = []

    def call() -> None:
        try:
            client.send(TO)
        except verifysms.CancelledError as error:
            outcome.append(error)

    waiting = threading.Thread(target=call)
    waiting.start()
    silent_sandbox.wait_for_request()
    counted, until = 0, time.monotonic() + 0.2
    while time.monotonic() < until:
        counted += 1
    assert counted > 1000
    begun = time.monotonic()
    client.cancel()
    waiting.join()
    assert time.monotonic() - begun < 0.1
    assert outcome[0].reached is verifysms.Reached.UNKNOWN


def test_cancel_ends_what_is_under_way_and_nothing_later(client: Client):
    client.cancel()
    assert client.send(TO).to == TO


def test_many_threads_each_get_their_own_answer():
    with Sandbox() as sandbox, sandbox.client() as client:
        failures: list[object] = []

        def person(number: int) -> None:
            to = f"050{number:07}"
            for _ in range(10):
                if client.send(to).to != to or not client.check(to, sandbox.code(to)):
                    failures.append(to)

        people = [threading.Thread(target=person, args=(number,)) for number in range(32)]
        for someone in people:
            someone.start()
        for someone in people:
            someone.join()
        assert failures == []
        assert len(sandbox.messages()) == 320


def test_a_client_closed_by_another_thread_finishes_its_call(silent_sandbox: SilentSandbox):
    client = Client("the key", sender="Acme", url=silent_sandbox.url, timeout=0.3)
    outcome: list[BaseException] = []

    def call() -> None:
        try:
            client.send(TO)
        except verifysms.TimeoutError as error:
            outcome.append(error)

    waiting = threading.Thread(target=call)
    waiting.start()
    silent_sandbox.wait_for_request()
    client.close()
    waiting.join()
    assert len(outcome) == 1
