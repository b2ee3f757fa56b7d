"""Put the Python package where an interpreter looks for it, without pip: for distributions.

    python3 src/capi/install/python_package.py DESTDIR PYTHONDIR EXTENSION BILL VERSION

pip installs a wheel that maturin has built; where a distribution builds there is neither. What a wheel has
beside the modules is made from the same pyproject.toml. The program `verifysms` is not among it: that is the
command's, and `python -m verifysms` is the same. Needs Python 3.11.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import tomllib
from installer import ROOT, File, put

PACKAGE = ROOT / "bindings" / "python"
PROJECT = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES = {".py", ".pyi", ".typed"}


def metadata(version: str) -> str:
    """What importlib.metadata and pip read of an installed package."""
    head = {
        "Metadata-Version": "2.4",
        "Name": PROJECT["name"],
        "Version": version,
        "Summary": PROJECT["description"],
        "License-Expression": PROJECT["license"],
        "Requires-Python": PROJECT["requires-python"],
        "Description-Content-Type": "text/markdown",
    }
    guide = (PACKAGE / PROJECT["readme"]).read_text(encoding="utf-8")
    return "".join(f"{name}: {text}\n" for name, text in head.items()) + f"\n{guide}"


def entry_points() -> str:
    """Where pytest finds the fixture."""
    groups = PROJECT["entry-points"].items()
    lines = (
        f"[{group}]\n" + "".join(f"{name} = {at}\n" for name, at in named.items()) for group, named in groups
    )
    return "\n".join(lines)


def files(folder: str, extension: Path, bill: Path, version: str) -> dict[str, File]:
    """What belongs into each place."""
    info = f"{folder}/verifysms-{version}.dist-info"
    sources = PACKAGE / "python"
    modules = sorted(path for path in sources.rglob("*") if path.suffix in MODULES)
    return {
        **{f"{folder}/{path.relative_to(sources)}": File(path.read_bytes()) for path in modules},
        f"{folder}/verifysms/{extension.name}": File(extension.read_bytes()),
        f"{info}/METADATA": File(metadata(version).encode()),
        f"{info}/entry_points.txt": File(entry_points().encode()),
        f"{info}/sboms/{bill.name}": File(bill.read_bytes()),
    }


def main() -> None:
    """Install all."""
    destdir, folder, extension, bill, version = sys.argv[1:]
    os.umask(0o022)
    put(destdir, files(folder, Path(extension), Path(bill), version))


if __name__ == "__main__":
    main()
