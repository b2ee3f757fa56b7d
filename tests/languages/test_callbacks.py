"""Functions of a program that C calls, and that do not return to it.

The program in callbacks/ of each language is told the way, and finds a sandbox in VERIFYSMS_URL, its key in
VERIFYSMS_API_KEY. Go's cases are in the tests of its package; Node calls nothing back in a call.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.caller import KEY
from harness.sandbox import Sandbox
from harness.tools import ROOT, MissingToolError, need, run

BINDINGS = ROOT / "bindings"
HERE = Path(__file__).parent / "callbacks"


class Case(NamedTuple):
    """A way to leave, and what becomes of the program."""

    how: str
    printed: str
    status: int = 0
    fails: str = ""
    """How the service fails meanwhile."""


WAITS = "never_answer"
DEADLINE = "the deadline passed"
PERL = (
    Case("exit of log", "", 5),
    Case("exit of event", "", 5),
    Case("exit of interrupt", "", 5, WAITS),
    Case("exit of a handler in log", "", 5, WAITS),
    Case("exit of a handler in event", "", 5, WAITS),
    Case("exit of a handler in interrupt", "", 5, WAITS),
    Case("exit of a handler in DESTROY", "", 5),
    Case("a status", "7\nover\n"),
    Case("die of log under strict warnings", "the disk is full\n0 more\nover\n"),
    Case("die of a handler in log", "too late\nover\n", 0, WAITS),
    Case("die of a handler in event", "too late\nover\n", 0, WAITS),
    Case("die of a handler in interrupt", "too late\nover\n", 0, WAITS),
    Case("a flag", "warned: stop\nthe call was cancelled\nover\n", 0, WAITS),
)
PHP = (
    Case("throw of a handler in log", "too late\nover\n", 0, WAITS),
    Case("throw of a handler in event", "too late\nover\n", 0, WAITS),
    Case("throw of a handler in interrupt", "too late\nover\n", 0, WAITS),
    Case("throw of interrupt", "enough\nenough\nover\n", 0, WAITS),
    Case("throw of log", "not verified\nover\n"),
    Case("a flag", "the call was cancelled\nover\n", 0, WAITS),
    Case("signals that the program dispatches", f"{DEADLINE}\n0\nover\n", 0, WAITS),
)
RUBY = (
    Case("throw of log", "not verified\n0 lost\nover\n"),
    Case("throw of event", "not verified\n0 lost\nover\n"),
    Case("throw of interrupt", "the call was cancelled\nover\n", 0, WAITS),
    Case("raise of log under strict warnings", "not verified\n0 lost\nover\n"),
    Case("raise of interrupt under strict warnings", "the call was cancelled\nover\n", 0, WAITS),
)
LUA = (
    Case("a hook in log", "too late\ntrue\nover\n", 0, WAITS),
    Case("a hook in event", "too late\ntrue\nover\n", 0, WAITS),
    Case("a hook in interrupt", "too late\ntrue\nover\n", 0, WAITS),
    Case("no hook", f"{DEADLINE}\ntrue\nover\n", 0, WAITS),
    Case("error of log", "not verified\ntrue\nover\n"),
    Case("error of interrupt", "the call was cancelled\ntrue\nover\n", 0, WAITS),
)
JAVA = (
    Case("close in log", "not verified\nclosed\nfreed\nover\n"),
    Case("close in event", "not verified\nclosed\nover\n"),
    Case("close in interrupt", "the call was cancelled\nclosed\nover\n", 0, WAITS),
    Case("close elsewhere", "the call was cancelled\nclosed\nover\n", 0, WAITS),
    Case("checked exception of log", "not verified\nover\n"),
    Case("checked exception of event", "not verified\nover\n"),
    Case("checked exception of interrupt", "the call was cancelled\nover\n", 0, WAITS),
)


def leaves(command: tuple[str | Path, ...], case: Case, running: Sandbox, **environment: str) -> None:
    """Run a program of callbacks/ in the way of a case, and hold its end against that."""
    running.control("reset", {})
    if case.fails:
        # Each attempt to check is a request.
        running.fail(case.fails, 10)
    done = subprocess.run(
        [*command, case.how],
        env=os.environ | {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": running.url} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    # Where it says how far the call came.
    printed = re.sub(r";.*", "", done.stdout)
    assert (done.returncode, printed) == (case.status, case.printed), done
    running.control("reset", {})


@pytest.mark.parametrize("case", PERL, ids=lambda case: case.how)
def test_perl(case: Case, running: Sandbox, library: Path) -> None:
    """An exit has its status, an exception comes out of the call, and nothing is lost."""
    perl = need("perl", "libffi-platypus-perl")
    environment = {"PERL5LIB": str(BINDINGS / "perl"), "VERIFYSMS_LIBRARY": str(library)}
    leaves((perl, HERE / "callbacks.pl"), case, running, **environment)


@pytest.mark.parametrize("case", PHP, ids=lambda case: case.how)
def test_php(case: Case, running: Sandbox, library: Path) -> None:
    """A handler that throws ends the call, or comes after it, and never the program."""
    php = need("php", "php-cli")
    path = f"-dinclude_path={BINDINGS / 'php'}"
    leaves((php, path, HERE / "callbacks.php"), case, running, VERIFYSMS_LIBRARY=str(library))


@pytest.mark.parametrize("case", RUBY, ids=lambda case: case.how)
def test_ruby(case: Case, running: Sandbox, library: Path) -> None:
    """Neither a throw nor a warning that raises passes over the library."""
    ruby = need("ruby", "ruby")
    environment = {"RUBYLIB": str(BINDINGS / "ruby"), "VERIFYSMS_LIBRARY": str(library)}
    leaves((ruby, "-w", HERE / "callbacks.rb"), case, running, **environment)


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The command that runs the program."""
    javac = need("javac", "default-jdk-headless")
    jna = Path("/usr/share/java/jna.jar")
    if not jna.exists():
        missing = "no JNA (apt-get install libjna-java)"
        raise MissingToolError(missing)
    out = tmp_path_factory.mktemp("java")
    strict = ("--release", "8", "-Xlint:all,-options", "-Werror", "-cp", jna, "-d", out)
    run(javac, *strict, BINDINGS / "java/src/main/java/verifysms/Verifysms.java", HERE / "Callbacks.java")
    return (need("java", "default-jdk-headless"), "-cp", f"{jna}:{out}", "Callbacks")


@pytest.mark.parametrize("case", JAVA, ids=lambda case: case.how)
def test_java(case: Case, running: Sandbox, library: Path, java: tuple[str, ...]) -> None:
    """A client that is closed in a callback is freed after the call, and no exception reaches JNA."""
    leaves(java, case, running, VERIFYSMS_LIBRARY=str(library))


@pytest.mark.parametrize("case", LUA, ids=lambda case: case.how)
def test_lua(case: Case, running: Sandbox, library: Path) -> None:
    """A debug hook that raises does so after the call."""
    luajit = need("luajit", "luajit")
    environment = {"LUA_PATH": f"{BINDINGS}/lua/?.lua", "VERIFYSMS_LIBRARY": str(library)}
    leaves((luajit, HERE / "callbacks.lua"), case, running, **environment)
