"""DEPENDENCIES.md is what the manifests say, and SECURITY.md names tests that are there."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from harness.tools import ROOT, run

OURS = ("verifysms", "verifysms-python")


class Row(NamedTuple):
    """What is said of a package."""

    where: str
    licence: str


def text(path: str) -> str:
    """A file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def said() -> dict[str, Row]:
    """The rows of DEPENDENCIES.md, each with a reason of more than a word."""
    row = r"^\| `([\w-]+)` \| (\w+) \| (.+?) \| \d* *\| \w.{20,} \|$"
    found = re.findall(row, text("DEPENDENCIES.md"), re.MULTILINE)
    return {name: Row(where, licence) for name, where, licence in found}


PLACES = ("library", "command", "wheel", "build", "test")


def where(package: str, kind: str | None, optional: bool) -> str:
    """Where a dependency gets to: what is optional is in the command's features."""
    if kind is not None:
        return {"dev": "test", "build": "build"}[kind]
    if package == OURS[1]:
        return "wheel"
    return "command" if optional else "library"


def named() -> dict[str, Row]:
    """The direct dependencies in both manifests, each with the first of the places that has it."""
    asked = ("metadata", "--quiet", "--locked", "--all-features", "--format-version=1")
    printed = run("cargo", *asked, cwd=ROOT)
    packages = json.loads(printed)["packages"]
    licences = {one["name"]: one["license"].replace("/", " OR ") for one in packages}
    found: dict[str, Row] = {}
    for package in (one for one in packages if one["name"] in OURS):
        for one in (one for one in package["dependencies"] if one["name"] not in OURS):
            name = one["name"]
            row = Row(where(package["name"], one["kind"], one["optional"]), licences[name])
            found[name] = min(row, found.get(name, row), key=lambda row: PLACES.index(row.where))
    return found


def test_every_dependency_has_its_reason() -> None:
    """DEPENDENCIES.md has every direct dependency with where it gets to, and no other."""
    page, manifests = set(said().items()), set(named().items())
    assert page == manifests, f"not on the page: {manifests - page}; not so: {page - manifests}"


def test_everything_that_is_named_is_there() -> None:
    """Every file and every test that SECURITY.md and DEPENDENCIES.md name exists."""
    for page in ("SECURITY.md", "DEPENDENCIES.md"):
        spans = re.findall(r"`([^`\n]+)`", text(page))
        paths = [span for span in spans if re.fullmatch(r"[\w.-]*[/.][\w./-]*\w(::\w+)?", span)]
        for span in paths:
            path, _, test = span.partition("::")
            assert (ROOT / path).exists(), f"{page}: there is no {path}"
            defined = rf"^ *(?:async )?(?:fn|def|class) {test}\b"
            assert not test or re.search(defined, text(path), re.MULTILINE), f"{page}: no {span}"


def shown_by(row: str) -> list[str]:
    """What the last column of a table's row names."""
    return re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1])


def test_every_row_of_security_names_a_test() -> None:
    """Each row of SECURITY.md is shown by something that is there and, in Rust, run as a test."""
    rows = re.findall(r"^\|(?! *-|.*\| shown by \|$).*\|$", text("SECURITY.md"), re.MULTILINE)
    assert len(rows) > 50, f"only {len(rows)} rows were found"
    for row in rows:
        names = shown_by(row)
        assert names, f"no test: {row}"
        for path, _, test in (name.partition("::") for name in names):
            assert (ROOT / path).exists(), f"there is no {path}: {row}"
            marked = rf"#\[test\]\n(?: *#\[.*\n)* *fn {test}\("
            is_run = not test or not path.endswith(".rs") or re.search(marked, text(path))
            assert is_run, f"{path}::{test} is no test"


def test_every_place_of_unsafe_code_is_named() -> None:
    """SECURITY.md names the files in which the compiler allows unsafe code, and no others."""
    (paragraph,) = re.findall(r"^Unsafe code is in .*?\n\n", text("SECURITY.md"), re.M | re.S)
    named = set(re.findall(r"`(src/\S+\.rs)`", paragraph))
    sources = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("src/**/*.rs")]
    allowed = {path for path in sources if "#![allow(unsafe_code" in text(path)}
    assert named == allowed, f"not named: {allowed - named}; not so: {named - allowed}"
