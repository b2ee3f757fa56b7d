"""The site's pages in plain Markdown, out of docs/pages and of texts that stand elsewhere in the project.

A line of a page that is such a comment stands for a text, which lives in one place only:

    <!-- page: FILE[#heading] -->           a whole file or a section, whose heading is the page's title
    <!-- section: FILE#heading -->          a section, with a heading below the title
    <!-- text: FILE#heading -->             a section without its heading
    <!-- opening: FILE -->                  what stands between the title of a file and its first program
    <!-- block: FILE[#heading] KIND [N] --> one of the blocks of code, the first or the N-th after it
    <!-- program: FILE -->                  a program, folded
    <!-- manual: FILE -->                   a manual in mdoc(7)
    <!-- tabs -->                           how to begin, a tab for each language
    <!-- languages -->                      the list of the pages of the languages

A relative link of such a text leads to where its target is shown on the site, or to a copy of the file.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs/pages"

FENCE = re.compile(r"^```.*?^```$\n?", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)
LINK = re.compile(r"(\]\()(?!\w+:)([^)\s]+)(\))")
COMMENT = re.compile(r"^<!-- (\w+)(?:: (\S+?)(?:#(\S+))?(?: (\w+)(?: (\d+))?)?)? -->$", re.MULTILINE)
LEXERS = {
    ".bas": "vbnet",
    ".c": "c",
    ".cob": "cobol",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".f90": "fortran",
    ".go": "go",
    ".html": "html",
    ".java": "java",
    ".js": "javascript",
    ".lua": "lua",
    ".mjs": "javascript",
    ".pas": "pascal",
    ".php": "php",
    ".pl": "perl",
    ".py": "python",
    ".rb": "ruby",
    ".ts": "typescript",
    ".vbs": "vbscript",
}
LONGEST_PROGRAM = 10_000
"""What is longer, in bytes, is a binding and no program to start from."""
FIRST = ("C", "C++", "Python", "Rust", "PHP", "COBOL", "Java", "C#")
"""The languages that most come for; the others follow in their order."""


class SiteError(Exception):
    """What the pages name is not there."""


class Language(NamedTuple):
    """A language with a page of its own."""

    title: str
    folder: Path | None
    page: Path
    anchor: str
    """The section of the page with the beginning; none for its opening lines."""

    @property
    def name(self) -> str:
        """The name in addresses."""
        return self.folder.name if self.folder else self.title.lower()

    def programs(self) -> list[Path]:
        """The programs to start from: what the page links to in its folder."""
        if self.folder is None:
            return []
        linked = (self.folder / link for _, link, _ in LINK.findall(read(self.page)))
        found = dict.fromkeys(path for path in linked if path.parent == self.folder and path.suffix in LEXERS)
        return [path for path in found if path.stat().st_size < LONGEST_PROGRAM]


class Piece(NamedTuple):
    """A part of a page, and the file in which it stands."""

    text: str
    origin: Path


def read(path: Path) -> str:
    """A file of the project."""
    if not path.is_file():
        raise SiteError(f"there is no {path.relative_to(ROOT)}")
    return path.read_text(encoding="utf-8")


def slug(heading: str) -> str:
    """The fragment that leads to a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).replace(" ", "-")


def outside_code(text: str) -> str:
    """The text with blanks in place of its blocks of code, so that all else keeps its position."""
    return FENCE.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)


def headings(text: str) -> list[re.Match[str]]:
    """The headings, which a block of code has none of."""
    return list(HEADING.finditer(outside_code(text)))


def section(path: Path, anchor: str | None) -> str:
    """A section with its heading and all below it; the whole file without an anchor."""
    text = read(path)
    if anchor is None:
        return text
    found = headings(text)
    for index, heading in enumerate(found):
        if slug(heading[2]) == anchor:
            later = (one.start() for one in found[index + 1 :] if len(one[1]) <= len(heading[1]))
            return text[heading.start() : next(later, len(text))]
    raise SiteError(f"{path.relative_to(ROOT)} has no section {anchor}")


def at_level(text: str, level: int) -> str:
    """The text with its first heading at a level, and the others moved with it."""
    found = headings(text)
    for heading in reversed(found):
        marks = "#" * (len(heading[1]) - len(found[0][1]) + level)
        text = text[: heading.start()] + marks + text[heading.end(1) :]
    return text


def without_title(text: str) -> str:
    """The text after its first heading."""
    return text.partition("\n")[2].lstrip("\n")


def blocks(text: str, kind: str) -> list[str]:
    """The blocks of code of a kind."""
    return [block[0] for block in FENCE.finditer(text) if block[0].startswith(f"```{kind}\n")]


def code(path: Path) -> str:
    """A program as a block of code."""
    return f"```{LEXERS[path.suffix]}\n{read(path).rstrip()}\n```\n"


def folded(path: Path, marks: str = ":::") -> str:
    """A program that opens when one asks for it."""
    return f"{marks}{{dropdown}} {path.name}\n{code(path)}{marks}\n"


def languages() -> list[Language]:
    """All languages, in the order of the tabs: one for each folder in bindings/, and Rust."""
    found = [Language("Rust", None, ROOT / "README.md", "from-rust")]
    for page in sorted(ROOT.glob("bindings/*/README.md")):
        title = HEADING.search(read(page))
        if title is None:
            raise SiteError(f"{page.relative_to(ROOT)} has no title")
        name = title[2].removeprefix("verifysms ").removeprefix("from ").removeprefix("for ")
        found.append(Language(name, page.parent, page, ""))
    guide = ROOT / "bindings/python/GUIDE.md"
    found.append(Language("Python", guide.parent, guide, ""))
    order = {name: place for place, name in enumerate(FIRST)}
    return sorted(found, key=lambda one: (order.get(one.title, len(FIRST)), one.title))


REFERENCES = {"include/verifysms.h": "reference/c.md", "include/verifysms.hpp": "reference/cpp.md"}
"""What is shown in a form that these pages do not have."""

# The beginning in these is in the README; in the others at the head of their own page.
BEGINNINGS = {"C": "from-c", "Python": "from-python", "Rust": "from-rust"}


def beginning(language: Language) -> Iterator[Piece]:
    """What a person does first in a language: the lines to type and the program."""
    anchor = BEGINNINGS.get(language.title)
    if anchor:
        yield Piece(without_title(section(ROOT / "README.md", anchor)), ROOT / "README.md")
        return
    head = without_title(read(language.page))
    rules = re.search(r"^(?:- |#+ )", outside_code(head), re.MULTILINE)
    yield Piece(head[: rules.start()] if rules else head, language.page)
    example = next((path for path in language.programs() if path.stem.lower() in ("example", "verify")), None)
    if example:
        yield Piece(folded(example), example)


def tabs() -> Iterator[Piece]:
    """How to begin, a tab for each language; the reader's choice holds on all pages."""
    here = PAGES / "start.md"
    yield Piece("::::::{tab-set}\n:sync-group: language\n:class: languages\n\n", here)
    for language in languages():
        yield Piece(f":::::{{tab-item}} {language.title}\n:sync: {language.name}\n\n", here)
        yield from beginning(language)
        if language.folder is not None:
            more = f"languages/{language.name}.md"
            yield Piece(f"\nAll about it: [verifysms from {language.title}]({more}).\n", here)
        yield Piece("\n:::::\n\n", here)
    yield Piece("::::::\n", here)


def manual(path: Path) -> str:
    """A manual, with a heading for each of its sections, so that the site lists and finds them."""
    mandoc = ("mandoc", "-T", "html", "-O", "fragment", str(path))
    html = subprocess.run(mandoc, check=True, stdout=subprocess.PIPE, text=True).stdout
    # Names of other manuals lead nowhere here, and what looks like code is code.
    html = re.sub(r'<a class="Xr"[^>]*>(.*?)</a>', r'<span class="Xr">\1</span>', html, flags=re.DOTALL)
    parts = re.split(
        r'<section class="Sh">\s*<h[12] class="Sh" id="([^"]*)">.*?</h[12]>', html, flags=re.DOTALL
    )
    written = []
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        title = name.replace("_", " ").capitalize()
        inside = body.partition("</section>\n</div>")[0].strip().removesuffix("</section>")
        written.append(f'## {title}\n\n````{{raw}} html\n<div class="manual">{inside}</div>\n````\n')
    return "\n".join(written)


def expand(comment: re.Match[str]) -> Iterator[Piece]:
    """What stands for a comment."""
    what, name, anchor, kind, index = comment.groups()
    path = ROOT / (name or "")
    if what == "page":
        yield Piece(at_level(section(path, anchor), 1), path)
    elif what == "section":
        yield Piece(at_level(section(path, anchor), 2), path)
    elif what == "text":
        yield Piece(without_title(at_level(section(path, anchor), 1)), path)
    elif what == "opening":
        yield Piece(without_title(read(path)).partition("\n```")[0] + "\n", path)
    elif what == "block":
        found = blocks(section(path, anchor), kind)
        if len(found) <= int(index or 0):
            raise SiteError(f"{name}#{anchor} has only {len(found)} blocks of {kind}")
        yield Piece(found[int(index or 0)], path)
    elif what == "program":
        yield Piece(folded(path), path)
    elif what == "manual":
        yield Piece(manual(path), path)
    elif what == "tabs":
        yield from tabs()
    elif what == "languages":
        listed = "\n".join(f"{one.title} <{one.name}>" for one in languages() if one.folder)
        yield Piece(f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n", PAGES / "languages/index.md")
    else:
        raise SiteError(f"{what} is nothing that stands for a text")


def pieces(path: Path) -> Iterator[Piece]:
    """The parts of a page of docs/pages."""
    text, end = read(path), 0
    for comment in COMMENT.finditer(text):
        yield Piece(text[end : comment.start()], path)
        yield from expand(comment)
        end = comment.end()
    yield Piece(text[end:], path)


def about(language: Language) -> Iterator[Piece]:
    """The page of a language, with its programs."""
    yield Piece(at_level(read(language.page), 1), language.page)
    for number, path in enumerate(language.programs()):
        title = "\n## The programs\n" if number == 0 else ""
        yield Piece(f"{title}\n### {path.name}\n\n{code(path)}", path)


def all_pages() -> dict[str, list[Piece]]:
    """Every page by its name, such as `howto/proxy`."""
    found = {
        path.relative_to(PAGES).with_suffix("").as_posix(): list(pieces(path))
        for path in sorted(PAGES.glob("**/*.md"))
    }
    return found | {f"languages/{one.name}": list(about(one)) for one in languages() if one.folder}


def places(pages: dict[str, list[Piece]]) -> dict[tuple[Path, str], str]:
    """Where on the site each file and each section is shown: a page, or a heading of one."""
    found = {(ROOT / file, ""): page for file, page in REFERENCES.items()}
    for name, parts in pages.items():
        for text, origin in parts:
            shown = headings(text)
            # A program has no headings of its own.
            is_whole = origin.suffix != ".md" or (shown and shown[0].start() == 0 and len(shown[0][1]) == 1)
            if is_whole:
                anchor = "" if origin.suffix == ".md" or not shown else f"#{slug(shown[-1][2])}"
                found.setdefault((origin, ""), f"{name}.md{anchor}")
            if origin.suffix != ".md":
                found.setdefault((origin.parent, ""), f"{name}.md")
            for heading in shown:
                found.setdefault((origin, slug(heading[2])), f"{name}.md#{slug(heading[2])}")
    for anchor in BEGINNINGS.values():
        found[ROOT / "README.md", anchor] = "start.md"
    return found


def with_links(piece: Piece, name: str, shown: dict[tuple[Path, str], str], out: Path) -> str:
    """The text of a piece, with links that lead somewhere from its page."""
    page = out / f"{name}.md"

    def target(link: str) -> str:
        path, _, fragment = link.partition("#")
        if piece.origin.is_relative_to(PAGES) and (not path or path.endswith(".md")):
            return link  # it is among the site's own pages already
        file = (piece.origin.parent / path).resolve() if path else piece.origin
        if file.is_dir():
            # The page of the folder, or of the one that it is in.
            pages = (one for folder in (file, *file.parents) for one in (folder, folder / "README.md"))
            file = next((one for one in pages if (one, "") in shown), file)
        place = shown.get((file, fragment))
        if place is not None:
            path, mark, heading = place.partition("#")
            return os.path.relpath(out / path, page.parent) + mark + heading
        if file.suffix == ".md" or not file.is_file():
            at = piece.origin.relative_to(ROOT)
            raise SiteError(f"{at}: [{link}] is not on the site; {name} has the text")
        return os.path.relpath(file, page.parent)

    text, blank = piece.text, outside_code(piece.text)
    for link in reversed(list(LINK.finditer(blank))):
        text = text[: link.start(2)] + target(link[2]) + text[link.end(2) :]
    return text


def assemble(out: Path) -> None:
    """Write every page below a folder."""
    pages = all_pages()
    shown = places(pages)
    for name, parts in pages.items():
        path = out / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(with_links(part, name, shown, out) for part in parts)
        path.write_text(text, encoding="utf-8")
