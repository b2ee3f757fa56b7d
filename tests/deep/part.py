"""What the parts of the deep checks have in common.

A part is a module with a TITLE and a function `run`, which says in one line what was done and
found. It fails by an exception, and is skipped by MissingToolError or UnobtainableError.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness import tools

ROOT = tools.ROOT


class UnobtainableError(Exception):
    """A check needs what the system has no package of: it is skipped, and that is no failure."""


@dataclass(frozen=True)
class Place:
    """What there is to work with."""

    command: Path
    """The built command `verifysms`; the libraries lie beside it."""
    parts: Path
    """The folder of the built C programs."""
    work: Path
    """The folder for what the deep checks build and find; it stays until `make clean`."""
    brief: bool
    """Whether a run of minutes is wanted, not of an hour."""
