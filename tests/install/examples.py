"""The examples, built out of the source tree as a user would, each with its story."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from harness.sandbox import Sandbox
from harness.tools import NUMBER, ROOT, MissingToolError, need, run
from install.place import CC, CXX, STRICT, Place

LIBEVENT = ROOT / "bindings" / "c" / "libevent.c"
"""The one that needs another library."""
LIBEVENT_HEADER = Path("/usr/include/event2/event.h")
C = sorted({*(ROOT / "bindings" / "c").glob("*.c")} - {LIBEVENT})
CPP = sorted((ROOT / "bindings" / "cpp").glob("*.cpp"))
CANCELLED = 10
NOT_VERIFIED = 2


class Examples:
    """The built programs of one way to build them."""

    def __init__(self, folder: Path, place: Place, running: Sandbox) -> None:
        self.folder = folder
        self.place = place
        self.running = running
        self.environment = place.environment | {
            "VERIFYSMS_URL": running.url,
            "VERIFYSMS_API_KEY": "sandbox-key",
        }

    def run(self, name: str, *arguments: str, status: int = 0, stdin: str = "") -> str:
        """Run one of them against the sandbox."""
        program = self.folder / name
        return run(program, *arguments, env=self.environment, status=status, stdin=stdin)

    def started(self, name: str) -> subprocess.Popen[str]:
        """Start one of them, with the number."""
        command, pipe = [str(self.folder / name), NUMBER], subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, stdin=pipe, stdout=pipe, text=True)

    def verify(self, name: str, wrong: int) -> None:
        """A number is verified with the code that was texted, once; the key must be right."""
        assert NUMBER in self.run(name, "send", NUMBER)
        sent = self.running.messages(NUMBER)
        self.run(name, "check", NUMBER, status=1)
        self.run(name, NUMBER, sent[0].code, status=1)
        assert self.running.messages(NUMBER) == sent, "neither was a send"
        self.run(name, "check", NUMBER, sent[0].code)
        self.run(name, "check", NUMBER, sent[0].code, status=wrong)
        refused = run(
            self.folder / name,
            "send",
            NUMBER,
            env=self.environment | {"VERIFYSMS_API_KEY": "another"},
            status=3 if wrong == NOT_VERIFIED else 1,
        )
        assert "REJECTED" in refused and "key" in refused, refused

    def threads(self, name: str) -> None:
        """Every number gets its message."""
        numbers = [f"05200000{i:02}" for i in range(16)]
        printed = self.run(name, *numbers)
        assert len(printed.splitlines()) >= len(numbers), printed
        for number in numbers:
            assert self.running.newest(number).to == number

    def settings(self, name: str) -> None:
        """The message is the program's own, and the log tells of the call."""
        printed = self.run(name, NUMBER)
        assert "info: " in printed, printed
        message = self.running.newest(NUMBER)
        assert message.sender == "Acme Shop"
        assert message.text == f"Acme: {message.code} is your code"

    def guard(self, name: str) -> None:
        """Runs that share a file limit each other; an operator unlocks the number."""
        store = f"file:{self.folder / f'{name}.guard'}"
        shared = Examples(self.folder, self.place, self.running)
        shared.environment |= {"VERIFYSMS_GUARD": store}
        limited, asker, stranger = 12, "203.0.113.7", "198.51.100.9"
        assert "the next may go in 30 s" in shared.run(name, "send", NUMBER, asker)
        assert "COOLDOWN: wait" in shared.run(name, "send", NUMBER, asker, status=limited)
        for _ in range(5):
            shared.run(name, "check", NUMBER, stranger, "none", status=NOT_VERIFIED)
        assert "TRIES: wait" in shared.run(name, "check", NUMBER, stranger, "none", status=limited)
        assert "SENDS_NUMBER 1 of 5 in 600 s" in shared.run(name, "show", NUMBER)
        printed = shared.run(name, "robot", NUMBER, stranger)
        assert printed.count("LIMITED: ") == 4, printed
        code = self.running.newest(NUMBER).code
        assert "OK: " in shared.run(name, "check", NUMBER, asker, code)
        shared.run(name, "send", NUMBER, stranger)
        shared.run(name, "send", NUMBER, stranger, status=limited)
        shared.run(name, "forget", NUMBER)
        shared.run(name, "send", NUMBER, stranger)
        shared.environment |= {"VERIFYSMS_GUARD": "file:/nowhere/at/all"}
        shared.run(name, "show", NUMBER, status=13)

    def cancel(self, name: str) -> None:
        """Enter ends a call that is not answered, and does no harm to one that was."""
        self.running.fail("never_answer")
        with self.started(name) as process:
            self.running.wait_until_failed()
            printed, _ = process.communicate("\n", timeout=30)
        assert process.returncode == CANCELLED, printed
        assert "may be on its way" in printed, printed
        with self.started(name) as process:
            assert process.stdout is not None
            while process.stdout.readline() not in ("Enter ends this program.\n", ""):
                pass
            process.communicate("\n", timeout=30)
        assert process.returncode == 0

    def alarm(self, name: str) -> None:
        """Signals do not disturb a call, and the program's own patience ends one."""
        self.run(name, NUMBER)
        self.running.fail("never_answer")
        self.run(name, NUMBER, status=CANCELLED)

    def demo(self, name: str) -> None:
        """The demonstration ends well."""
        script = ROOT / "tests" / "demo.py"
        command = self.place.root / "bin" / "verifysms"
        run(sys.executable, script, command, self.folder / name, env=self.place.environment)

    def phone(self, name: str) -> None:
        """Numbers are brought to one form, and what is none is named."""
        printed = self.run(name, "+972 (0)50-123-4567", "03 1234567")
        assert [line.split(":")[0].split()[:2] for line in printed.splitlines()] == [
            ["0501234567", "+972501234567"],
            ["031234567", "+97231234567"],
        ], printed
        assert "PHONE_TOO_SHORT" in self.run(name, "050-12", status=1)

    def delivery(self, name: str) -> None:
        """A message is asked for until it is delivered, and one that is not says why."""
        self.run("verify", "send", NUMBER)
        assert "elivered" in self.run(name, self.running.newest(NUMBER).unique)
        self.run("verify", "send", "0570000615")
        printed = self.run(name, self.running.newest("0570000615").unique, status=1)
        assert "blocked" in printed, printed

    def message(self, name: str) -> None:
        """The cost of a message is printed, and what is wrong with it."""
        assert self.run(name, "Your code: ##code##", "Acme") == "GSM-7: 17 units, 1 parts\n"
        printed = self.run(name, "קוד: ##code##", "Acme", status=1)
        assert printed.startswith("UCS-2: 11 units, 1 parts\n5: ##code## shares its line"), printed

    def libevent(self) -> None:
        """A number is verified with its code; the program's patience ends a call."""
        for is_right in (False, True):
            with self.started(LIBEVENT.stem) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == "Type the code.\n"
                code = self.running.newest(NUMBER).code
                printed, _ = process.communicate(f"{code if is_right else 1}\n", timeout=30)
            assert process.returncode == (0 if is_right else NOT_VERIFIED), printed
            assert ("theirs" in printed) is is_right, printed
        self.running.fail("never_answer")
        assert "cancelled" in self.run(LIBEVENT.stem, NUMBER, status=CANCELLED)

    def run_all(self) -> None:
        """Every example does what it is for."""
        told: dict[str, Callable[[], None]] = {
            "alarm": lambda: self.alarm("alarm"),
            "cancel": lambda: self.cancel("cancel"),
            "demo": lambda: self.demo("demo"),
            "delivery": lambda: self.delivery("delivery"),
            "guard": lambda: self.guard("guard"),
            "message": lambda: self.message("message"),
            "phone": lambda: self.phone("phone"),
            "poll": lambda: self.threads("poll"),
            "settings": lambda: self.settings("settings"),
            "threads": lambda: self.threads("threads"),
            "verify": lambda: self.verify("verify", NOT_VERIFIED),
            "delivery++": lambda: self.delivery("delivery++"),
            "guard++": lambda: self.guard("guard++"),
            "message++": lambda: self.message("message++"),
            "phone++": lambda: self.phone("phone++"),
            "poll++": lambda: self.threads("poll++"),
            "settings++": lambda: self.threads("settings++"),
            "throwing++": lambda: self.verify("throwing++", 1),
            "verify++": lambda: self.verify("verify++", 1),
        }
        built = {path.name for path in self.folder.iterdir() if path.name in told}
        known = {name(source) for source in (*C, *CPP)}
        assert built == known == set(told), f"built {built}, known {known}, told {set(told)}"
        for story in told.values():
            story()


def needed(program: Path) -> str:
    """The shared libraries that a program needs."""
    lines = run("readelf", "-dW", program).splitlines()
    return "\n".join(line for line in lines if "NEEDED" in line)


def name(source: Path) -> str:
    """How the program of a source is called."""
    return source.stem + ("++" if source.suffix == ".cpp" else "")


def by_pkg_config(folder: Path, place: Place, *, static: bool = False, fully: bool = False) -> None:
    """Build all with what pkg-config says: shared, static, or with the C library static as well."""
    folder.mkdir()
    flags = place.pkg_config("--cflags", "--libs", *(["--static"] if static else []))
    need(CXX[0], "g++")
    for source in (*C, *CPP):
        shutil.copy(source, folder)
        compiler = [*CXX, "-std=c++11"] if source.suffix == ".cpp" else [*CC, "-std=c99"]
        style = ["-fno-exceptions", "-fno-rtti"] if source.name == "verify.cpp" else []
        linking = ["-static", "-pthread"] if fully else ["-pthread"]
        built = ("-o", name(source), source.name, *flags)
        printed = run(*compiler, *STRICT, *style, *linking, *built, cwd=folder)
        warned = [line for line in printed.splitlines() if "warning: " in line]
        expected = ["getaddrinfo"] if fully else []
        assert len(warned) == len(expected), printed
        assert all(word in line for word, line in zip(expected, warned, strict=True)), printed


def as_written(folder: Path, place: Place, page: Path) -> None:
    """Run the lines of a page that build with pkg-config, as they stand there."""
    shutil.copytree(page.parent, folder)
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (script,) = (block for block in blocks if "pkg-config" in block)
    if not LIBEVENT_HEADER.exists():
        script = "\n".join(line for line in script.splitlines() if "libevent" not in line)
    run("sh", "-ec", script, cwd=folder, env=place.environment)


def with_libevent(folder: Path, place: Place) -> None:
    """Build the one that lives in libevent's loop."""
    if not LIBEVENT_HEADER.exists():
        raise MissingToolError("no libevent (apt-get install libevent-dev)")
    folder.mkdir()
    flags = place.pkg_config("--cflags", "--libs")
    program = str(folder / LIBEVENT.stem)
    run(*CC, "-std=c99", *STRICT, "-o", program, str(LIBEVENT), "-levent_core", *flags)


def by_cmake(folder: Path, place: Place, target: str, *, asked: str = "1.0", status: int = 0) -> str:
    """Build all with the CMake package, linked to one of its targets."""
    cmake = need("cmake", "cmake")
    need(CXX[0], "g++")
    folder.mkdir()
    for source in (*C, *CPP, Path(__file__).with_name("CMakeLists.txt")):
        shutil.copy(source, folder)
    configured = run(
        cmake,
        "-S.",
        "-Bbuilt",
        f"-DCMAKE_C_COMPILER={CC[0]}",
        f"-DCMAKE_CXX_COMPILER={CXX[0]}",
        f"-Dverifysms_DIR={place.library}/cmake/verifysms",
        f"-DLIBRARY={target}",
        f"-DASKED={asked}",
        cwd=folder,
        status=status,
    )
    if status == 0:
        run(cmake, "--build", "built", "--parallel", "2", cwd=folder)
    return configured
