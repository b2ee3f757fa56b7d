"""Measure the installed wheel against the C functions, requests and httpx, on one core and with one server.

    python bindings/python/bench/compare.py [--quick] [--check]

Uses the server, the C peer and the table of tests/bench. Ends with status 0 when everything was measured; with --check
also a missed goal is an error.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tests" / "bench"), str(HERE.parent / "tools")]

from build import build  # noqa: E402
from environments import MissingError, download, fresh, pip  # noqa: E402
from rounds import OURS, FailedError, Load, Peer, interleaved, serving  # noqa: E402
from table import Pair, Row, print_table, print_verdict  # noqa: E402
from workshop import OUT, prepare  # noqa: E402
from workshop import MissingError as NotPreparedError  # noqa: E402

# How many times ours a peer takes at least, and how many times the C functions' time ours is at most.
GOALS = {"requests": 15.0, "httpx": 10.0}
C_GOAL = 1.3
LOADS = {"full": (9, Load(calls=3000, warmup=300)), "quick": (3, Load(calls=1000, warmup=100))}


def python_peer(python: Path, client: str) -> Peer:
    """Make a program of the bench that runs the Python peer."""
    program = OUT / f"python-{client}"
    program.write_text(f'#!/bin/sh\nexec "{python}" "{HERE / "peer.py"}" {client} "$@"\n')
    program.chmod(0o755)
    return Peer(client, program.name)


def rows(python: Path, size: str, cpu: int) -> list[Row]:
    """Measure all peers in turn."""
    package, *others = (python_peer(python, client) for client in ("verifysms", *GOALS))
    rounds, load = LOADS[size]
    with serving("--cpu", str(cpu)) as server:
        timings = interleaved(server, [package, OURS, *others], load, rounds, cpu)
    what = "Python, one thread: time"
    ours = timings[package]["call_ns"]
    against_c = Pair(what, ours, timings[OURS]["call_ns"], "C functions").at_most(C_GOAL)
    against_others = [
        Pair(what, ours, timings[peer]["call_ns"], peer.name).at_least(GOALS[peer.name]) for peer in others
    ]
    return [against_c, *against_others]


def main() -> int:
    """Measure, print, say how many goals were missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    parser.add_argument("--check", action="store_true", help="a missed goal is an error")
    parser.add_argument("--cpu", type=int, default=0, help="the core that client and server share")
    # The bench beside this one knows more arguments.
    arguments, _ = parser.parse_known_args()
    try:
        prepare()
        wheel, _ = build()
        python = fresh(ROOT / "target" / "python-environments" / "bench")
        download(python, HERE / "requirements.txt")
        pip(python, "--no-index", wheel)
        made = rows(python, "quick" if arguments.quick else "full", arguments.cpu)
    except (MissingError, NotPreparedError, FailedError, subprocess.SubprocessError) as error:
        print(error, file=sys.stderr)
        return 2
    print_table(made)
    missed = print_verdict([row.met for row in made])
    return 1 if missed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
