"""What people wait for, in round trips, behind a network with a delay.

    python3 tests/bench/round_trips.py [--quick] [--check]

Prints one table: the steps of a sign-up as they come in life, for the library, for a libcurl handle
that is kept, and for a requests session, all in one run. Ends with status 0 when everything was
measured; with --check also a missed goal is an error.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from prepare import HERE, OUT, ROOT, MissingToolError, peers_python, prepare
from table import print_columns, print_verdict, verdict

sys.path.append(str(ROOT / "tests"))

from harness import delayed_network
from harness.delayed_network import (
    CLOSED,
    CLOSED_TLS12,
    DEAD_IPV6,
    KEPT,
    NO_AAAA,
    PLAIN,
    ROUND_TRIP_MS,
    Flow,
    Step,
)
from harness.namespaces import is_isolated, isolate

APART = 0.1
LEGEND = f"""
In round trips of {ROUND_TRIP_MS:g} ms: a name, TCP, TLS 1.3 and a request take one each."""
PEERS = {
    "ours": [str(OUT / "ours")],
    "libcurl, handle kept": [str(OUT / "curl")],
    "requests.Session": [str(peers_python()), str(HERE / "requests_flow.py")],
}
TAKE = {"connect": Flow.connect, "send": Flow.send, "check": Flow.check}


@dataclass(frozen=True)
class Case:
    """Steps, or the second after the one before at which the next begins; the last one counts."""

    what: str
    steps: Sequence[str | int]
    goal: int
    more_ms: int = 0
    port: int = KEPT
    ipv6: str = PLAIN

    @property
    def goal_text(self) -> str:
        """As the table has it."""
        return f"at most {self.goal}" + (f" and {self.more_ms} ms" if self.more_ms else "")

    def met(self, step: Step) -> bool:
        """Whether the last step cost no more."""
        least = step._replace(ms=step.ms - self.more_ms)
        return step.outcome == "OK" and least.round_trips <= self.goal


def cases(quick: bool) -> list[Case]:
    """The lines of the table."""
    idle = (6,) if quick else (5, 30, 60)
    again = ("send", "send")
    made = [
        Case("first Send", ("send",), 4),
        *(Case(f"Send {n} s after connect", ("connect", n, "send"), 1) for n in idle),
        *(Case(f"Check {n} s after the Send", ("send", n, "check"), 1) for n in idle),
        Case("second connection", again, 3, port=CLOSED),
        Case("second connection, TLS 1.2", again, 3, port=CLOSED_TLS12),
        Case("dead IPv6 address, first Send", ("send",), 4, 250, ipv6=DEAD_IPV6),
        Case("dead IPv6 address, second connection", again, 3, port=CLOSED, ipv6=DEAD_IPV6),
        Case("AAAA unanswered, first Send", ("send",), 4, 50, ipv6=NO_AAAA),
    ]
    if not quick:
        forgotten = ("send", "forget", 60, "check")
        made.append(Case("Check 60 s after the Send, connection forgotten", forgotten, 4))
    return made


def take(case: Case, flow: Flow) -> Step:
    """Take all steps of a line with one client; how the last one ended."""
    begun = time.monotonic()
    for step in case.steps:
        if step == "forget":
            flow.forget()
        elif isinstance(step, int):
            time.sleep(max(0.0, begun + step - time.monotonic()))
        else:
            begun, ended = time.monotonic(), TAKE[step](flow)
            if ended.unknown:
                break
    return ended


def begin(pool: ThreadPoolExecutor, case: Case, flow: Flow) -> Future[Step]:
    """Take the steps beside all others."""
    time.sleep(APART)
    return pool.submit(take, case, flow)


def cell(step: Step) -> str:
    """How the last step of a line ended, as the table has it."""
    if step.unknown:
        return "-"
    took = f"{step.ms:,.0f} ms"
    return f"{step.round_trips} ({took})" if step.outcome == "OK" else f"{step.outcome} ({took})"


def measure(quick: bool) -> int:
    """Measure and print; how many goals were missed."""
    lines, met = [["round trips", *PEERS, "goal", "met"]], []
    wanted = cases(quick)
    with delayed_network.network(ROOT / "target/release/verifysms") as network, ExitStack() as stack:
        # All are there before the first one calls, and they begin one after the other: none takes
        # the processor from another.
        flows = [
            [stack.enter_context(network.flow(peer, case.port, case.ipv6)) for peer in PEERS.values()]
            for case in wanted
        ]
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=len(wanted) * len(PEERS)))
        steps = [
            [begin(pool, case, flow) for flow in of_case] for case, of_case in zip(wanted, flows, strict=True)
        ]
        for case, of_case in zip(wanted, steps, strict=True):
            ended = [step.result() for step in of_case]
            met.append(case.met(ended[0]))
            lines.append([case.what, *map(cell, ended), case.goal_text, verdict(met[-1])])
    print_columns(lines)
    print(LEGEND)
    return print_verdict(met)


def main() -> int:
    """Prepare outside of the network, measure inside."""
    parser = argparse.ArgumentParser(description="Measure what people wait for, in round trips.")
    parser.add_argument("--quick", action="store_true", help="wait 6 s and not 60")
    parser.add_argument("--check", action="store_true", help="a missed goal is an error")
    # The bench beside this one knows more arguments.
    arguments, _ = parser.parse_known_args()
    if is_isolated():
        return 1 if measure(arguments.quick) and arguments.check else 0
    try:
        prepare()
        isolate()
    except MissingToolError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
