"""Namespaces of Linux: a network of a test's own, and names that only some programs can resolve."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from harness.tools import MissingToolError, need

Resolver = Callable[..., list[str]]
"""Makes the prefix of a command that can resolve some names and no others; see resolver()."""

INSIDE = "VERIFYSMS_TESTS_ISOLATED"
MOUNT = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"'


def unshare(*namespaces: str) -> list[str]:
    """The command that runs a command in new namespaces, such as --net."""
    words = [need("unshare", "util-linux"), *namespaces]
    if os.geteuid() != 0:
        words.append("--map-root-user")
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        raise MissingToolError(f"this machine allows no {' '.join(namespaces)} (run as root)")
    return words


def resolver(folder: Path, hosts: str = "", server: socket.socket | None = None) -> list[str]:
    """The command that runs a command with a hosts file of these lines, and this name server.

    By default nothing listens where the name server should be: other names fail at once.
    """
    named, asked = folder / "hosts", folder / "resolv.conf"
    named.write_text(f"127.0.0.1 localhost\n{hosts}\n")
    # One question and one second, so that no lookup lasts.
    address = server.getsockname()[0] if server else "127.0.0.1"
    asked.write_text(f"nameserver {address}\noptions timeout:1 attempts:1\n")
    return [*unshare("--mount"), "sh", "-c", MOUNT, "sh", str(named), str(asked)]


def scratch(folder: Path, *places: str) -> list[str]:
    """The command that runs a command whose changes below these places nobody else sees; they end with it."""
    script = 'mount -t tmpfs tmpfs "$1"\n'
    for number, place in enumerate(places):
        options = f"lowerdir={place},upperdir=$1/{number},workdir=$1/work{number}"
        script += f'mkdir "$1/{number}" "$1/work{number}"\nmount -t overlay -o "{options}" none {place}\n'
    command = [*unshare("--mount"), "sh", "-ec", f'{script}shift\nexec "$@"', "sh", str(folder)]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        raise MissingToolError("this machine allows no overlay file systems (run as root)")
    return command


@contextmanager
def silent_name_server() -> Iterator[socket.socket]:
    """A name server on loopback that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        for last in range(30, 60):
            try:
                # The C library asks no other port.
                listening.bind((f"127.0.0.{last}", 53))
            except OSError:
                continue
            yield listening
            return
    raise MissingToolError("port 53 takes the rights of root")


def is_isolated() -> bool:
    """Whether this process is in namespaces of its own, which isolated() has made."""
    return INSIDE in os.environ


def isolated(*command: str) -> list[str]:
    """The command that runs a command with a network and a view of the files of its own."""
    need("ip", "iproute2")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise MissingToolError("no /dev/net/tun that this user may open (run as root)")
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return [*unshare("--net", "--mount"), "env", f"{INSIDE}=yes", f"PATH={path}", *command]


def isolate() -> NoReturn:
    """Start this program anew, in namespaces of its own."""
    command = isolated(sys.executable, *sys.argv)
    os.execv(command[0], command)
