"""What debian/copyright says of the crates in vendor/: whose they are, and under which licences.

A crate's manifest names both. Of alternatives those count that this project has itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import tomllib

OURS = {"MIT", "Apache-2.0"}
COMMON = {"Apache-2.0", "MPL-2.0"}
"""Those whose text Debian has in one place."""
TEXTS = {
    "Apache-2.0 with LLVM exception": "target-lexicon/LICENSE",
    "BSD-3-Clause": "subtle/LICENSE",
    "CDLA-Permissive-2.0": "webpki-roots/LICENSE",
    "ISC": "untrusted/LICENSE.txt",
    "MIT": "../LICENSE-MIT",
    "Unicode-3.0": "unicode-ident/LICENSE-UNICODE",
}
"""A crate that has the text of a licence."""


def chosen(expression: str) -> str:
    """A manifest's licences as Debian writes them."""

    def choose(alternatives: str) -> str:
        every = re.split(r" OR |/", alternatives)
        return " or ".join(one for one in every if one in OURS) or " or ".join(every)

    grouped = re.sub(r"\((.*?)\)", lambda found: choose(found[1]).replace(" ", "_"), expression)
    parts = (choose(part).replace("_", " ") for part in grouped.split(" AND "))
    return ", and ".join(parts).replace(" WITH LLVM-", " with LLVM ")


def text_of(licence: str, vendor: Path) -> str:
    """A licence, each line behind a blank and none empty."""
    common, _, exception = licence.partition(" with ")
    text = (vendor / TEXTS[licence]).read_text(encoding="utf-8").strip() if licence in TEXTS else ""
    if common in COMMON:
        exempt = text.partition("--- ")[2] if exception else ""
        text = f"On Debian systems the text is in /usr/share/common-licenses/{common}.\n{exempt}"
    return "".join(f" {line.rstrip() or '.'}\n" for line in text.splitlines())


def vendored(vendor: Path) -> str:
    """The stanzas of all crates, and the texts of the licences."""
    crates: dict[str, list[Path]] = defaultdict(list)
    authors: dict[str, set[str]] = defaultdict(set)
    for manifest in sorted(vendor.glob("*/Cargo.toml")):
        package = tomllib.loads(manifest.read_text(encoding="utf-8"))["package"]
        licence = chosen(package["license"])
        crates[licence].append(manifest.parent)
        named = package.get("authors") or [f"the developers of {package['name']}"]
        authors[licence].update(named)
    stanzas = [
        "\nFiles:\n"
        + "".join(f" vendor/{crate.name}/*\n" for crate in crates[licence])
        + "Copyright:\n"
        + "".join(f" {author}\n" for author in sorted(authors[licence]))
        + f"License: {licence}\n"
        for licence in sorted(crates)
    ]
    names = {name for licence in crates for name in re.split(r", and | or ", licence)}
    texts = (f"\nLicense: {name}\n{text_of(name, vendor)}" for name in sorted(names))
    return "".join([*stanzas, *texts]).rstrip("\n")
