"""Make the site: `python3 docs/make.py DOXYGEN_XML RUSTDOC SITE`.

DOXYGEN_XML is what doxygen has made of the headers, RUSTDOC what cargo has made of the crate, SITE the folder
of the site, whose first page is SITE/index.html. Sphinx comes from pip, the first time; all else is here.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "bindings/python/tools"))

from environments import MissingError, cached_environment, exit_status, run  # noqa: E402

from assemble import SiteError, assemble  # noqa: E402


def build(xml: Path, rustdoc: Path, site: Path) -> None:
    """Make it anew. Every warning is an error."""
    if not xml.is_dir():
        raise MissingError("no doxygen (apt-get install doxygen)")
    if shutil.which("mandoc") is None:
        raise MissingError("no mandoc (apt-get install mandoc)")
    programs = cached_environment(ROOT / "target/site-environment", ROOT / "docs/requirements.txt")
    work = site.with_name(f"{site.name}-parts")
    for folder in (site, work):
        shutil.rmtree(folder, ignore_errors=True)
    assemble(work / "pages")
    shutil.copy(ROOT / "src/sandbox/page/openapi.json", work / "pages/reference")
    # The reference of C is beside that of Rust, and is shown by Sphinx.
    shutil.copytree(rustdoc, work / "extra/rust", ignore=shutil.ignore_patterns("c", ".*"))
    run(
        programs / "python",
        *("-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "--conf-dir", ROOT / "docs"),
        *("--doctree-dir", work / "doctrees", work / "pages", site),
        cwd=ROOT,
        DOXYGEN_XML=str(xml),
        RUSTDOC=str(work / "extra"),
    )


def main() -> None:
    """Make it where the arguments say."""
    xml, rustdoc, site = (Path(argument).resolve() for argument in sys.argv[1:])
    try:
        build(xml, rustdoc, site)
    except SiteError as error:
        sys.exit(f"docs: {error}")
    print(f"The site: {site}/index.html")


if __name__ == "__main__":
    sys.exit(exit_status(main, "the site"))
