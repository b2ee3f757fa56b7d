"""Hold what the built libraries show against the header and the list of exports.

python3 tests/exports.py HEADER MAP SHARED STATIC
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

SIZE_LIMIT = 3_000_000
"""How large the stripped shared library may be, in bytes."""

LIBRARIES = {"libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libgcc_s.so.1"}
"""What it may need of the system."""


def output(*command: str) -> str:
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def names(text: str, pattern: str) -> set[str]:
    """All matches of a pattern's group."""
    return set(re.findall(pattern, text, re.MULTILINE))


def main() -> int:
    """Print each rule with its outcome; the exit status says whether all hold."""
    header, exports_map, shared, static = sys.argv[1:]
    declared = names(Path(header).read_text(encoding="utf-8"), r"^[a-z].*?\b(verifysms_\w+)\(")
    listed = names(Path(exports_map).read_text(encoding="utf-8"), r"^ +(verifysms_\w+);")
    definition = Path(exports_map).with_suffix(".def").read_text(encoding="utf-8")
    dynamic = output("nm", "-D", "--defined-only", shared)
    exported = names(dynamic, r" T (\w+)@@VERIFYSMS_\d+\.\d+$")
    shown = {line.split()[2] for line in dynamic.splitlines() if line.split()[1] != "A"}
    visible = names(output("nm", "-g", "--defined-only", static), r" [A-TV-Z] (\w+)$")
    section = output("readelf", "-dW", shared)
    segments = output("readelf", "-lW", shared)
    with tempfile.TemporaryDirectory() as folder:
        stripped = Path(folder, "stripped.so")
        subprocess.run(["strip", "-o", stripped, shared], check=True)
        size = stripped.stat().st_size

    rules = {
        "the header declares something": len(declared) > 0,
        "the list of exports is the header's": listed == declared,
        "so is the list for Windows": names(definition, r"^ +(verifysms_\w+)$") == declared,
        "the shared library exports them, each with a version": exported == declared,
        "the shared library exports nothing else": len(shown) == len(declared),
        "the static library shows them and nothing else": visible == declared,
        "the soname is libverifysms.so.1": "[libverifysms.so.1]" in section,
        "it needs the C library alone": names(section, r"NEEDED.*\[(.*)\]") <= LIBRARIES,
        "it is never unloaded": "NODELETE" in section,
        "its relocations are read-only": "BIND_NOW" in section and "GNU_RELRO" in segments,
        "it has no text relocations": "TEXTREL" not in section,
        "its stack is not executable": re.search(r"GNU_STACK.* RW ", segments) is not None,
        f"it has less than {SIZE_LIMIT} bytes when stripped ({size})": size < SIZE_LIMIT,
    }
    for rule, holds in rules.items():
        print("ok  " if holds else "FAIL", rule)
    failed = list(rules.values()).count(False)
    print(f"{len(rules) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
