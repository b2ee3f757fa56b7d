"""A fixture for pytest, opt-in: `pytest_plugins = ["verifysms.pytest_plugin"]` in your conftest.py.

def test_sign_up(verifysms_sandbox):
    client = verifysms_sandbox.client()
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from verifysms.testing import Sandbox


@pytest.fixture
def verifysms_sandbox() -> Iterator[Sandbox]:
    """Give a sandbox of the test's own, closed afterwards."""
    with Sandbox() as sandbox:
        yield sandbox
