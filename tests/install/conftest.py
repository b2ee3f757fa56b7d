"""Two installed copies of the library, and a sandbox of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox import Sandbox, sandbox
from install.place import Tree


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Both copies."""
    return Tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def installed_sandbox(tree: Tree) -> Iterator[Sandbox]:
    """A sandbox of the installed command."""
    with sandbox(tree.plain.root / "bin" / "verifysms") as running:
        yield running


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to build in, for all tests of an installed copy."""
    return tmp_path_factory.mktemp("built")
