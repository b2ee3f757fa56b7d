"""Drop the files of vendored crates that packagers' tools take for leftovers, such as Cargo.toml.orig.

    python3 src/capi/install/leftovers.py VENDOR

dh_clean(1) deletes them, and cargo refuses a crate that lacks a file of its list: they go out of both.
No build reads them.
"""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatch
from pathlib import Path

LEFTOVERS = ("*.orig", "*.rej", "*.bak", "*~", "#*#", ".*.orig", ".*.rej", ".SUMS", "TAGS", "DEADJOE", "*.P")
"""What dh_clean deletes wherever it lies."""


def main() -> int:
    """Clean every crate."""
    for listed in Path(sys.argv[1]).glob("*/.cargo-checksum.json"):
        checksums = json.loads(listed.read_text(encoding="utf-8"))
        for name in [*checksums["files"]]:
            if any(fnmatch(Path(name).name, pattern) for pattern in LEFTOVERS):
                (listed.parent / name).unlink()
                del checksums["files"][name]
        listed.write_text(json.dumps(checksums, separators=(",", ":")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
