"""The pages name files, functions and headings that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from harness.tools import ROOT

PAGES = [
    path.relative_to(ROOT).as_posix()
    for places in ("*.md", "include/*.md", "packaging/*.md", "bindings/*.md", "bindings/*/*.md")
    for path in sorted(ROOT.glob(places))
]
FOR_CONTRIBUTORS = ["ARCHITECTURE.md", "CONTRIBUTING.md", "RELEASING.md"]


def text(path: str) -> str:
    """A file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def prose(page: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", text(page), flags=re.MULTILINE | re.DOTALL)


def paths(page: str) -> Iterator[str]:
    """The files and folders that a page names in `code`."""
    for span in re.findall(r"`([^`\n]+)`", prose(page)):
        if re.fullmatch(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|lock)|Makefile", span):
            yield span


def anchors(page: str) -> set[str]:
    """The fragments that lead to a page's headings, as GitHub and crates.io make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in words}


@pytest.mark.parametrize("page", FOR_CONTRIBUTORS)
def test_every_path_exists(page: str) -> None:
    """Each file and folder that a page names exists; what a build makes is in target/."""
    named = {path for path in paths(page) if not path.startswith("target/")}
    assert named, "the scan found no path"
    assert not {path for path in named if not (ROOT / path).exists()}


def test_every_name_is_defined_where_the_architecture_says() -> None:
    """What the page calls "`name` in `file`" is a function or a type of that file."""
    named = re.findall(r"`(?:\w+::)?(\w+)` in\s+`([\w/.]+)`", prose("ARCHITECTURE.md"))
    assert named, "the scan found no name"
    for name, path in named:
        assert re.search(rf"\b(?:fn|struct|enum) {name}\b", text(path)), f"no {name} in {path}"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    """Each relative link leads to a file, and each fragment to a heading."""
    for link in re.findall(r"\]\((?!\w+:)([^)]+)\)", prose(page)):
        path, _, fragment = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"no {link}"
        if fragment:
            found = target.resolve().relative_to(ROOT).as_posix()
            assert fragment in anchors(found), f"no heading for {link}"
