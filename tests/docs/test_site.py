"""The site that `make site` makes: links lead somewhere, and nothing comes from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from assemble import PAGES, SiteError, assemble, languages, read, slug
from harness.tools import ROOT, MissingToolError

SITE = ROOT / "target/site"
LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}
"""What a browser fetches by itself."""


class Page(HTMLParser):
    """The links, the anchors and what is loaded of an HTML file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag has."""
        for name, value in attrs:
            if value is None:
                continue
            if name == "id":
                self.ids.add(value)
            if (tag, name) in LOADED:
                self.loaded.append(value)
            if (tag, name) == ("a", "href"):
                self.links.append(value)


@pytest.fixture(scope="module", autouse=True)
def _is_made() -> None:
    if not (SITE / "index.html").exists():
        raise MissingToolError("no target/site (make site)")


@cache
def page(path: Path) -> Page:
    """A page of the site."""
    return Page(path)


def pages() -> list[Page]:
    """All pages but those that rustdoc makes, which has its own checks, and what a theme is made of."""
    found = (path.relative_to(SITE) for path in sorted(SITE.glob("**/*.html")))
    return [page(SITE / path) for path in found if path.parts[0] not in ("rust", "_static")]


def test_the_reference_of_python_is_whole() -> None:
    """It has each name of the package and each member of its numbers, and no prose is taken for a type."""
    of_package = "bindings/python/python/verifysms"
    names = re.search(
        r"^__all__ = \[(.*?)\]", read(ROOT / of_package / "__init__.py"), re.MULTILINE | re.DOTALL
    )
    assert names is not None
    wanted = set(re.findall(r'"([A-Za-z]\w*)"', names[1]))
    for kind, body in re.findall(
        r"^class (\w+)\(.*?\n(.*?)(?=^class |\Z)", read(ROOT / of_package / "_codes.py"), re.M | re.S
    ):
        wanted |= {f"{kind}.{member}" for member in re.findall(r"^    ([A-Z]\w*) = ", body, re.M)}
    shown = page(SITE / "reference/python/verifysms/index.html")
    assert {"AsyncClient", "Reason.WRONG_API_KEY"} <= wanted
    assert not {name for name in wanted if f"verifysms.{name}" not in shown.ids}
    assert "Whether the code was the right one for this number: status 1" in re.sub(
        r"<[^>]+>", "", read(shown.path)
    )


def test_every_link_leads_somewhere() -> None:
    """Each leads to a file of the site and to an id in it, or has the form of an address elsewhere."""
    dead = []
    for one in pages():
        for link in {*one.links, *one.loaded}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if parts.scheme not in ("https", "http", "mailto") or not re.fullmatch(r"\S+", link):
                    dead.append(f"{one.path.relative_to(SITE)}: {link}")
                continue
            target = (one.path.parent / unquote(parts.path)).resolve() if parts.path else one.path
            is_there = target.is_file() and target.is_relative_to(SITE)
            if is_there and parts.fragment and target.suffix == ".html":
                is_there = unquote(parts.fragment) in page(target).ids
            if not is_there:
                dead.append(f"{one.path.relative_to(SITE)}: {link}")
    assert len(pages()) > 40, "the scan found no pages"
    assert not dead, "\n".join(dead)


def test_nothing_comes_from_elsewhere() -> None:
    """No page and no style sheet loads anything over a network."""
    loaded = [f"{one.path.name}: {link}" for one in pages() for link in one.loaded if urlsplit(link).netloc]
    for path in SITE.glob("**/*.css"):
        sheet = path.read_text(encoding="utf-8")
        found = re.findall(r"""(?:@import|url\()\s*["']?((?:https?:)?//[^"')\s]+)""", sheet)
        loaded += [f"{path.name}: {link}" for link in found]
    assert not loaded, loaded


def test_every_language_is_there() -> None:
    """It has a tab at the start; its page has its programs."""
    start = (SITE / "start.html").read_text(encoding="utf-8")
    for language in languages():
        assert f'data-sync-id="{language.name}"' in start, language
        if language.folder is not None:
            own = page(SITE / f"languages/{language.name}.html")
            missing = [path.name for path in language.programs() if slug(path.name) not in own.ids]
            assert not missing, f"{language.title}: {missing}"


def test_the_place_of_the_build_is_not_in_it() -> None:
    """No page tells where it was made."""
    told = [one.path.name for one in pages() if str(ROOT) in one.path.read_text(encoding="utf-8")]
    assert not told


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("<!-- section: README.md#no-such -->", "README.md has no section no-such"),
        ("<!-- program: bindings/c/none.c -->", "there is no bindings/c/none.c"),
        ("<!-- block: README.md#from-c cobol -->", "README.md#from-c has only 0 blocks of cobol"),
        ("<!-- page: CONTRIBUTING.md -->", "is not on the site"),
    ],
)
def test_a_text_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    """A page that asks for it is not made."""
    (tmp_path / "page.md").write_text(f"# A page\n\n{line}\n", encoding="utf-8")
    monkeypatch.setattr("assemble.PAGES", tmp_path)
    with pytest.raises(SiteError, match=re.escape(said)):
        assemble(tmp_path / "out")
    assert PAGES.is_dir()
