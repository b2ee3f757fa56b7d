"""The declarations of languages that no test can run, each against the header: name, arguments, result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.header import PROTOTYPE, parameters
from harness.tools import ROOT

BINDINGS = ROOT / "bindings"
HEADER = re.sub(r"/\*.*?\*/", "", (ROOT / "include/verifysms.h").read_text(encoding="utf-8"), flags=re.DOTALL)
OF_REQUESTS = {"verifysms_send", "verifysms_send_with", "verifysms_check"}
"""What a request does as well."""
RESERVED = """
alias and autoinstantiate call case catch choose close commit connect constant continue create cursor
declare delete describe descriptor destroy disconnect do dynamic else elseif end enumerated event execute
exit external false fetch finally first for forward from function global goto halt if immediate indirect
insert into intrinsic is last library loop namespace native next not of on open or parent post prepare prior
private privateread privatewrite procedure protected protectedread protectedwrite prototypes public readonly
ref return rollback rpcfunc select selectblob shared static step subroutine super system systemread
systemwrite then this throw throws to trigger true try type until update updateblob using variables while
with within xor
"""
"""Words that nothing may be called by in PowerScript."""


class Signature(NamedTuple):
    """What a declaration says of a function: its result and arguments, each `pointer`, `int` and so on."""

    result: str
    arguments: tuple[str, ...]


Found = Iterator[tuple[str, Signature]]


def kind(declared: str) -> str:
    """The kind of a C type; what is before a parameter's name is enough."""
    if "*" in declared:
        return "pointer"
    return declared.split(maxsplit=1)[0]


def of_c() -> Found:
    """The functions of the header."""
    for result, name, inside in re.findall(PROTOTYPE, HEADER, re.MULTILINE):
        yield name, Signature(kind(result), tuple(kind(one) for one in parameters(inside)))


def of_visual_basic() -> Found:
    """The module's."""
    kinds = {"LongPtr": "pointer", "Long": "int", "": "void"}
    declared = r'^Public Declare (Function|Sub) (\w+) Lib "(.*)" \((.*?)\)(?: As (\w+))?$'
    for what, name, library, inside, result in lines("vb6/VerifySms.bas", "Public Declare", declared):
        if library == "verifysms-1-stdcall.dll":
            assert (what == "Sub") == (result == ""), name
            arguments = re.findall(r"ByVal \w+ As (\w+)", inside)
            assert len(arguments) == len([one for one in inside.split(",") if one]), name
            yield name, Signature(kinds[result], tuple(kinds[one] for one in arguments))


def of_powerbuilder() -> Found:
    """The external functions."""
    kinds = {"longptr": "pointer", "string": "pointer", "ref blob": "pointer", "long": "int", "": "void"}
    declared = (
        r"^(?:FUNCTION (\w+)|SUBROUTINE) (\w+)\((.*?)\) "
        r'LIBRARY "verifysms-1-stdcall\.dll"(?: ALIAS FOR "(\w+);ansi")?$'
    )
    for result, name, inside, alias in lines("powerbuilder/external_functions.txt", "", declared):
        named = [one.rpartition(" ") for one in inside.split(", ") if one]
        arguments = [one[0] for one in named]
        assert not {one[-1] for one in named} & set(RESERVED.split()), f"{name}: {inside}"
        assert (alias == name) == ("string" in arguments), f"{name}: its strings are not ;ansi"
        yield name, Signature(kinds[result], tuple(kinds[one] for one in arguments))


def of_pascal() -> Found:
    """The unit's, which serves Delphi as well."""
    kinds = {"Pointer": "pointer", "PAnsiChar": "pointer", "Integer": "int", "Int64": "int64_t", "": "void"}
    text = re.sub(r";\s+external", "; external", (BINDINGS / "pascal/verifysms.pas").read_text("utf-8"))
    declared = r"^(?:function|procedure) (verifysms_\w+)(?:\((.*?)\))?(?:: (\w+))?; (\w+); external LIB;$"
    for name, inside, result, convention in re.findall(declared, text, re.MULTILINE):
        assert convention == "cdecl", name
        groups = (group.split(": ") for group in inside.split("; ") if group)
        of = {
            "TLogFunction": "callback",
            "TEventFunction": "callback",
            "TInterruptFunction": "callback",
        } | kinds
        arguments = [of[type_] for names, type_ in groups for _ in names.split(",")]
        yield name, Signature(kinds[result], tuple(arguments))


def lines(file: str, begin: str, pattern: str) -> Iterator[tuple[str, ...]]:
    """The declarations of a file, all of which have to be of one form."""
    for line in (BINDINGS / file).read_text(encoding="utf-8").splitlines():
        if line.startswith(begin):
            match = re.match(pattern, line)
            assert match is not None, f"{file}: what is {line!r}?"
            yield tuple(group or "" for group in match.groups())


LANGUAGES = {"Visual Basic": of_visual_basic, "PowerBuilder": of_powerbuilder, "Pascal": of_pascal}


def in_header() -> dict[str, Signature]:
    """The header's functions by name."""
    return {
        name: Signature(one.result, tuple("callback" if a.endswith("_fn") else a for a in one.arguments))
        for name, one in of_c()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_declarations(language: str) -> None:
    """Each says what the header says; what is missing is what the page leaves out."""
    header = in_header()
    declared = list(LANGUAGES[language]())
    names = [name for name, _ in declared]
    assert len(names) == len(set(names)), "something is declared twice"
    for name, signature in declared:
        assert signature == header.get(name), f"{name}: {signature}, but in the header {header.get(name)}"
    if language != "Pascal":
        left_out = {
            name
            for name, (result, arguments) in header.items()
            if name.startswith("verifysms_queue_") or "callback" in arguments or result == "int64_t"
        }
        left_out |= OF_REQUESTS | {"verifysms_config_from_env"}
        assert header.keys() - set(names) == left_out


def test_constants_of_visual_basic() -> None:
    """They are the header's."""
    defined = dict(re.findall(r"^#define (VERIFYSMS_\w+) (-?\d+)$", HEADER, re.MULTILINE))
    module = (BINDINGS / "vb6/VerifySms.bas").read_text(encoding="utf-8")
    declared = re.findall(r"^Public Const (VERIFYSMS_\w+) As Long = (-?\d+)$", module, re.MULTILINE)
    assert declared
    for name, number in declared:
        assert defined.get(name) == number, name


def given(after: str) -> int:
    """How many arguments stand after the name of a function, with parentheses or without."""
    inside = after.removeprefix("(").strip()
    depth, count = 0, 1 if inside else 0
    for char in inside:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            break
        count += char == "," and depth == 0
    return count


@pytest.mark.parametrize("page", sorted((BINDINGS / "vb6").glob("*.bas")), ids=lambda page: page.name)
def test_calls_of_visual_basic(page: Path) -> None:
    """What is called is declared, with as many arguments."""
    takes = {name: len(signature.arguments) for name, signature in of_visual_basic()}
    module = (BINDINGS / "vb6/VerifySms.bas").read_text(encoding="utf-8")
    own = re.findall(r"^(?:Public|Private) (?:Function|Sub) (\w+)\(", module, re.MULTILINE)
    text = re.sub(r"'.*|\".*?\"", "", page.read_text(encoding="utf-8"))
    code = "\n".join(line for line in text.splitlines() if " Declare " not in line)
    for name, after in re.findall(r"\b(verifysms_\w+)(.*)", code):
        assert name in takes, f"{name} is not declared"
        assert given(after) == takes[name], f"{name}: {after}"
    for name in re.findall(r"\b(VerifySms[A-Z]\w+)\(", code):
        assert name in own, f"{name} is not in the module"


@pytest.mark.parametrize("folder", ["vb6", "powerbuilder"])
def test_pages_say_that_nothing_was_run(folder: str) -> None:
    """Nobody takes a check of the declarations for a test."""
    page = (BINDINGS / folder / "README.md").read_text(encoding="utf-8")
    assert "**not run**" in page and Path(__file__).name in page
