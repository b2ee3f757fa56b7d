"""Measure the installed wheel against the C functions, requests, httpx and aiohttp, with one server.

    python bindings/python/bench/compare.py [--quick] [--check]

Uses the server, the C peer and the table of tests/bench. Ends with status 0 when everything was measured; with --check
also a missed goal is an error.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tests" / "bench"), str(HERE.parent / "tools")]

from build import build  # noqa: E402
from environments import MissingError, pip  # noqa: E402
from prepare import HERE as BENCH  # noqa: E402
from prepare import OUT, MissingToolError, peers_python, prepare  # noqa: E402
from rounds import OURS, FailedError, Figures, Load, Peer, interleaved, run, serving  # noqa: E402
from table import Pair, Row, print_table, print_verdict  # noqa: E402

# How many times ours a peer takes at least, and how many times the C functions' time ours is at most.
GOALS = {"requests": 15.0, "httpx": 10.0}
C_GOAL = 1.3
LOADS = {"full": (9, Load(calls=3000, warmup=300)), "quick": (3, Load(calls=1000, warmup=100))}
# Calls that are awaited together, of a service that takes its time.
SERVICE_MS = 50
AWAITS, MOST_AWAITS = 1000, 10_000
AWAITS_GOAL, LAG_GOAL_MS = 10_000, 50
IMPORTS, IMPORT_GOAL_MS = 15, 10


def python_peer(client: str) -> Peer:
    """Make a program of the bench that runs the Python peer."""
    program = OUT / f"python-{client}"
    program.write_text(f'#!/bin/sh\nexec "{peers_python()}" "{HERE / "peer.py"}" {client} "$@"\n')
    program.chmod(0o755)
    return Peer(client, program.name)


def one_call_at_a_time(size: str, cpu: int) -> list[Row]:
    """Measure all peers in turn, on one core."""
    package, *others = (python_peer(client) for client in ("verifysms", *GOALS))
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


def awaited(client: str, awaits: int, calls: int) -> Figures:
    """Measure coroutines that call one time after the other."""
    with serving("--delay-ms", str(SERVICE_MS)) as server:
        server.expected = awaits * (calls + 1)
        numbers = ["--port", server.port, "--awaits", str(awaits), "--calls", str(calls)]
        return run([str(peers_python()), str(BENCH / "awaits.py"), client, *numbers])


def many_awaits(size: str) -> list[Row]:
    """Measure the event loop's clients, not pinned."""
    calls = 20 if size == "full" else 5
    what = f"asyncio, {AWAITS:,} awaits of {SERVICE_MS} ms: calls a second"
    ours, peer = (awaited(client, AWAITS, calls) for client in ("verifysms", "aiohttp"))
    speed, speed_of_peer = ours["calls_a_second"], peer["calls_a_second"]
    texts = f"{speed:,.0f}", f"{speed_of_peer:,.0f}", "aiohttp", f"{speed / speed_of_peer:.2f}"
    rows = [Row(what, *texts, goal=f"at least {AWAITS_GOAL:,}", met=speed >= AWAITS_GOAL)]
    what = f"asyncio, {MOST_AWAITS:,} awaits of {SERVICE_MS} ms"
    ours, peer = (awaited(client, MOST_AWAITS, calls=2) for client in ("verifysms", "aiohttp"))
    for figure, name, unit, limit in (("failed", "failures", "", 0), ("lag_ms", "the loop's lag", " ms", LAG_GOAL_MS)):
        figures = f"{ours[figure]:,.0f}{unit}", f"{peer[figure]:,.0f}{unit}", "aiohttp"
        rows.append(Row(f"{what}: {name}", *figures, goal=f"at most {limit}{unit}", met=ours[figure] <= limit))
    return rows


def processor_ms(program: str) -> float:
    """Run an interpreter with a program: its processor time, so that other load does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(peers_python()), "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def importing() -> Row:
    """Measure what an import adds to a bare interpreter."""
    programs = "pass", "import verifysms", "import requests"
    rounds = [[processor_ms(program) for program in programs] for _ in range(IMPORTS)]
    bare, ours, peer = (min(times) for times in zip(*rounds, strict=True))
    added, added_by_peer = ours - bare, peer - bare
    texts = f"{added:.1f} ms", f"{added_by_peer:.1f} ms", "requests", f"{added_by_peer / added:.2f}"
    return Row("Python, import: time", *texts, goal=f"at most {IMPORT_GOAL_MS} ms", met=added <= IMPORT_GOAL_MS)


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
        pip(peers_python(), "--no-index", "--no-deps", "--force-reinstall", wheel)
        size = "quick" if arguments.quick else "full"
        made = [*one_call_at_a_time(size, arguments.cpu), *many_awaits(size), importing()]
    except (MissingError, MissingToolError, FailedError, subprocess.SubprocessError) as error:
        print(error, file=sys.stderr)
        return 2
    print_table(made)
    missed = print_verdict([row.met for row in made])
    return 1 if missed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
