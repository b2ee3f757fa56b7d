"""The sandbox's page and the site in Chromium: the files *.test.js, with screenshots in target/browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chromium import HERE, SUMS, run_node, sums

from harness.tools import ROOT, MissingToolError


def test_the_picture_is_of_the_page_as_it_is() -> None:
    """The README's."""
    recorded = SUMS.read_text(encoding="utf-8")
    assert recorded == sums(), "the page has changed: look at `make picture`, and commit what it makes"


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda file: file.stem)
def test_page(command: Path, file: Path) -> None:
    """The first line of a file says what it is about."""
    if file.stem == "site.test" and not (ROOT / "target/site/index.html").exists():
        raise MissingToolError("no target/site (make site)")
    printed = run_node(command, "--test", "--test-reporter=spec", file)
    passed = re.search(r"^. pass (\d+)$", printed, re.MULTILINE)
    assert passed is not None and int(passed[1]) > 0, printed
