"""One peer of the Python bench: sends one code again and again, and prints how long a call took.

python peer.py CLIENT --port PORT [--cpu CPU] --calls N --warmup N --threads 1 time

CLIENT is verifysms, requests or httpx. The other arguments are those of the peers written in C.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

API_KEY, SENDER, PHONE = "0123456789abcdef0123456789abcdef", "Acme", "0501234567"
FIELDS = {"apiKey": API_KEY, "from": SENDER, "to": PHONE}


def verifysms_call(url: str) -> Callable[[], None]:
    """Make a call of this package."""
    import verifysms

    # All calls are about one number: the guard counts them, and refuses none.
    limit = verifysms.Limit
    limits = {limit.COOLDOWN: (0, 0), limit.SENDS_NUMBER: (65535, 1), limit.SENDS_NUMBER_DAY: (65535, 1)}
    client = verifysms.Client(API_KEY, sender=SENDER, url=url, proxy="", limits=limits)

    def call() -> None:
        client.send(PHONE)

    return call


def requests_call(url: str) -> Callable[[], None]:
    """Make the same call as somebody writes it with requests."""
    import requests

    session = requests.Session()
    session.trust_env = False
    form = {name: (None, value) for name, value in FIELDS.items()}

    def call() -> None:
        answer = session.post(url, files=form, timeout=30)
        answer.raise_for_status()
        assert answer.json()["status"] == "OK"

    return call


def httpx_call(url: str) -> Callable[[], None]:
    """Make the same call as somebody writes it with httpx."""
    import httpx

    client = httpx.Client(trust_env=False, timeout=30)
    form = {name: (None, value) for name, value in FIELDS.items()}

    def call() -> None:
        answer = client.post(url, files=form)
        answer.raise_for_status()
        assert answer.json()["status"] == "OK"

    return call


CLIENTS = {"verifysms": verifysms_call, "requests": requests_call, "httpx": httpx_call}


def main() -> None:
    """Call and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cpu", type=int)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--warmup", type=int, required=True)
    parser.add_argument("--threads", type=int, choices=[1])
    parser.add_argument("what", choices=["time"])
    arguments = parser.parse_args()
    if arguments.cpu is not None:
        os.sched_setaffinity(0, {arguments.cpu})
    call = CLIENTS[arguments.client](f"http://127.0.0.1:{arguments.port}/sms/verifySMS")
    for _ in range(arguments.warmup):
        call()
    took = []
    clock = time.perf_counter_ns
    cpu = time.process_time_ns()
    begun = before = clock()
    for _ in range(arguments.calls):
        call()
        after = clock()
        took.append(after - before)
        before = after
    wall, cpu = clock() - begun, time.process_time_ns() - cpu
    figures = {
        "call_ns": statistics.median(took),
        "wall_ns": wall / arguments.calls,
        "cpu_ns": cpu / arguments.calls,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
