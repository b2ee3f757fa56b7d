"""The peer that Python programs have: a requests session takes the steps of a sign-up.

    python requests_flow.py --url URL --ca FILE flow

Its lines are those of the peers written in C: see peer.c.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import import_module
from typing import Any

# By its name, so that the sources can be checked where it is not installed.
requests: Any = import_module("requests")

TIMEOUTS = (10, 30)
"""To connect and to answer, in seconds; of itself requests waits for ever."""
API_KEY, SENDER = "0123456789abcdef0123456789abcdef", "Acme"


class Peer:
    """A session and the address that it calls."""

    def __init__(self, url: str, ca_file: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca_file

    def take(self, line: str) -> str:
        """Take a step; how it ended."""
        match line.split():
            case ["send", to]:
                fields = {"apiKey": API_KEY, "to": to, "from": SENDER}
            case ["check", to, code]:
                fields = {"apiKey": API_KEY, "to": to, "code": code}
            case _:
                return "no such function"
        form = {name: (None, value) for name, value in fields.items()}
        try:
            self._session.post(self._url, files=form, timeout=TIMEOUTS).raise_for_status()
        except requests.RequestException as error:
            return type(error).__name__
        return "OK"


def main() -> None:
    """Take the steps that standard input names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--ca", required=True)
    parser.add_argument("what", choices=["flow"])
    arguments = parser.parse_args()
    peer = Peer(arguments.url, arguments.ca)
    print("ready", flush=True)
    for line in sys.stdin:
        begun = time.perf_counter()
        outcome = peer.take(line)
        ms = (time.perf_counter() - begun) * 1000
        print(json.dumps({"ms": ms, "outcome": outcome, "reached": -1}), flush=True)


if __name__ == "__main__":
    main()
