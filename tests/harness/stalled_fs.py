"""A file system that stalls, as one of a server that went away does: FUSE (linux/fuse.h)."""

from __future__ import annotations

import ctypes
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.tools import MissingToolError

LOOKUP, GETATTR, INIT = 1, 3, 26
FOREVER = 1 << 30
# The first version whose kernel takes the short answer to INIT that is given here.
VERSION = 7, 22
DETACH = 2


@contextmanager
def stalled_file(folder: Path, *, is_found: bool) -> Iterator[Path]:
    """A file of an empty folder whose opening never ends, or that is not even found in the end."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        raise MissingToolError(f"no /dev/fuse: {error}") from None
    try:
        options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
        if libc.mount(b"stalled", bytes(folder), b"fuse", 0, options.encode()) != 0:
            raise MissingToolError("a mount takes the rights of root")
        # What comes after the last answer is not even read, so that who waits for it can be killed.
        last = LOOKUP if is_found else INIT
        thread = threading.Thread(target=_answer, args=(device, last))
        thread.start()
        try:
            yield folder / "authority.pem"
        finally:
            libc.umount2(bytes(folder), DETACH)
    finally:
        # Ends all waits, ours as well.
        os.close(device)
    thread.join()


def _answer(device: int, last: int) -> None:
    """Answer until the last question that is answered was asked."""
    operation = 0
    while operation != last:
        try:
            question = os.read(device, 1 << 17)
        except OSError:
            return
        operation, unique, node = struct.unpack("4xIQQ", question[:24])
        if operation == INIT:
            answer = struct.pack("IIIIHHI", *VERSION, 0, 0, 0, 0, 4096)
        elif operation == GETATTR:
            answer = struct.pack("QII", FOREVER, 0, 0) + _attributes(node)
        elif operation == LOOKUP:
            answer = struct.pack("QQQQII", 2, 0, FOREVER, FOREVER, 0, 0) + _attributes(2)
        else:
            continue
        os.write(device, struct.pack("IiQ", 16 + len(answer), 0, unique) + answer)


def _attributes(node: int) -> bytes:
    """The attributes (struct fuse_attr) of node 1, the folder, or of its file."""
    mode = 0o40755 if node == 1 else 0o100644
    times = (0, 0, 0)
    return struct.pack("6Q10I", node, 1000, 8, *times, *times, mode, 1, 0, 0, 0, 4096, 0)
