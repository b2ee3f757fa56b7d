"""What the tests need of the machine: tools, and names that only some programs can resolve."""

from __future__ import annotations

import os
import shutil
import subprocess
import unittest
from pathlib import Path


def need(test: unittest.TestCase, tool: str, package: str) -> str:
    """The path of a tool. Without it the test is skipped, or fails where all should be there."""
    path = shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        miss(test, f"no {tool} (apt-get install {package})")
    assert path is not None
    return path


def miss(test: unittest.TestCase, what: str) -> None:
    """Skip the test for the want of something, or fail where all should be there."""
    if os.environ.get("CI"):
        test.fail(what)
    test.skipTest(what)


MOUNT = """
mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"
"""


class Machine:
    """A machine whose names are those of its own hosts file, with no name server that answers."""

    def __init__(self, test: unittest.TestCase, folder: Path, hosts: str, server: str) -> None:
        """With its files in an empty folder; see machine()."""
        self._hosts = folder / "hosts"
        self._hosts.write_text(hosts)
        self._resolver = folder / "resolv.conf"
        # One question and one second, so that no lookup lasts.
        self._resolver.write_text(f"nameserver {server}\noptions timeout:1 attempts:1\n")
        self._unshare = [need(test, "unshare", "util-linux"), "--mount"]
        if os.geteuid() != 0:
            self._unshare.append("--map-root-user")
        if subprocess.run(self.on("true"), capture_output=True, check=False).returncode != 0:
            miss(test, "this machine allows no mount namespace (run as root)")

    def on(self, *command: str) -> list[str]:
        """The command that runs a command on this machine."""
        files = [str(self._hosts), str(self._resolver)]
        return [*self._unshare, "sh", "-c", MOUNT, "sh", *files, *command]


def machine(
    test: unittest.TestCase, folder: Path, hosts: str = "", server: str = "127.0.0.1"
) -> Machine:
    """A machine that knows the names of `hosts`, lines of a hosts file, and its own.

    By default nothing listens where its name server should be, so that other names fail at once.
    """
    return Machine(test, folder, f"127.0.0.1 localhost\n{hosts}\n", server)
