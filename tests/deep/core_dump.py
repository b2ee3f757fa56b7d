"""All the memory of a running program, as gdb dumps it: what is left of a secret in there."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.tools import need, run

# Registers are left out: the widest hold the last bytes that were deciphered or copied, until the
# next are. No language reaches them.
WINDOW = 8
"""So many characters of a secret are a find: an allocator writes into what was freed."""


class CoreDump:
    """What was in memory."""

    def __init__(self, process: int) -> None:
        gdb = need("gdb", "gdb")
        maps = Path(f"/proc/{process}/maps").read_text()
        self._regions = [_region(line) for line in maps.splitlines()]
        with tempfile.TemporaryDirectory() as folder:
            core = Path(folder) / "core"
            said = run(gdb, "-nx", "-batch", "-p", str(process), "-ex", f"gcore {core}")
            assert core.exists(), f"no core dump\n{said}"
            self._bytes = core.read_bytes()
        self._segments = list(_segments(self._bytes))

    def find(self, secret: str) -> list[str]:
        """The places where a secret is, or a piece of it, with what is around each."""
        text = secret.encode()
        pieces = {text[at : at + WINDOW] for at in range(len(text) - WINDOW + 1)}
        found: list[str] = []
        last = -2
        # They may overlap: a whole secret is many pieces in one place.
        for at in sorted(at for piece in pieces for at in self._places(piece)):
            if at != last + 1 and (where := self._where(at)):
                found.append(f"at {where}, in {self._bytes[max(0, at - 64) : at + 64]!r}")
            last = at
        return found

    def _places(self, piece: bytes) -> Iterator[int]:
        at = self._bytes.find(piece)
        while at >= 0:
            yield at
            at = self._bytes.find(piece, at + 1)

    def _where(self, at: int) -> str:
        """Whose memory it is; nothing if it is not memory but the processor's registers."""
        for offset, size, address in self._segments:
            if offset <= at < offset + size:
                here = address + at - offset
                for begin, end, title in self._regions:
                    if begin <= here < end:
                        return f"{title}+{here - begin:#x}"
        return ""


def _region(line: str) -> tuple[int, int, str]:
    addresses, _, _, _, _, *title = line.split(maxsplit=5)
    begin, end = (int(address, 16) for address in addresses.split("-"))
    return begin, end, title[0] if title else f"anonymous {begin:#x}"


def _segments(core: bytes) -> list[tuple[int, int, int]]:
    """Offset, size and address of each piece of memory, by the program headers of ELF."""
    table, size, count = struct.unpack_from("<Q14xHH", core, 0x20)
    headers = (struct.unpack_from("<IIQQQQ", core, table + at * size) for at in range(count))
    load = 1
    return [(offset, length, address) for kind, _, offset, address, _, length in headers if kind == load]
