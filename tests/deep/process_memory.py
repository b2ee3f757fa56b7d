"""All the memory of a running program: what is left of a secret in there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Registers are left out: the widest hold the last bytes that were deciphered or copied, until the
# next are. No language reaches them.
WINDOW = 8
"""So many characters of a secret are a find: an allocator writes into what was freed."""


class Region(NamedTuple):
    """A piece of memory, and whose it is."""

    title: str
    content: bytes


class ProcessMemory:
    """What is in the memory of a program that waits. Files that it only reads or runs are left out."""

    def __init__(self, process: int) -> None:
        self._regions = list(_regions(process))

    def find(self, secret: str) -> list[str]:
        """The places where a secret is, or a piece of it, with what is around each."""
        text = secret.encode()
        pieces = {text[at : at + WINDOW] for at in range(len(text) - WINDOW + 1)}
        found: list[str] = []
        for title, content in self._regions:
            last = -2
            # They may overlap: a whole secret is many pieces in one place.
            for at in sorted(at for piece in pieces for at in _places(content, piece)):
                if at != last + 1:
                    around = content[max(0, at - 64) : at + 64]
                    found.append(f"at {title}+{at:#x}, in {around!r}")
                last = at
        return found


def _regions(process: int) -> Iterator[Region]:
    folder = Path(f"/proc/{process}")
    with (folder / "mem").open("rb", buffering=0) as memory:
        for line in (folder / "maps").read_text().splitlines():
            addresses, access, _, _, inode, *title = line.split(maxsplit=5)
            begin, end = (int(address, 16) for address in addresses.split("-"))
            is_file = inode != "0" and "w" not in access
            # The kernel's own pages cannot be read this way.
            if "r" in access and not is_file and title not in (["[vvar]"], ["[vvar_vclock]"], ["[vsyscall]"]):
                memory.seek(begin)
                content = memory.read(end - begin)
                assert len(content) == end - begin, f"{line}: only {len(content)} bytes"
                yield Region(title[0] if title else f"anonymous {begin:#x}", content)


def _places(content: bytes, piece: bytes) -> Iterator[int]:
    at = content.find(piece)
    while at >= 0:
        yield at
        at = content.find(piece, at + 1)
