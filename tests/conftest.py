"""Fixtures for all tests that Python drives, their options, and what a missing tool means.

    python3 tests/run.py tests/hosts -k forks

Tests marked `isolated` run in namespaces of their own, at the end and in one process; tests marked
`slow` take minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from harness.authority import Authority
from harness.caller import KEY, Caller
from harness.namespaces import Resolver, is_isolated, isolated, resolver
from harness.sandbox import Sandbox, sandbox
from harness.server import ScriptedServer, relay, serve
from harness.tools import ROOT, MissingToolError

NewFolder = Callable[[], Path]
APART = pytest.StashKey[bool]()
"""Whether isolated tests are to be run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where is what was built."""
    group = parser.getgroup("verifysms")
    built = ROOT / "target"
    group.addoption("--command", type=Path, default=built / "release" / "verifysms")
    group.addoption("--parts", type=Path, default=built / "parts", help="the built C programs")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the isolated tests to a process of their own, and all others out of that."""
    apart = [item for item in items if item.get_closest_marker("isolated")]
    others = [item for item in items if item not in apart]
    if is_isolated():
        apart, others = others, apart
    elif not config.option.collectonly:
        config.stash[APART] = bool(apart)
    else:
        return
    items[:] = others
    config.hook.pytest_deselected(items=apart)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Run the isolated tests."""
    config = session.config
    if not config.stash.get(APART, False) or session.shouldfail:
        return
    with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        arguments = [str(one) for one in config.invocation_params.args]
        try:
            command = isolated(sys.executable, "-m", "pytest", *arguments)
        except MissingToolError as missing:
            print(f"\nSKIPPED the isolated tests: {missing}", flush=True)
            status = 1 if os.environ.get("CI") else 0
        else:
            status = subprocess.run(command, check=False).returncode
    if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = status


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    """Skip a test whose tool is not there."""
    yield from _skip_for_want_of_a_tool()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """The same in its course."""
    yield from _skip_for_want_of_a_tool()


def _skip_for_want_of_a_tool() -> Generator[None, None, None]:
    try:
        yield
    except MissingToolError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def command(pytestconfig: pytest.Config) -> Path:
    """The built command `verifysms`."""
    return Path(pytestconfig.getoption("command")).resolve()


@pytest.fixture(scope="session")
def parts(pytestconfig: pytest.Config) -> Path:
    """The folder of the built C programs."""
    return Path(pytestconfig.getoption("parts")).resolve()


@pytest.fixture(scope="session")
def library(command: Path) -> Path:
    """The built shared library."""
    return command.with_name("libverifysms.so")


@pytest.fixture(scope="session")
def running(command: Path) -> Iterator[Sandbox]:
    """A sandbox in clear."""
    with sandbox(command, "--api-key", KEY) as started:
        yield started


@pytest.fixture(scope="session")
def running_tls(command: Path) -> Iterator[Sandbox]:
    """A sandbox over TLS."""
    with sandbox(command, "--api-key", KEY, "--tls") as started:
        yield started


@pytest.fixture(scope="session")
def new_folder() -> Iterator[NewFolder]:
    """Makes folders that other users may enter."""
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)

        def make() -> Path:
            folder = Path(tempfile.mkdtemp(dir=parent))
            folder.chmod(0o755)
            return folder

        yield make


@pytest.fixture(scope="session")
def authority(new_folder: NewFolder) -> Authority:
    """A certificate authority that only the tests know."""
    return Authority(new_folder())


@pytest.fixture(scope="session")
def clear(running: Sandbox) -> Iterator[ScriptedServer]:
    """A relay to the sandbox, which sees what is sent."""
    with serve(relay(running.url)) as server:
        yield server


@pytest.fixture(scope="session")
def secure(running: Sandbox, authority: Authority) -> Iterator[ScriptedServer]:
    """The same over TLS."""
    with serve(relay(running.url), tls=authority.context()) as server:
        yield server


@pytest.fixture(scope="session")
def call(parts: Path, running: Sandbox) -> Caller:
    """Makes calls, of the sandbox in clear or of what leads to it."""
    return Caller(parts / "caller", running)


@pytest.fixture(scope="session")
def resolving(new_folder: NewFolder) -> Resolver:
    """Makes resolvers, each with a folder of its own."""
    return lambda hosts="", **more: resolver(new_folder(), hosts, **more)
