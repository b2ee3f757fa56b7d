"""How Sphinx makes the site out of the pages that assemble.py has written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from astroid import nodes  # type: ignore[import-not-found]
from astroid.manager import AstroidManager  # type: ignore[import-not-found]
from sphinx.ext.napoleon import GoogleDocstring  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[1]

project = "verifysms"
author = "the verifysms project"
version = release = re.findall(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[0]
language = "en"

extensions = [
    "myst_parser",
    "sphinx_design",
    "breathe",
    "sphinx.ext.napoleon",
    "autoapi.extension",
    "sphinxcontrib.openapi",
]
highlight_language = "none"
# As the docstrings of Python have their code.
default_role = "code"
# Dashes alone: quotation marks stay as they are written, in Hebrew as well.
smartquotes_action = "D"
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True

myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 4

breathe_projects = {"verifysms": os.environ["DOXYGEN_XML"]}
breathe_default_project = "verifysms"
breathe_domain_by_extension = {"h": "c", "hpp": "cpp"}

# From the sources alone: the package need not be built.
autoapi_dirs = [str(ROOT / "bindings/python/python/verifysms")]
autoapi_file_patterns = ["*.pyi", "*.py"]
autoapi_options = ["members", "undoc-members", "inherited-members", "imported-members"]
autoapi_root = "reference/python"
autoapi_add_toctree_entry = False
napoleon_custom_sections = [("Fields", "params_style")]
# `in_google_style` does it.
napoleon_google_docstring = napoleon_numpy_docstring = False

templates_path = [str(ROOT / "docs/theme")]
html_static_path = [str(ROOT / "docs/theme/static")]
html_css_files = ["site.css"]
html_theme = "pydata_sphinx_theme"
html_title = "verifysms"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
# A browser lets no file read another, which a summary would have to do.
html_show_search_summary = False
html_context = {"default_mode": "auto"}
html_sidebars: dict[str, list[str]] = {"index": [], "he": [], "search": []}
html_theme_options = {
    "logo": {"text": "verifysms"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher", "hebrew"],
    # Of one level alone: what opens and closes there has no name for a screen reader.
    "navigation_depth": 1,
    "footer_start": ["licence"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "back_to_top_button": False,
}
# Rust's own reference is a site of its own, with its own search.
html_extra_path = [os.environ["RUSTDOC"]]


def in_hebrew(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:  # noqa: ANN401
    """Tell the templates that a page is in Hebrew."""
    if pagename == "he":
        context["language"] = "he"


def in_google_style(app: Any, *about: Any) -> None:  # noqa: ANN401
    """Read a docstring's sections. Napoleon, told that it is an attribute's, takes "x: y" for a type."""
    lines = about[-1]
    lines[:] = GoogleDocstring(lines, app.config, app).lines()


def for_types(module: Any) -> None:  # noqa: ANN401
    """Let autoapi read what the package imports for type checkers and at its first use: AsyncClient."""
    conditions = [node for node in module.body if isinstance(node, nodes.If)]
    for node in conditions if module.name == "verifysms" else ():
        place = module.body.index(node)
        module.body[place : place + 1] = node.body


def setup(app: Any) -> None:  # noqa: ANN401
    """Join Sphinx."""
    app.connect("html-page-context", in_hebrew)
    app.connect("autodoc-process-docstring", in_google_style)
    AstroidManager().register_transform(nodes.Module, for_types)
