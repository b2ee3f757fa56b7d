"""Sandboxes that behave one way all the time."""

from __future__ import annotations

import time

from verifysms.testing import Sandbox

MANY = 1000


class SilentSandbox:
    """Takes every request and answers none until it is closed."""

    def __init__(self, sandbox: Sandbox) -> None:
        sandbox.fail_next(MANY, failure="never_answer")
        self.url = sandbox.url
        self._sandbox = sandbox
        self._waited = 0

    def wait_for_request(self) -> None:
        """Return when a request has arrived that nobody waited for yet."""
        until = time.monotonic() + 10
        while MANY - self._sandbox.waiting() <= self._waited:
            assert time.monotonic() < until, "no request came"
            time.sleep(0.001)
        self._waited += 1
