"""Test the sandbox's page in Chromium, or take its picture for the README.

    python3 tests/browser COMMAND [--picture]

COMMAND is the built command `verifysms`. The tests are the files *.test.js beside this one; the
first line of each says what it is about. They leave screenshots in target/browser.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from checks import MissingToolError, need, run, run_all

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SITE = ROOT / "src/sandbox/page/site"
PICTURE = HERE / "page.png"
SUMS = HERE / "page.sha256"


def node() -> str:
    """Node, if it is there and new enough, with the packages that the tests need."""
    program = need("node", "nodejs")
    version = run(program, "--version")
    if int(version.lstrip("v").partition(".")[0]) < 20:
        raise MissingToolError(f"node {version.strip()} is older than 20 (nodejs.org)")
    installed = HERE / "node_modules/.package-lock.json"
    wanted = HERE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        need("npm", "npm")
        try:
            run("npm", "ci", "--silent", cwd=HERE)
        except AssertionError as failure:
            raise MissingToolError(
                f"npm did not get the packages of {HERE.name}: {failure}"
            ) from None
        installed.touch()
    return program


class Browser:
    """What runs the JavaScript of this folder against a command."""

    def __init__(self, command: str) -> None:
        """Remember the command."""
        self.environment = {"VERIFYSMS": str(Path(command).resolve())}

    def run(self, *words: str | Path) -> str:
        """Run node with these words, where everything is that it needs."""
        need("curl", "curl")
        chromium = shutil.which(need(os.environ.get("CHROMIUM", "chromium"), "chromium"))
        return run(node(), *words, cwd=HERE, env=self.environment | {"CHROMIUM": str(chromium)})

    def picture(self) -> None:
        """The README's picture is taken anew, and what it shows is recorded."""
        pngquant = need("pngquant", "pngquant")
        self.run("picture.js", PICTURE)
        run(pngquant, "--force", "--strip", "--ext=.png", "128", PICTURE)
        SUMS.write_text(sums(), encoding="utf-8")


class Tests:
    """A file of tests."""

    def __init__(self, browser: Browser, file: Path) -> None:
        """Take over what the file says that it is about."""
        self.browser = browser
        self.file = file
        self.__doc__ = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("// ")

    def __call__(self) -> None:
        """Run them all."""
        printed = self.browser.run("--test", "--test-reporter=spec", self.file)
        passed = re.search(r"^. pass (\d+)$", printed, re.MULTILINE)
        assert passed is not None and int(passed[1]) > 0, printed


def sums() -> str:
    """The checksums of the picture and of what it shows, as sha256sum prints them."""
    files = [*sorted(SITE.iterdir()), HERE / "picture.js", PICTURE]
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(ROOT)}"
        for file in files
    ]
    return "\n".join(lines) + "\n"


def picture_is_true() -> None:
    """The README's picture is of the page as it is."""
    recorded = SUMS.read_text(encoding="utf-8")
    assert recorded == sums(), (
        "the page has changed: look at `make picture`, and commit what it makes"
    )


def main() -> int:
    """Do what the arguments say; the exit status says whether all hold."""
    command, *options = sys.argv[1:]
    browser = Browser(command)
    if options == ["--picture"]:
        return run_all([browser.picture])
    checks: list[Callable[[], None]] = [picture_is_true]
    checks += [Tests(browser, file) for file in sorted(HERE.glob("*.test.js"))]
    return run_all(checks)


if __name__ == "__main__":
    sys.exit(main())
