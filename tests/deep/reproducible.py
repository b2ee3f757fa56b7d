"""The same sources give the same bytes wherever they are built, and the bills of materials hold.

Two copies in folders of different lengths, each with a home of cargo's of its own, in different
time zones, with one compiler process at a time and with several. What cargo says that it compiles
must be what the bills say.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deep.part import ROOT, Place
from harness.tools import UNOPTIMIZED
from harness.tools import run as output

TITLE = "reproducible builds, and the bills of materials"
OURS = {"verifysms", "verifysms-python"}
LIBRARIES = ("libverifysms.so.1", "libverifysms.a", "libverifysms.cdx.json")
COMMAND = ("verifysms", "verifysms.cdx.json")


class Copy:
    """The sources in another folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        """Copy what git knows or would add, and what cargo has downloaded."""
        self.root = folder / "verifysms"
        listed = output("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
        for name in listed.splitlines():
            if (ROOT / name).exists():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name, follow_symlinks=False)
        given = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
        for part in ("cache", "index"):
            if (given / "registry" / part).exists():
                shutil.copytree(given / "registry" / part, folder / "cargo" / "registry" / part)
        if (given / "config.toml").exists():
            shutil.copy2(given / "config.toml", folder / "cargo")
        tools = ROOT / "target" / "python-tools"
        if tools.exists():
            (self.root / "target").mkdir()
            (self.root / "target" / "python-tools").symlink_to(tools)
        spoiling = ("MAKE", "MFLAGS", "CARGO", "RUSTFLAGS")
        taken = dict.fromkeys(name for name in os.environ if name.startswith(spoiling))
        self._environment = {**taken, **environment, "CARGO_HOME": str(folder / "cargo")}

    def run(self, *command: str) -> set[tuple[str, str]]:
        """Build something; the names and versions of the packages that cargo compiled."""
        printed = output(*command, cwd=self.root, env=self._environment, timeout=3600)
        return set(re.findall(r"^ +Compiling (\S+) v(\S+)", printed, re.MULTILINE))

    def sums(self, pattern: str) -> dict[str, str]:
        """The SHA-256 of what was built, by its name."""
        found = sorted((self.root / "target").glob(pattern))
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def hold(bill: Path, compiled: set[tuple[str, str]], root: str) -> int:
    """Compare a bill with what was compiled; the number of its components."""
    components = json.loads(bill.read_text(encoding="utf-8"))["components"]
    listed = {(one["name"], one["version"]) for one in components if one["name"] != "std"}
    compiled = {(name, version) for name, version in compiled if name != root}
    assert listed == compiled, f"{bill.name} is not what was compiled: {listed ^ compiled}"
    known = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    for one in components:
        if one["name"] not in OURS | {"std"}:
            assert one["hashes"][0]["content"] in known, f"{one['name']} has another checksum"
    return len(components)


def built(copy: Copy, place: Place) -> tuple[dict[str, str], dict[str, int]]:
    """Build all, or the libraries alone: the sums of that, and how much each bill lists."""
    release = copy.root / "target" / "release"
    counts: dict[str, int] = {}
    sums: dict[str, str] = {}
    compiled = copy.run("make", *(f"target/release/{name}" for name in LIBRARIES))
    counts["library"] = hold(release / "libverifysms.cdx.json", compiled, "verifysms")
    names = [*LIBRARIES]
    if not place.brief:
        compiled = copy.run("make", *(f"target/release/{name}" for name in COMMAND))
        counts["command"] = hold(release / "verifysms.cdx.json", compiled, "verifysms")
        names += COMMAND
        compiled = copy.run(sys.executable, "bindings/python/tools/build.py")
        wheels = copy.root / "target" / "wheels"
        counts["wheel"] = hold(wheels / "verifysms.cdx.json", compiled, "verifysms-python")
        sums |= copy.sums("wheels/verifysms-*")
        assert len(sums) == 2, f"no wheel or no sdist was built: {sums}"
    for name in names:
        found = copy.sums(f"release/{name}")
        assert found, f"{name} was not built"
        sums |= found
    return sums, counts


def fresh(folder: Path, place: Place, environment: dict[str, str]) -> Copy:
    """A fresh copy, with the settings that make a brief run brief."""
    return Copy(folder, environment | (UNOPTIMIZED if place.brief else {}))


def run(place: Place) -> str:
    """Build twice and compare."""
    work = place.work / "reproducible"
    shutil.rmtree(work, ignore_errors=True)
    here = fresh(work / "a", place, {"TZ": "UTC", "CARGO_BUILD_JOBS": "1"})
    there = fresh(work / "a-folder-with-a-longer-name" / "b", place, {"TZ": "Asia/Jerusalem"})
    # The one has a core to spare for the other.
    with ThreadPoolExecutor(2) as pool:
        (sums, counts), (others, _) = pool.map(built, (here, there), (place, place))
    differing = [name for name in sums if others.get(name) != sums[name]]
    assert not differing, f"built elsewhere they differ: {', '.join(differing)}"
    for name, digest in sums.items():
        print(f"{digest}  {name}")
    shutil.rmtree(work)
    bills = ", ".join(f"{name} {count}" for name, count in counts.items())
    return (
        f"{len(sums)} files built twice{' without optimizing' if place.brief else ''}, the same "
        f"SHA-256; every package compiled is in its bill ({bills}) and no other"
    )
