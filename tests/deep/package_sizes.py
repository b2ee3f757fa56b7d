"""How much of the library each package is, by the sizes of its symbols."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from harness.tools import need, run

_MANGLED = re.compile(r"_ZN(\d+)(\S*)")
_TYPE = re.compile(r"(?:\$LT\$|\$RF\$|mut\$u20\$|\$u5b\$)+([a-z]\w*?)\.\.")
_LIBRARY_NAMES = {"rustls-webpki": "webpki"}


def _owner(symbol: str) -> str:
    """The package that a symbol is of, by the name of its library."""
    if symbol.startswith("_R"):
        return "std"  # Rust's own library alone is built with the newer names.
    mangled = _MANGLED.match(symbol)
    if mangled is None:
        return "verifysms" if symbol.startswith("verifysms_") else "ring"  # ring's C and assembler
    first = mangled[2][: int(mangled[1])]
    if not first.startswith("_"):
        return first
    of_type = _TYPE.search(first)
    return of_type[1] if of_type else "std"


def by_library(object_file: Path) -> Counter[str]:
    """The bytes of code and named data of each package."""
    weights: Counter[str] = Counter()
    for line in run(need("nm", "binutils"), "-S", object_file).splitlines():
        match line.split():
            case [_, size, kind, symbol] if kind not in "bB":
                weights[_owner(symbol)] += int(size, 16)
    return weights


def _reached(needs: dict[str, list[str]], start: str, without: str = "") -> set[str]:
    """Everything that a component needs, or would if there were not one of these."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for one in needs.get(waiting.pop(), []):
            if one != without and one not in seen:
                seen.add(one)
                waiting.append(one)
    return seen


def by_dependency(bill: Path, weights: Counter[str], names: Iterable[str]) -> dict[str, int]:
    """The bytes of each direct dependency and of what only it brings."""
    content = json.loads(bill.read_text(encoding="utf-8"))
    needs = {one["ref"]: one["dependsOn"] for one in content["dependencies"]}
    root = content["metadata"]["component"]["bom-ref"]
    inside = {one["bom-ref"]: one["name"] for one in content["components"] if one["scope"] == "required"}
    everything = _reached(needs, root)

    def weight(name: str) -> int:
        (ref,) = (one for one in needs[root] if inside.get(one) == name)
        gone = {inside[one] for one in everything - _reached(needs, root, ref) if one in inside}
        return sum(weights[_LIBRARY_NAMES.get(one, one).replace("-", "_")] for one in gone)

    return {name: weight(name) for name in names}
