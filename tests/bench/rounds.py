"""Runs the server and the peers, each in a process of its own. Knows nothing of goals."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from prepare import CA, CERTIFICATE, COUNTER, KEY, OUT

LONGEST_SECONDS = 120
# Proxies and certificates of the surroundings must not change what is measured.
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
STARTS_A_THREAD = {"clone", "clone3", "fork", "vfork"}

Figures = dict[str, float]


@dataclass(frozen=True)
class Peer:
    """A program of the bench and what makes it this peer."""

    name: str
    program: str
    arguments: tuple[str, ...] = ()


OURS = Peer("ours", "ours")
UNGUARDED = Peer("no guard", "ours", ("--guard", "none"))
BARE = Peer("bare socket", "bare")
BARE_TLS = Peer("bare OpenSSL", "bare")
CURL_FORM = Peer("libcurl form-data", "curl")
CURL_URLENCODED = Peer("libcurl urlencoded", "curl", ("--urlencoded",))
CURL_MULTI = Peer("libcurl multi", "multi")


def guarded_by(store: str) -> Peer:
    """Ours, which counts in another store than memory."""
    return Peer(f"ours, {store}", "ours", ("--guard", store))


class FailedError(Exception):
    """A program of the bench ended badly, or the server saw something else than the peers claim."""


@dataclass
class Server:
    """The server's process, and how many requests it must see."""

    tls: bool
    port: str
    expected: int = 0
    connections: int = 0
    """How many the server has seen, once it has ended."""

    def command(self, peer: Peer, what: str, arguments: Sequence[str]) -> list[str]:
        """The command line that measures this peer against this server."""
        tls = ["--ca", str(CA)] if self.tls else []
        return [str(OUT / peer.program), "--port", self.port, *tls, *peer.arguments, *arguments, what]


@contextmanager
def serving(*arguments: str, tls: bool = False) -> Iterator[Server]:
    """Let the server run for a while, then compare what it saw with what was asked of it."""
    files = ["--cert", str(CERTIFICATE), "--key", str(KEY)] if tls else []
    command = [str(OUT / "server"), *files, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=ENVIRONMENT) as process:
        assert process.stdout
        server = Server(tls, process.stdout.readline().strip())
        # The server ends when its standard input closes, which leaving the block does too.
        yield server
        seen, _ = process.communicate(timeout=LONGEST_SECONDS)
    saw = json.loads(seen)
    server.connections = saw["connections"]
    if saw["requests"] != server.expected:
        raise FailedError(f"the server saw {saw['requests']} requests, not {server.expected}")


def run(command: Sequence[str], **environment: str) -> Figures:
    """One process of a peer: the line it prints."""
    environment = ENVIRONMENT | environment
    done = subprocess.run(
        command, capture_output=True, check=False, text=True, timeout=LONGEST_SECONDS, env=environment
    )
    if done.returncode:
        raise FailedError(f"{' '.join(command)}\n{done.stderr.strip()}")
    figures: Figures = json.loads(done.stdout)
    return figures


@dataclass(frozen=True)
class Load:
    """How a peer is called in a timed run."""

    calls: int
    warmup: int
    threads: int = 1
    fresh: bool = False
    what: str = "time"

    def arguments(self) -> list[str]:
        """As the peers take it."""
        numbers = ["--calls", str(self.calls), "--warmup", str(self.warmup), "--threads", str(self.threads)]
        return [*numbers, "--fresh"] if self.fresh else numbers

    def requests(self) -> int:
        """What the server must see of it."""
        return self.calls + self.warmup * self.threads


@dataclass(frozen=True)
class Timing:
    """One figure of one peer over all rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, as a part of the median."""
        first, _, third = statistics.quantiles(self.values, n=4, method="inclusive")
        return (third - first) / 2 / self.median if self.median else 0.0

    def over(self, other: Timing) -> Timing:
        """Divide by another peer's figure, each by that of the same round."""
        return Timing(tuple(a / b for a, b in zip(self.values, other.values, strict=True)))

    def less(self, other: Timing) -> Timing:
        """What it is more than another peer's figure, each than that of the same round."""
        return Timing(tuple(a - b for a, b in zip(self.values, other.values, strict=True)))


Timings = dict[Peer, dict[str, Timing]]


def interleaved(server: Server, peers: Sequence[Peer], load: Load, rounds: int, cpu: int | None) -> Timings:
    """Every peer once a round, another one first each time."""
    pinned = [] if cpu is None else ["--cpu", str(cpu)]
    seen: dict[Peer, list[Figures]] = {peer: [] for peer in peers}
    for turn in range(rounds):
        first = turn % len(peers)
        for peer in [*peers[first:], *peers[:first]]:
            seen[peer].append(run(server.command(peer, load.what, [*load.arguments(), *pinned])))
            server.expected += load.requests()
    return {
        peer: {name: Timing(tuple(figures[name] for figures in all_figures)) for name in all_figures[0]}
        for peer, all_figures in seen.items()
    }


def allocations(server: Server, peer: Peer, load: Load) -> float:
    """Heap allocations a warm call."""
    server.expected += load.requests()
    return run(server.command(peer, "time", load.arguments()), LD_PRELOAD=str(COUNTER))["allocations"]


@dataclass(frozen=True)
class SystemCalls:
    """What a warm call asks of the kernel."""

    per_call: dict[str, float]
    threads_started: int

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.per_call.values())


def system_calls(server: Server, peer: Peer, load: Load, cpu: int | None, only: str = "all") -> SystemCalls:
    """Counts what strace shows between the two marks of a timed run."""
    server.expected += load.requests()
    log = OUT / "strace.log"
    pinned = [] if cpu is None else ["--cpu", str(cpu)]
    traced = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={only},getppid"]
    run([*traced, "-o", str(log), *server.command(peer, "time", [*load.arguments(), *pinned])])
    names = re.findall(r"^\d+ +(\w+)\(", log.read_text(errors="replace"), re.MULTILINE)
    start = names.index("getppid")
    counted = Counter(names[start + 1 : names.index("getppid", start + 1)])
    # The meeting of the threads at the marks is the bench's own and happens once, not once a call.
    per_call = {name: count / load.calls for name, count in counted.items() if count >= load.calls / 20}
    return SystemCalls(per_call, sum(counted[name] for name in STARTS_A_THREAD))
