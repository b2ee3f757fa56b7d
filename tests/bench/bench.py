"""make bench: measures the library against a bare socket and libcurl.

Prints one table a person can read. Ends with status 0 when everything was measured; with --check
also a missed goal is an error.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from prepare import GUARD, MissingToolError, prepare, stripped
from rounds import (
    BARE,
    BARE_TLS,
    CURL_FORM,
    CURL_MULTI,
    CURL_URLENCODED,
    OURS,
    UNGUARDED,
    FailedError,
    Figures,
    Load,
    Peer,
    Timings,
    allocations,
    guarded_by,
    interleaved,
    run,
    serving,
    system_calls,
)
from table import Pair, Row, duration, print_table, print_verdict

from harness.redis import Redis

QUIET_LOAD = 0.5
MANY_THREADS = 64
MORE_THREADS = 200
WAITING = 1000
CREATE_GOAL_NS = 1e6
# Few stay open after a burst.
KEPT_GOAL = 8
IDLE_GOAL_KB = 4096
# Less than a byte for every seven calls; the allocator's own unevenness is below it.
GROWTH_GOAL_KB = 128
ALLOCATIONS_GOAL = 12
SYSTEM_CALLS_GOAL = 4
FUTEX_GOAL = 0.1
WAITING_GOAL_KB = 40
WAITING_GOAL_CORE = 0.02
LIBRARY_GOAL_MB = 2.1
# What the guard may add to a call, by the store that it counts in.
GUARD_GOAL_NS = {"memory": 3e3, "a file": 15e3, "Redis on loopback": 60e3}


@dataclass(frozen=True)
class Size:
    """How long the bench runs."""

    rounds: int
    calls: int
    calls_with_threads: int
    cold_calls: int
    many_calls: int


FULL = Size(rounds=9, calls=5000, calls_with_threads=32000, cold_calls=200, many_calls=1_000_000)
QUICK = Size(rounds=3, calls=2000, calls_with_threads=12000, cold_calls=60, many_calls=100_000)
WARMUP = 300


def pair(what: str, timings: Timings, peer: Peer, figure: str, ours: Peer = OURS) -> Pair:
    """One figure of ours beside that of a peer. What is bare is held against ours without a guard."""
    return Pair(what, timings[ours][figure], timings[peer][figure], peer.name)


def one_thread(size: Size, cpu: int) -> Iterator[Row]:
    """One thread, warm connection, client and server on one core."""
    peers = [OURS, UNGUARDED, BARE, CURL_FORM, CURL_URLENCODED]
    with serving("--cpu", str(cpu)) as server:
        timings = interleaved(server, peers, Load(size.calls, WARMUP), size.rounds, cpu)
    what = "one thread: time"
    yield pair(f"{what}, no guard", timings, BARE, "call_ns", UNGUARDED).at_most(1.20)
    yield pair(what, timings, CURL_FORM, "call_ns").at_least(2.2)
    yield pair(what, timings, CURL_URLENCODED, "call_ns").at_least(1.25)
    what = "one thread: client's CPU"
    yield pair(what, timings, CURL_FORM, "cpu_ns").at_least(1)
    yield pair(what, timings, CURL_URLENCODED, "cpu_ns").at_least(1)


@contextmanager
def redis_url() -> Iterator[str]:
    """A Redis server for the guard's counts, by TCP."""
    folder = GUARD.with_name("redis")
    folder.mkdir(exist_ok=True)
    server = Redis(folder, {"appendonly": "no"})
    try:
        yield server.url
    finally:
        server.kill()


def guard_cost(size: Size, cpu: int) -> Iterator[Row]:
    """What the guard adds to a call, which counts a Send before the request and notes its end after."""
    with redis_url() as url, serving("--cpu", str(cpu)) as server:
        stores = {"memory": OURS, "a file": guarded_by(f"file:{GUARD}"), "Redis on loopback": guarded_by(url)}
        load = Load(size.calls, WARMUP)
        timings = interleaved(server, [UNGUARDED, *stores.values()], load, size.rounds, cpu)
    bare = timings[UNGUARDED]["call_ns"]
    for store, peer in stores.items():
        added, goal = timings[peer]["call_ns"].less(bare).median, GUARD_GOAL_NS[store]
        what, goal_text = f"guard in {store}: added to a call", f"at most {duration(goal)}"
        times = duration(added), duration(bare.median)
        yield Row(what, *times, UNGUARDED.name, goal=goal_text, met=added <= goal)


def some_threads(size: Size, tls: bool, goal: float) -> Iterator[Row]:
    """Threads that share one client, against a libcurl handle for each; not pinned."""
    name = "TLS, " if tls else ""
    with serving(tls=tls) as server:
        load = Load(size.calls_with_threads, WARMUP // 10, threads=8)
        timings = interleaved(server, [OURS, CURL_FORM], load, size.rounds, cpu=None)
    yield pair(f"{name}8 threads: time", timings, CURL_FORM, "wall_ns").at_least(goal)


def many_threads(size: Size, tls: bool, goal: float) -> Iterator[Row]:
    """The same for more threads than the machine runs, by what they cost once all are connected."""
    name = f"{'TLS, ' if tls else ''}{MANY_THREADS} warm threads"
    load = Load(size.calls_with_threads, WARMUP // 10, MANY_THREADS)
    with serving("--gather", str(MANY_THREADS), tls=tls) as server:
        timings = interleaved(server, [OURS, CURL_FORM], load, size.rounds, cpu=None)
    yield pair(f"{name}: client's CPU", timings, CURL_FORM, "cpu_ns").at_least(goal)
    load = replace(load, calls=4000)
    with serving("--gather", str(MANY_THREADS), tls=tls) as server:
        ours, curl = (system_calls(server, peer, load, None, "futex").total for peer in (OURS, CURL_FORM))
    goal_text, met = f"at most {FUTEX_GOAL}", ours <= FUTEX_GOAL
    yield beside(f"{name}: futex calls a call", f"{ours:.2f}", f"{curl:.2f}", goal_text, met)


def reconnects(size: Size) -> Iterator[Row]:
    """How many connections threads open that never pause together, beyond one each."""
    load = Load(size.calls_with_threads, 0, MORE_THREADS)
    with serving() as server:
        interleaved(server, [OURS], load, rounds=1, cpu=None)
    more = max(0, server.connections - MORE_THREADS)
    what = f"{MORE_THREADS} threads: connections opened again"
    yield Row(what, str(more), goal=f"at most {MANY_THREADS}", met=more <= MANY_THREADS)


def tls_one_thread(size: Size, cpu: int) -> Iterator[Row]:
    """TLS 1.3 on one core: warm, and cold with a kept or a new client for each connection."""
    pinned = ("--cpu", str(cpu))
    with serving(*pinned, tls=True) as server:
        peers = [OURS, UNGUARDED, BARE_TLS, CURL_FORM]
        timings = interleaved(server, peers, Load(size.calls, WARMUP), size.rounds, cpu)
    what = "TLS, one thread: time"
    yield pair(f"{what}, no guard", timings, BARE_TLS, "call_ns", UNGUARDED).at_most(1.10)
    yield pair(what, timings, CURL_FORM, "call_ns").at_least(1.2)
    peers = [OURS, CURL_FORM]
    with serving(*pinned, "--close", tls=True) as server:
        timings = interleaved(server, peers, Load(size.cold_calls, 10), size.rounds, cpu)
    yield pair("TLS, new connection: time", timings, CURL_FORM, "call_ns").at_least(1)
    with serving(*pinned, tls=True) as server:
        load = Load(size.cold_calls, 10, fresh=True)
        timings = interleaved(server, peers, load, size.rounds, cpu)
    yield pair("TLS, new client: time", timings, CURL_FORM, "call_ns").at_least(1)


def beside(what: str, ours: str, curl: str, goal: str, met: bool) -> Row:
    """A figure with a limit of its own, and libcurl's for a comparison."""
    return Row(what, ours, curl, CURL_FORM.name, goal=goal, met=met)


def creation() -> Iterator[Row]:
    """The first client of a process, with a CA file to load later."""
    with serving(tls=True) as server:
        ours, curl = (run(server.command(peer, "create", ["--calls", "100"])) for peer in (OURS, CURL_FORM))
    first, first_curl = ours["first_ns"], curl["first_ns"]
    met = first < CREATE_GOAL_NS
    times = duration(first), duration(first_curl)
    yield beside("creating a client: time", *times, "under 1 ms", met)
    counts = f"{ours['descriptors']:.0f}", f"{curl['descriptors']:.0f}"
    met = ours["descriptors"] == 0
    yield beside("creating a client: descriptors opened", *counts, "0", met)


def idle_connections(tls: bool) -> Iterator[Row]:
    """64 threads call at the same moment; then their connections lie idle."""
    name = f"{'TLS, ' if tls else ''}{MANY_THREADS} idle connections"
    ours, curl = (waiting_threads(peer, MANY_THREADS, tls) for peer in (OURS, CURL_FORM))
    # One connection was there before the threads began.
    kept = int(ours["descriptors"]) + 1
    yield Row(f"{name}: kept", str(kept), goal=f"at most {KEPT_GOAL}", met=kept <= KEPT_GOAL)
    grown, grown_curl = ours["grown_kb"], curl["grown_kb"]
    sizes = f"{grown:,.0f} KB", f"{grown_curl:,.0f} KB"
    yield beside(f"{name}: memory", *sizes, f"under {IDLE_GOAL_KB} KB", grown < IDLE_GOAL_KB)


def waiting_calls(tls: bool) -> Iterator[Row]:
    """What 1000 calls cost while they wait for their answers."""
    name = f"{'TLS, ' if tls else ''}{WAITING} waiting calls"
    ours, curl = (waiting_threads(peer, WAITING, tls) for peer in (OURS, CURL_FORM))
    each, each_curl = ours["waiting_kb"] / WAITING, curl["waiting_kb"] / WAITING
    sizes = f"{each:.1f} KB", f"{each_curl:.1f} KB"
    goal, met = f"at most {WAITING_GOAL_KB} KB", each <= WAITING_GOAL_KB
    yield beside(f"{name}: memory of each", *sizes, goal, met)
    core, core_curl = ours["waiting_core"], curl["waiting_core"]
    shares = f"{core:.1%}", f"{core_curl:.1%}"
    goal, met = f"at most {WAITING_GOAL_CORE:.0%}", core <= WAITING_GOAL_CORE
    yield beside(f"{name}: of a core", *shares, goal, met)


def waiting_threads(peer: Peer, threads: int, tls: bool) -> Figures:
    """Threads whose calls wait until all of them, and then the main thread, have asked."""
    with serving("--gather", str(threads + 1), tls=tls) as server:
        server.expected = threads + 2
        return run(server.command(peer, "idle", ["--threads", str(threads)]))


def in_flight(size: Size, tls: bool) -> Iterator[Row]:
    """Calls of one thread that are under way together."""
    load = Load(size.calls_with_threads, 2, WAITING, what="flight")
    with serving(tls=tls) as server:
        timings = interleaved(server, [OURS, CURL_MULTI], load, size.rounds, cpu=None)
    what = f"{'TLS, ' if tls else ''}{WAITING} in flight: time"
    yield pair(what, timings, CURL_MULTI, "wall_ns").at_least(1)


def library_size() -> Iterator[Row]:
    """The shared library as it is installed, without the names that only a debugger wants."""
    size = stripped().stat().st_size / 1e6
    goal, met = f"at most {LIBRARY_GOAL_MB} MB", size <= LIBRARY_GOAL_MB
    yield Row("shared library: size", f"{size:.2f} MB", goal=goal, met=met)


def growth(size: Size, cpu: int) -> Iterator[Row]:
    """Memory after many calls against memory after a thousand."""
    with serving("--cpu", str(cpu)) as server:
        arguments = ["--calls", str(size.many_calls), "--cpu", str(cpu)]
        grown = run(server.command(OURS, "growth", arguments))["grown_kb"]
        server.expected = size.many_calls
    what = f"{size.many_calls:,} calls: memory grown since 1,000"
    goal, met = f"under {GROWTH_GOAL_KB} KB", grown < GROWTH_GOAL_KB
    yield Row(what, f"{grown:,.0f} KB", goal=goal, met=met)


def cost_of_a_call(cpu: int) -> Iterator[Row]:
    """What a warm call asks of the kernel and of the heap."""
    load = Load(calls=400, warmup=20)
    with serving("--cpu", str(cpu)) as server:
        ours, curl = (system_calls(server, peer, load, cpu) for peer in (OURS, CURL_FORM))
        heap, heap_curl = (allocations(server, peer, load) for peer in (OURS, CURL_FORM))
    names = ", ".join(f"{name} {count:g}" for name, count in ours.per_call.items())
    counts = f"{ours.total:.2f}", f"{curl.total:.2f}"
    goal, met = f"at most {SYSTEM_CALLS_GOAL}", ours.total <= SYSTEM_CALLS_GOAL
    yield beside(f"warm call: system calls ({names})", *counts, goal, met)
    what, started = f"{load.calls} warm calls: threads started", ours.threads_started
    yield Row(what, str(started), goal="0", met=started == 0)
    counts = f"{heap:.2f}", f"{heap_curl:.2f}"
    goal, met = f"at most {ALLOCATIONS_GOAL}", heap <= ALLOCATIONS_GOAL
    yield beside("warm call: heap allocations", *counts, goal, met)


def all_rows(size: Size, cpu: int) -> Iterator[Row]:
    """The whole bench, in the order of the table."""
    yield from one_thread(size, cpu)
    yield from guard_cost(size, cpu)
    yield from some_threads(size, tls=False, goal=2.0)
    yield from many_threads(size, tls=False, goal=2.0)
    yield from reconnects(size)
    yield from tls_one_thread(size, cpu)
    yield from some_threads(size, tls=True, goal=1.2)
    yield from many_threads(size, tls=True, goal=1.2)
    yield from creation()
    yield from library_size()
    yield from cost_of_a_call(cpu)
    for tls in (False, True):
        yield from in_flight(size, tls)
        yield from waiting_calls(tls)
        yield from idle_connections(tls)
    yield from growth(size, cpu)


def parse_arguments() -> argparse.Namespace:
    """What the caller wants."""
    parser = argparse.ArgumentParser(description="Measure the library against a bare socket and libcurl.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and calls, under a minute")
    parser.add_argument("--check", action="store_true", help="end with status 1 when a goal is missed")
    parser.add_argument("--calls", type=int, help="how many calls the memory must survive (default 1000000)")
    last_core = max(os.sched_getaffinity(0))
    parser.add_argument(
        "--cpu", type=int, default=last_core, help="the core for the pinned figures (the last one)"
    )
    return parser.parse_args()


def main() -> int:
    """Measure, print, say how many goals were missed."""
    arguments = parse_arguments()
    size = QUICK if arguments.quick else FULL
    if arguments.calls:
        size = replace(size, many_calls=arguments.calls)
    try:
        prepare()
        load = os.getloadavg()[0]
        if load > QUIET_LOAD:
            print(f"The machine is busy (load {load:.1f}): the figures are worth less.\n")
        rows = list(all_rows(size, arguments.cpu))
    except (MissingToolError, FailedError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 2
    print_table(rows)
    missed = print_verdict([row.met for row in rows])
    return 1 if missed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
