"""Run the JavaScript of this folder against the sandbox's page in Chromium, or take its picture.

python3 tests/browser/chromium.py COMMAND    takes the README's picture anew
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from harness.javascript import node
from harness.tools import ROOT, need, run

HERE = Path(__file__).resolve().parent
SITE = ROOT / "src/sandbox/page/site"
PICTURE = HERE / "page.png"
SUMS = HERE / "page.sha256"


def run_node(command: Path, *words: str | Path) -> str:
    """Run node with these words, where everything is that it needs."""
    need("curl", "curl")
    chromium = need(os.environ.get("CHROMIUM", "chromium"), "chromium")
    return run(node(HERE), *words, cwd=HERE, env={"VERIFYSMS": str(command), "CHROMIUM": chromium})


def sums() -> str:
    """The checksums of the picture and of what it shows, as sha256sum prints them."""
    files = [*sorted(SITE.iterdir()), HERE / "picture.js", PICTURE]
    lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(ROOT)}" for one in files]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    pngquant = need("pngquant", "pngquant")
    run_node(Path(sys.argv[1]).resolve(), "picture.js", PICTURE)
    run(pngquant, "--force", "--strip", "--ext=.png", "128", PICTURE)
    SUMS.write_text(sums(), encoding="utf-8")
