"""The lines of the table, and how a person reads them. Knows nothing of how a figure came about."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from rounds import Timing

HEADINGS = ("what", "ours", "peer", "", "ratio", "spread", "goal", "met")
LEGEND = """
Times are medians of the rounds. ratio: the peer's time divided by ours, or against what is bare
ours divided by the peer's, the median of the rounds' ratios. spread: half the distance between the
quartiles of these. The guard of ours is on, unless a line says otherwise: it counts in memory as it
does by default, with limits that are out of the way, since all calls are about a few numbers."""


@dataclass(frozen=True)
class Row:
    """A line of the table, its fields in the order of the headings."""

    what: str
    ours: str
    peer: str = ""
    peer_name: str = ""
    ratio: str = ""
    spread: str = ""
    goal: str = "-"
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """Every field as text."""
        *texts, met = astuple(self)
        return (*texts, verdict(met))


def verdict(met: bool | None) -> str:
    """Whether a goal is met, as the tables say it."""
    return {True: "yes", False: "NO", None: "-"}[met]


def duration(ns: float) -> str:
    """As a person reads it."""
    return f"{ns / 1e6:.2f} ms" if ns >= 1e6 else f"{ns / 1e3:.1f} µs"


@dataclass(frozen=True)
class Pair:
    """The time of ours and that of a peer."""

    what: str
    ours: Timing
    peer: Timing
    peer_name: str

    def at_least(self, goal: float) -> Row:
        """How many times ours the peer takes: it should be slower."""
        ratio = self.peer.over(self.ours)
        return self._row(ratio, f"at least {goal:g}", ratio.median >= goal)

    def at_most(self, goal: float) -> Row:
        """How many times the peer's time ours is: nobody can be faster than this peer."""
        ratio = self.ours.over(self.peer)
        return self._row(ratio, f"at most {goal:g}", ratio.median <= goal)

    def _row(self, ratio: Timing, goal: str, met: bool) -> Row:
        spread = f"±{100 * ratio.spread:.1f} %"
        times = duration(self.ours.median), duration(self.peer.median)
        return Row(self.what, *times, self.peer_name, f"{ratio.median:.2f}", spread, goal, met)


def print_columns(table: Sequence[Sequence[str]]) -> None:
    """Lines whose columns are as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


def print_table(rows: Sequence[Row]) -> None:
    """All rows below the headings, and what these mean."""
    print_columns([HEADINGS, *(row.cells() for row in rows)])
    print(LEGEND)


def print_verdict(met: Sequence[bool | None]) -> int:
    """How many of the goals were missed, printed too; None is no goal."""
    missed = met.count(False)
    print(f"\n{missed} of {len(met) - met.count(None)} goals missed.")
    return missed
