"""The fixture of pytest, which pytest finds by itself. A run that does not use it does not load verifysms.

def test_sign_up(verifysms_sandbox):
    client = verifysms_sandbox.client()
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from verifysms.testing import Sandbox


@pytest.fixture
def verifysms_sandbox() -> Iterator[Sandbox]:
    """Give a sandbox of the test's own, closed afterwards."""
    from verifysms.testing import Sandbox

    with Sandbox() as sandbox:
        yield sandbox
