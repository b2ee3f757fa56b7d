"""A name server on loopback that never answers."""

from __future__ import annotations

import socket
import unittest
from collections.abc import Iterator
from contextlib import contextmanager

from machine import miss


@contextmanager
def silent_name_server(test: unittest.TestCase) -> Iterator[str]:
    """Its address, where port 53 may be had: the C library asks no other."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with listening:
        for last in range(30, 60):
            address = f"127.0.0.{last}"
            try:
                listening.bind((address, 53))
            except OSError:
                continue
            yield address
            return
        miss(test, "port 53 takes the rights of root")
