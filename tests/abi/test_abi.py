"""The ABI of this source is the released one, and every change of it is noticed.

The program abi.c calls every function of the header as C89 and as C++98.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from released import ADVICE, Interface, compare

from harness.sandbox import run_against, sandbox
from harness.tools import need

CODE = "int VERIFYSMS_CALL verifysms_result_code(const verifysms_result *result);"
INTERRUPT = "int (VERIFYSMS_CALL *verifysms_interrupt_fn)(void *user_data);"
TLS = "#define VERIFYSMS_TLS 5\n"
VERSION = "const char *VERIFYSMS_CALL verifysms_version(void);"
# A text of the header or of the exports, what becomes of it, the verdict.
CHANGES = [
    (CODE, CODE, "same"),
    ("        verifysms_version;\n", "", "broken"),
    (CODE, CODE.replace("int", "int64_t"), "broken"),
    (CODE, CODE.replace("result)", "result, int which)"), "broken"),
    (CODE, CODE.replace("const ", ""), "broken"),
    (INTERRUPT, INTERRUPT.replace("int", "void", 1), "broken"),
    ("VERIFYSMS_1.0 {", "VERIFYSMS_1.1 {", "broken"),
    (TLS, "#define VERIFYSMS_TLS 6\n", "broken"),
    (TLS, "", "broken"),
    (TLS, f"{TLS}#define VERIFYSMS_NEW 12\n", "more"),
    (VERSION, f"{VERSION}\nint verifysms_new(void);", "more"),
]
ADDED = "\nVERIFYSMS_1.1 {\n    global:\n        verifysms_new;\n} VERIFYSMS_1.0;\n"


def test_the_released_abi(tmp_path: Path) -> None:
    """Nothing was removed, changed, or added unrecorded."""
    verdict, report = compare(Interface.current(), tmp_path)
    assert verdict == "same", report + ADVICE[verdict]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_a_change_is_noticed(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """What was removed or changed breaks programs; what was added does not."""
    current = Interface.current()
    assert old in current.header + current.exports, f"{old} is gone"
    exports = current.exports.replace(old, new) + (ADDED if "verifysms_new" in new else "")
    verdict, _ = compare(Interface(current.header.replace(old, new), exports), tmp_path)
    assert verdict == expected


@pytest.mark.parametrize("program", ["abi-c", "abi-cxx"])
def test_every_function(command: Path, parts: Path, program: str) -> None:
    """All functions do what the header says, called from C and from C++."""
    if program == "abi-cxx":
        need(os.environ.get("CXX", "c++").split()[0], "g++")
    with sandbox(command) as running:
        printed = run_against(running, parts / program)
    assert " 0 failed" in printed and not printed.startswith("0 passed"), printed
