"""Print the folder with the files of Debian's wine for 32 bits, which is made once: nothing is installed.

    python3 tests/platforms/wine32.py

Its programs run as they are: an x86-64 kernel runs those of 32 bits, and libc6-i386 has the loader.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bindings/python/tools")]

from harness.tools import MissingToolError  # noqa: E402
from platforms.debian import debian  # noqa: E402

LOADER = Path("/lib/ld-linux.so.2")


def wine32() -> Path:
    """The folder."""
    if not LOADER.exists():
        raise MissingToolError(f"no {LOADER} (apt-get install libc6-i386)")
    folder = debian("bookworm", "i386", "wine32")
    zlib = folder / "usr/lib/i386-linux-gnu/wine/i386-windows/zlib1.dll"
    if not zlib.exists():
        # As the package does it when it is configured: wine loads from there what is marked as its own.
        built = (folder / "usr/i686-w64-mingw32/lib/zlib1.dll").read_bytes()
        zlib.write_bytes(built[:64] + b"Wine builtin DLL".ljust(32, b"\0") + built[96:])
        # The script there looks for a server among the installed programs.
        server = folder / "usr/lib/wine/wineserver"
        server.unlink()
        server.symlink_to("wineserver32")
    return folder


if __name__ == "__main__":
    print(wine32())
