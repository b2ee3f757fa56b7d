"""Hold the ABI against the released one, which is recorded beside this file.

    python3 tests/abi/released.py    records what was added; refuses if anything else happened

The ABI is what a C compiler makes of the header and the list of exports: libabigail describes a
library of empty functions with these types and symbol versions. That the real library is what the
header says is not asked here; the header is made from its source, and tests/abi/test_exports.py reads its
symbols.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))

from harness.tools import ROOT, need, run

HERE = Path(__file__).resolve().parent

HEADER = ROOT / "include" / "verifysms.h"
EXPORTS = ROOT / "src" / "capi" / "exports.map"
SONAME = "libverifysms.so.1"
DESCRIPTION = ["--no-show-locs", "--no-corpus-path", "--no-comp-dir-path"]

ADVICE = {
    "more": """\
Nothing was removed or changed, but something was added that is not recorded:
append functions to src/capi/exports.map in the node of the coming version, then `make record-abi`.
include/ABI.md says what may be added.""",
    "broken": """\
The ABI that was released is not the ABI of this source. Programs in the field would break:
put back what was removed or changed, and add something new beside it (include/ABI.md).""",
}


class Interface(NamedTuple):
    """The sources of an ABI."""

    header: str
    exports: str

    @classmethod
    def current(cls) -> Interface:
        """Those of the working tree."""
        return cls(HEADER.read_text(encoding="utf-8"), EXPORTS.read_text(encoding="utf-8"))

    def constants(self) -> dict[str, str]:
        """Every number of the header by its name, but for the version, which changes."""
        return dict(re.findall(r"^#define (VERIFYSMS_(?!VERSION_)\w+) (-?\d+)$", self.header, re.MULTILINE))

    def describe(self, folder: Path) -> Path:
        """A file with libabigail's description."""
        (folder / "verifysms.h").write_text(self.header, encoding="utf-8")
        (folder / "exports.map").write_text(self.exports, encoding="utf-8")
        prototypes = re.findall(r"^(\w[\w *]*?verifysms_\w+\([^;]*\));", self.header, re.MULTILINE)
        bodies = "".join(f"{prototype}\n{{\n    abort();\n}}\n" for prototype in prototypes)
        (folder / "empty.c").write_text(
            f'#include "verifysms.h"\n#include <stdlib.h>\n{bodies}', encoding="utf-8"
        )
        compiler = [*os.environ.get("CC", "cc").split(), "-g", "-shared", "-fPIC"]
        linker = f"-Wl,-soname,{SONAME},--version-script,exports.map"
        # Names without their folder, so that the description is the same everywhere.
        run(*compiler, linker, "-o", SONAME, "empty.c", cwd=folder)
        abidw = need("abidw", "abigail-tools")
        run(abidw, *DESCRIPTION, "--out-file", "verifysms.abi", SONAME, cwd=folder)
        return folder / "verifysms.abi"


def compare(interface: Interface, folder: Path) -> tuple[str, str]:
    """Whether an interface is the recorded one: same, more or broken; and the differences."""
    released = HERE / "verifysms.abi"
    diff = subprocess.run(
        ["abidiff", "--harmless", released, interface.describe(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    text = (HERE / "constants").read_text(encoding="utf-8")
    recorded = dict(line.split(" ", 1) for line in text.splitlines())
    constants = interface.constants()
    changed = [name for name in recorded if constants.get(name) != recorded[name]]
    added = [name for name in constants if name not in recorded]
    report = diff.stdout + diff.stderr
    report += "".join(f"{name} was {recorded[name]}, is {constants.get(name, 'gone')}\n" for name in changed)
    report += "".join(f"{name} is new\n" for name in added)
    # Whatever abidiff calls a change of a type is one too many, even if it may be compatible; a
    # summary without any has nothing but additions.
    kept = re.findall(r"changes summary: (\d+) Removed, (\d+) Changed", report)
    if changed or diff.returncode & 0b1011 or any(pair != ("0", "0") for pair in kept):
        return "broken", report
    return "more" if diff.returncode or added else "same", report


def main() -> int:
    """Record what was added."""
    current = Interface.current()
    with tempfile.TemporaryDirectory() as folder:
        begun = (HERE / "verifysms.abi").exists()
        verdict, report = compare(current, Path(folder)) if begun else ("more", "")
        if verdict == "broken":
            print(report + ADVICE[verdict])
            return 1
        shutil.copy(current.describe(Path(folder)), HERE)
    constants = "".join(f"{name} {value}\n" for name, value in current.constants().items())
    (HERE / "constants").write_text(constants, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
