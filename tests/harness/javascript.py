"""Node, with the packages that a folder of tests needs."""

from __future__ import annotations

from pathlib import Path

from harness.tools import MissingToolError, need, run


def node(folder: Path) -> str:
    """Node, if it is there and new enough, with the packages of the folder's package-lock.json in it."""
    program = need("node", "nodejs")
    version = run(program, "--version")
    if int(version.lstrip("v").partition(".")[0]) < 20:
        raise MissingToolError(f"node {version.strip()} is older than 20 (nodejs.org)")
    installed = folder / "node_modules/.package-lock.json"
    wanted = folder / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        try:
            run(need("npm", "npm"), "ci", "--silent", cwd=folder)
        except AssertionError as failure:
            told = f"npm did not get the packages of {folder.name}: {failure}"
            raise MissingToolError(told) from None
        installed.touch()
    return program
