"""Run two programs of every language in bindings/ against a sandbox, and print one table of it.

    python3 tests/languages.py COMMAND LIBRARIES

COMMAND is the built command `verifysms`, LIBRARIES the folder of the built libverifysms.so. A
language that is not installed is skipped with the way to get it, and fails with CI in the
environment. The example has a code texted (send NUMBER), checks one (check NUMBER CODE) or only
opens a connection (connect); its exit status is the library's code. The program in mistakes/ does
with a wrong code what people write by mistake in that language, and says of each whether it let
somebody in; the right code gets in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from checks import run
from sandboxed import Sandbox, converse, sandbox
from tongues import TONGUES, Tongue

ROOT = Path(__file__).resolve().parent.parent
HEADER = (ROOT / "include/verifysms.h").read_text(encoding="utf-8")
NUMBER = "0501234567"
WRITTEN = "050-123-4567"
KEY = "sandbox-key"


def command(words: tuple[str, ...], source: Path, out: Path, libraries: Path) -> list[str]:
    """A command of a language with the program and the folders filled in."""
    filled = {"PROGRAM": source, "STEM": source.stem, "OUT": out, "LIBRARIES": libraries}
    return [re.sub("|".join(filled), lambda name: str(filled[name[0]]), word) for word in words]


def version_of(tongue: Tongue) -> str | None:
    """The version that is installed, if any is."""
    try:
        done = subprocess.run(
            tongue.version, capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found[0] if found else "?"


def same_constants(tongue: Tongue, text: str) -> None:
    """The binding's constants are the header's, and no code is left out.

    OK may be: without a name for 0, nobody takes memory of zeros for it.
    """
    defined = {
        name: int(number) for name, number in re.findall(r"#define VERIFYSMS_(\w+) (\d+)\n", HEADER)
    }
    bound = {
        name.upper().replace("-", "_").removeprefix("VERIFYSMS_"): int(number)
        for name, number in re.findall(tongue.constant, text, re.MULTILINE)
    }
    for name, number in bound.items():
        assert defined.get(name) == number, f"{name} is {defined.get(name)}, not {number}"
    needed = {name for name in defined if not name.startswith(("OK", "REASON_", "TRUST_", "LOG_"))}
    assert not needed - bound.keys(), f"missing: {needed - bound.keys()}"


def same_functions(tongue: Tongue, text: str) -> None:
    """What a binding declares as C does stands so in the header; a wrong name fails by itself."""
    flat = " ".join(HEADER.split())
    for pattern, written in tongue.spelling:
        flat = re.sub(pattern, written, flat)
    for line in re.findall(
        r"^ *([A-Za-z][a-z0-9_ *]*verifysms_\w+\([^)]*\);)$", text, re.MULTILINE
    ):
        assert " ".join(line.split()) in flat, f"the header does not have: {line}"


class Program:
    """A built program of a language, with the sandbox that it talks to."""

    def __init__(self, words: list[str], folder: Path, libraries: Path, running: Sandbox) -> None:
        """Remember what to run, and where."""
        self.words = words
        self.folder = folder
        self.running = running
        self.environment = os.environ | {
            "LD_LIBRARY_PATH": str(libraries),
            "COB_LIBRARY_PATH": str(libraries),
            "VERIFYSMS_API_KEY": KEY,
            "VERIFYSMS_SENDER": "Acme",
            "VERIFYSMS_URL": running.url,
        }

    def run(self, *given: str, **setting: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [*self.words, *given],
            cwd=self.folder,
            env=self.environment | setting,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )

    def ends(self, code: int, reached: int, said: str, *given: str, **setting: str) -> str:
        """What it prints; that and its status are held against what they should be."""
        done = self.run(*given, **setting)
        told = f"{' '.join(given)}: status {done.returncode}, printed\n{done.stdout}"
        assert done.returncode == code, told
        printed = re.search(r"code +(\d+),? +reached +(\d+)", done.stdout, re.IGNORECASE)
        assert printed is not None and printed.groups() == (str(code), str(reached)), told
        release = re.search(r'VERIFYSMS_VERSION "(.*)"', HEADER)
        assert release is not None and release[1] in done.stdout, told
        assert re.search(said, done.stdout, re.IGNORECASE), told
        return done.stdout

    def right(self) -> None:
        """A code is sent, and is right."""
        assert NUMBER in self.ends(0, 1, "accepted", "send", WRITTEN)
        newest = self.running.newest(NUMBER)
        assert newest.sender == "Acme", newest
        assert NUMBER in self.ends(0, 1, "theirs", "check", WRITTEN, newest.code)

    def connected(self) -> None:
        """A connection is opened, or there is none; nothing is asked, and nobody verified."""
        before = self.running.messages(NUMBER)
        assert "theirs" not in self.ends(0, 0, "connected", "connect")
        self.ends(4, 0, "no connection", "connect", VERIFYSMS_URL="http://127.0.0.1:1/")
        assert self.running.messages(NUMBER) == before

    def used(self) -> None:
        """A code that was used is not right again."""
        self.ends(2, 1, "type again", "check", NUMBER, self.running.newest(NUMBER).code)

    def wrong(self) -> None:
        """A code is sent, and another is typed."""
        self.ends(0, 1, "accepted", "send", NUMBER)
        wrong = "".join(str(9 - int(digit)) for digit in self.running.newest(NUMBER).code)
        self.ends(2, 1, "type again", "check", NUMBER, wrong)

    def rejected(self) -> None:
        """The sender is a number that was not approved."""
        said = "sender number is not approved"
        self.ends(3, 1, said, "send", NUMBER, VERIFYSMS_SENDER="0509999999")

    def down(self) -> None:
        """The service is down."""
        self.ends(4, 0, "no connection", "send", NUMBER, VERIFYSMS_URL="http://127.0.0.1:1/")

    def refused(self) -> None:
        """A setting is refused before anything is sent."""
        said = "sender: is longer than 11 characters"
        self.ends(1, 0, said, "send", NUMBER, VERIFYSMS_SENDER="a name too long")

    def lost(self) -> None:
        """The message is out, and the connection is closed without an answer."""
        before = len(self.running.messages(NUMBER))
        self.running.fail("lose_answer")
        self.ends(7, 2, "do not repeat it", "send", NUMBER)
        assert len(self.running.messages(NUMBER)) == before + 1

    def slow(self, meanwhile: str) -> None:
        """The answer comes after a while, and the program goes on meanwhile if it can."""
        self.running.fail({"delay": 500})
        self.ends(0, 1, f"{meanwhile}(.|\n)*accepted", "send", NUMBER)

    def misspelt(self) -> None:
        """What is neither a send nor a check is none of them, and no success."""
        before = self.running.messages(NUMBER)
        for given in ((NUMBER, "123456"), ("chekc", NUMBER, before[0].code), ()):
            done = self.run(*given)
            assert done.returncode != 0 and "theirs" not in done.stdout, done
        assert self.running.messages(NUMBER) == before

    def not_loaded(self) -> None:
        """Without the library nobody is verified."""
        code = self.running.newest(NUMBER).code
        paths = dict.fromkeys(("LD_LIBRARY_PATH", "COB_LIBRARY_PATH"), "/nowhere")
        done = self.run(
            "check", NUMBER, code, VERIFYSMS_LIBRARY="/nowhere/libverifysms.so", **paths
        )
        assert done.returncode != 0 and "theirs" not in done.stdout, done

    def nobody_is_let_in_by_mistake(self) -> None:
        """No mistake with a wrong code lets anybody in, and what is dumped shows no secret."""
        with subprocess.Popen(
            self.words,
            cwd=self.folder,
            env=self.environment | {"NUMBER": WRITTEN},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            printed = "".join(converse(process, self.running))
        told = f"status {process.returncode}, printed\n{printed}"
        assert process.returncode == 0, told
        outcomes = re.findall(r"^(in|out): +(.*?) *$", printed, re.MULTILINE)
        assert len(outcomes) > 1 and outcomes.pop() == ("in", "the right code"), told
        assert {outcome for outcome, _ in outcomes} == {"out"}, told
        for secret in (KEY, WRITTEN, self.running.newest(NUMBER).code):
            assert secret not in printed, f"{secret} in: {told}"


def mistakes_in(example: Path) -> Path:
    """The other program of an example's language; Java wants the capital."""
    name = "Mistakes" if example.stem.istitle() else "mistakes"
    return ROOT / "tests" / "mistakes" / f"{name}{example.suffix}"


def built(tongue: Tongue, source: Path, out: Path, libraries: Path, running: Sandbox) -> Program:
    """A program, ready to run."""
    folder = ROOT / "bindings" / tongue.folder
    if tongue.build:
        run(*command(tongue.build, source, out, libraries), cwd=folder)
    return Program(command(tongue.run, source, out, libraries), folder, libraries, running)


def cases(
    tongue: Tongue, out: Path, libraries: Path, running: Sandbox
) -> Iterator[Callable[[], None]]:
    """What has to hold for a language; building comes first."""
    folder = ROOT / "bindings" / tongue.folder
    text = (folder / tongue.binding).read_text(encoding="utf-8")
    # What is written in C reads the header itself.
    if tongue.constant:
        yield partial(same_constants, tongue, text)
        yield partial(same_functions, tongue, text)
    example, mistakes = (
        built(tongue, source, out, libraries, running)
        for source in (folder / tongue.example, mistakes_in(folder / tongue.example))
    )
    yield mistakes.nobody_is_let_in_by_mistake
    if tongue.connects:
        yield example.connected
    yield from (example.right, example.used, example.wrong)
    yield from (example.misspelt, example.not_loaded)
    yield from (example.rejected, example.down, example.refused, example.lost)
    yield partial(example.slow, tongue.meanwhile)


def outcome(tongue: Tongue, program: str, libraries: Path) -> tuple[int, list[str]]:
    """How many cases of a language there were, and what failed."""
    count, failures = 0, []
    with tempfile.TemporaryDirectory() as out, sandbox(program) as running:
        try:
            for case in cases(tongue, Path(out), libraries, running):
                count += 1
                try:
                    case()
                except (
                    AssertionError,
                    LookupError,
                    OSError,
                    subprocess.SubprocessError,
                ) as failure:
                    failures.append(f"{tongue.name}: {failure}")
        except (AssertionError, OSError, subprocess.SubprocessError) as failure:
            count += 1
            failures.append(f"{tongue.name} was not built: {failure}")
    return count, failures


def main() -> int:
    """Run all; the exit status says whether all hold."""
    program, libraries = sys.argv[1], Path(sys.argv[2]).resolve()
    passed = skipped = 0
    failures: list[str] = []
    print(f"{'language':<11} {'version':<10} {'cases':>5} {'passed':>6}")
    for tongue in TONGUES:
        version = version_of(tongue)
        if version is None:
            skipped += 1
            print(f"{tongue.name:<11} skipped: not here (apt-get install {tongue.package})")
            continue
        count, failed = outcome(tongue, program, libraries)
        passed += count - len(failed)
        failures += failed
        print(f"{tongue.name:<11} {version:<10} {count:>5} {count - len(failed):>6}", flush=True)
    for failure in failures:
        print(f"FAIL {failure}")
    print(f"{passed} passed, {len(failures)} failed, {skipped} skipped")
    return 1 if failures or (skipped and os.environ.get("CI")) else 0


if __name__ == "__main__":
    sys.exit(main())
