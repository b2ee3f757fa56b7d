"""Secrets in calls of every outcome, looked for in all that is said and in the memory left behind.

The host of the C functions, tests/deep/secret_leaks.c, holds them in disguise: what is found is left by the
library. Once a result is freed, neither code nor number is anywhere in memory; once the client and
its settings are, nor is the key or the password of a proxy.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deep.part import Place
from deep.process_memory import ProcessMemory
from deep.secret_cases import (
    CODE,
    KEPT,
    KEY,
    MESSAGE,
    PASSING,
    PASSWORD,
    ROUTES,
    SENDER,
    WRITTEN,
    Case,
    Route,
    repeated,
    service,
)
from harness.authority import Authority
from harness.tools import without_variables

TITLE = "Secrets: in what is said, and in memory once they have served"
COPIES = {"key": 2, "password": 2, "login": 0}
"""How often a client and its settings, both alive, hold what they need."""


class Host:
    """The built tests/deep/secret_leaks.c."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said = ""

    def tell(self, *words: str) -> None:
        """Have it do something with values, which are the last words, in disguise."""
        assert self._process.stdin is not None
        print(*words, file=self._process.stdin, flush=True)

    def rest(self) -> ProcessMemory:
        """Its memory, when it has done all that it was told."""
        assert self._process.stdout is not None
        self.tell("rest")
        for line in self._process.stdout:
            if line == "resting\n":
                return ProcessMemory(self._process.pid)
            self.said += line
        raise AssertionError(f"it ended\n{self.said}")

    def end(self) -> None:
        """Let it end, as it should."""
        said, _ = self._process.communicate(timeout=60)
        self.said += said
        assert self._process.returncode == 0, self.said


@contextmanager
def host(place: Place) -> Iterator[Host]:
    """Start the program."""
    with subprocess.Popen(
        [place.parts / "secret_leaks"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Host(process)
        finally:
            process.kill()


def disguised(value: str) -> str:
    """A value as the program takes it: nobody finds it by chance."""
    return bytes(~byte & 0xFF for byte in value.encode(errors="surrogateescape")).hex()


def run(place: Place) -> str:
    """Make all calls, two at a time."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        authority, stranger = Authority(Path(one)), Authority(Path(other))

        def played(call: tuple[Route, Case]) -> list[str]:
            route, case = call
            with service(case, route, authority, stranger) as settings:
                found = called(place, case, settings)
                # Nobody can cancel the command but by a signal.
                if case.code != "CANCELLED":
                    found += commanded(place, case, settings)
            return [f"{case.name}, {route.name}: {what}" for what in found]

        # The last route has all that the others have, and a proxy's password.
        routes = ROUTES[-1:] if place.brief else ROUTES
        calls = [(route, case) for route in routes for case in route.cases]
        with ThreadPoolExecutor(2) as pool:
            found = list(itertools.chain(refused(place), *pool.map(played, calls)))
    assert not found, f"{len(found)} finds, such as {found[0]}\n" + "\n".join(found)
    return (
        f"{len(calls)} calls from C and from the shell, {2 * len(calls) + 1} looks at all memory: key, "
        "code, number and password are in no record, error or output, nor in memory given back"
    )


def called(place: Place, case: Case, settings: dict[str, str]) -> list[str]:
    """Make a call, and look at the memory when its result and when all is freed: what was found."""
    with host(place) as program:
        program.tell("config", disguised(KEY))
        for name, value in settings.items():
            program.tell("set", name, disguised(value))
        program.tell("client")
        arguments = [WRITTEN, CODE] if case.call == "check" else [WRITTEN]
        program.tell(case.call, *map(disguised, arguments))
        program.tell("free result")
        alive = program.rest()
        program.tell("free client")
        program.tell("free config")
        dead = program.rest()
        program.end()
    assert f"result\t{case.code}\t" in program.said, f"{case}\n{program.said}"
    found = [f"{secret} is said" for secret in repeated(program.said)]
    found += [f"{name} remains {where}" for name, where in remains(alive, PASSING)]
    for name, secret in KEPT.items():
        places = alive.find(secret)
        if len(places) > COPIES[name]:
            found.append(f"{name} is copied to {places}")
    assert alive.find(KEY), "what is there is not found"
    found += [f"{name} is left {where}" for name, where in remains(dead, KEPT | PASSING)]
    return found


def commanded(place: Place, case: Case, settings: dict[str, str]) -> list[str]:
    """Make the same call with the command: what it should not have printed."""
    options = ["--url", settings["url"], "--proxy", settings["proxy"]]
    options += ["--ca-file", settings["ca_file"]]
    options += ["--timeout", str(int(settings.get("timeout_ms", "30000")) / 1000)]
    if case.call == "send":
        options += ["--sender", settings["sender"], "--message", settings["message"]]
    arguments = [WRITTEN] if case.call == "send" else [WRITTEN, "-"]
    found = []
    for form in ([], ["--json"]):
        done = subprocess.run(
            [place.command, case.call, *form, *options, "--", *arguments],
            env=without_variables(VERIFYSMS_API_KEY=KEY),
            input=CODE,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said = done.stdout + done.stderr
        # What was sent, from whom and to whom, is what it is asked for.
        allowed = {"number", "sender"} if case.code == "OK" and case.call == "send" else set()
        if form:
            told = json.loads(done.stdout)
            assert told["name"] == case.code, f"{case}\n{said}"
            said = json.dumps(told | {"to": None}) + done.stderr
        found += [f"the command says {secret}" for secret in repeated(said, *allowed)]
    return found


def remains(memory: ProcessMemory, secrets: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What of some secrets is in memory, and where."""
    for name, secret in secrets.items():
        for place in memory.find(secret):
            yield name, place


def refused(place: Place) -> Iterator[str]:
    """Have arguments and settings refused that hold secrets: what was found."""
    settings = {
        "sender": KEY,
        "message": KEY,
        "url": f"http://{KEY}@127.0.0.1/",
        "proxy": f"gopher://user:{PASSWORD}@127.0.0.1/",
        "ca_file": "",
    }
    calls = [
        ("send", WRITTEN + "9"),
        ("send", WRITTEN + "x"),
        ("send", WRITTEN, KEY, MESSAGE),
        ("send", WRITTEN, SENDER, KEY),
        ("check", WRITTEN + "9", CODE),
        ("check", WRITTEN, CODE * 2),
        ("check", WRITTEN, CODE[:8] + "\x07" + CODE[8:]),
        ("check", WRITTEN, CODE[:8] + "\udcff"),
    ]
    with host(place) as program:
        # What is not refused by mistake goes nowhere.
        nowhere = disguised("http://127.0.0.1:1/")
        program.tell("config", disguised(f"{KEY[:15]}\n{KEY[15:]}"))
        program.tell("client")
        program.tell("free config")
        for name, value in settings.items():
            program.tell("config", disguised(KEY))
            program.tell("set", name, disguised(value))
            program.tell("free config")
        program.tell("config", disguised(KEY))
        program.tell("set", "url", nowhere)
        program.tell("client")
        for call, *values in calls:
            program.tell(call, *map(disguised, values))
            program.tell("free result")
        program.tell("free client")
        program.tell("free config")
        dead = program.rest()
        program.end()
    assert program.said.count("refused\t") == len(settings) + 1, program.said
    assert program.said.count("result\tINVALID_ARGUMENT\t0\t") == len(calls), program.said
    yield from (f"{secret} is said of a refusal" for secret in repeated(program.said))
    for name, where in remains(dead, KEPT | PASSING):
        yield f"{name} is left {where} after a refusal"
