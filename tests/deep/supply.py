"""What others wrote: licences, sources, duplicates, advisories, and how much of it there is."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from deep.cargo_tools import need
from deep.package_sizes import by_dependency, by_library
from deep.part import ROOT, Place

TITLE = "dependencies: licences, sources, duplicates, advisories"
VERSION = "0.20.2"
"""Of cargo-deny."""
UNMEASURED = {"webpki-roots", "rustls-native-certs", "windows-sys"}
"""Data without symbols, and what only other systems have."""


def deny(*arguments: str, offline: bool = False) -> subprocess.CompletedProcess[str]:
    """Run cargo-deny over both packages."""
    options = ["--workspace", "--locked", *(["--offline"] if offline else [])]
    return subprocess.run(
        [need("cargo-deny", VERSION), *options, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def hold(done: subprocess.CompletedProcess[str]) -> None:
    """Fail with what cargo-deny found."""
    found = re.findall(r"^(?:error|warning)\[.*$", done.stderr, re.MULTILINE)
    assert done.returncode == 0 and not found, "\n".join([*found[:1], done.stderr])


def advisories() -> str:
    """Look the packages up among the advisories, those of a copy here if there is no network."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    fetched = deny("fetch", "db").returncode == 0
    if not fetched and not list(home.glob("advisory-dbs/*/crates")):
        return "advisories NOT looked up, their database is out of reach"
    hold(deny("check", "advisories", offline=not fetched))
    ignored = len(re.findall(r"\bid = \"RUSTSEC", (ROOT / "deny.toml").read_text(encoding="utf-8")))
    copy = "" if fetched else " (as of the copy here)"
    return f"no advisory{copy} but {ignored} that is let pass with its reason"


def hold_weights(place: Place) -> int:
    """Compare the weights that DEPENDENCIES.md gives with those of the built library, in KiB."""
    page = (ROOT / "DEPENDENCIES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| library \| .*? \| (\d+) \| ", page, re.MULTILINE)
    said = {name: int(kib) for name, kib in rows if name not in UNMEASURED}
    weights = by_library(place.parts / "verifysms.o")
    bill = place.command.parent / "libverifysms.cdx.json"
    for name, size in by_dependency(bill, weights, said).items():
        kib = round(size / 1024)
        print(f"{kib:6} KiB {name}")
        tolerance = max(8, said[name] // 5)
        assert abs(kib - said[name]) <= tolerance, f"{name} has {kib} KiB, not {said[name]}"
    return weights.total() // 1024


def run(place: Place) -> str:
    """Check all, and tell what was found."""
    hold(deny("check", "licenses", "bans", "sources"))
    found = advisories()
    packages = (ROOT / "Cargo.lock").read_text(encoding="utf-8").count("\n[[package]]\n")
    return (
        f"{packages} packages locked: every licence allowed, none from elsewhere, no duplicate "
        f"without its reason; {found}; the {hold_weights(place):,} KiB of the library's symbols "
        "are where DEPENDENCIES.md says"
    )
