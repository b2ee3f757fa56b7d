"""Print what is in a thing that is built here, as a bill of materials in CycloneDX's JSON.

    python3 src/capi/install/sbom.py PURL CARGO_TREE_ARGUMENT ...

PURL names the thing without its version, as in pkg:generic/libverifysms; the arguments are those
that `cargo tree` needs to show what it is built from. What only builds it has the scope "excluded".
The same sources give the same bytes: it has no time, and no folder of the machine.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import uuid
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent.parent


class Crate(NamedTuple):
    """A package of the tree."""

    name: str
    version: str
    licence: str
    repository: str

    @property
    def purl(self) -> str:
        """The name that all registries' packages have."""
        return f"pkg:cargo/{self.name}@{self.version}"


class Tree(NamedTuple):
    """What `cargo tree` shows."""

    crates: list[Crate]
    """The first is the root."""
    needs: dict[Crate, set[Crate]]


def cargo(*arguments: str) -> str:
    """What cargo prints."""
    # make's setting may have options.
    command = [*shlex.split(os.environ.get("CARGO", "cargo")), *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def tree(edges: str, arguments: list[str]) -> Tree:
    """The packages that are connected with the root by these edges."""
    shown = ("--locked", "--prefix", "depth", "--format", "{p}\t{l}\t{r}")
    crates: dict[Crate, None] = {}
    needs: dict[Crate, set[Crate]] = {}
    above: list[Crate] = []
    for line in cargo("tree", *shown, "--edges", edges, *arguments).splitlines():
        package, licence, repository = line.removesuffix(" (*)").split("\t")
        found = re.match(r"(\d+)(\S+) v(\S+)", package)
        assert found is not None, line
        depth = int(found[1])
        crate = Crate(found[2], found[3], licence.replace("/", " OR "), repository)
        crates[crate] = None
        del above[depth:]
        if above:
            needs.setdefault(above[-1], set()).add(crate)
        above.append(crate)
    return Tree(list(crates), needs)


def checksums() -> dict[tuple[str, str], str]:
    """The SHA-256 of every package that comes from the registry."""
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    entry = r'name = "(.*)"\nversion = "(.*)"\nsource = ".*"\nchecksum = "(.*)"'
    return {(name, version): checksum for name, version, checksum in re.findall(entry, lock)}


def component(crate: Crate, checksum: str | None, scope: str) -> dict[str, object]:
    """A package as CycloneDX describes it."""
    described: dict[str, object] = {
        "type": "library",
        "bom-ref": crate.purl,
        "name": crate.name,
        "version": crate.version,
        "scope": scope,
    }
    if checksum is not None:
        described["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    described |= {"licenses": [{"expression": crate.licence}], "purl": crate.purl}
    if crate.repository:
        described["externalReferences"] = [{"type": "vcs", "url": crate.repository}]
    return described


def standard_library() -> Crate:
    """Rust's own library, which is in everything that it builds."""
    version = re.search(r"^release: (.*)$", cargo("--version", "--verbose"), re.MULTILINE)
    assert version is not None
    return Crate("std", version[1], "MIT OR Apache-2.0", "https://github.com/rust-lang/rust")


def bill(purl: str, arguments: list[str]) -> dict[str, object]:
    """The bill of materials."""
    everything = tree("normal,build", arguments)
    inside = set(tree("normal,no-proc-macro", arguments).crates)
    root, *others = everything.crates
    itself = f"{purl}@{root.version}"
    std = standard_library()
    known = checksums()
    components = [
        component(crate, known.get(crate[:2]), "required" if crate in inside else "excluded")
        for crate in sorted(others)
    ]
    standard = component(std, None, "required")
    standard |= {"bom-ref": f"pkg:generic/rust@{std.version}"}
    standard |= {"purl": f"pkg:generic/rust@{std.version}"}
    needs = {
        itself if crate == root else crate.purl: sorted(one.purl for one in needed)
        for crate, needed in everything.needs.items()
    }
    needs.setdefault(itself, []).append(f"pkg:generic/rust@{std.version}")
    content: dict[str, object] = {
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": itself,
                "name": purl.rpartition("/")[2],
                "version": root.version,
                "licenses": [{"expression": root.licence}],
                "purl": itself,
            }
        },
        "components": [*components, standard],
        "dependencies": [{"ref": ref, "dependsOn": needs[ref]} for ref in sorted(needs)],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}"}
    return head | content


if __name__ == "__main__":
    print(json.dumps(bill(sys.argv[1], sys.argv[2:]), indent=1))
