"""Run what was built for Windows, with wine: the C functions, the command, the zip.

    python3 tests/windows/with_wine.py MACHINE OUT PARTS ZIP

MACHINE is x64 or x86, OUT the folder with the DLL and the command, PARTS the one with the built programs
of the tests, ZIP what `make package-windows` packs. WINEPREFIX names wine's folder, WINE32 the files of
a wine for x86.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from programs import csharp_program, pascal_programs  # noqa: E402

from harness.sandbox import Sandbox, run_against, sandbox  # noqa: E402
from harness.tools import NUMBER, MissingToolError, need, without_variables  # noqa: E402

MINGW = {"x64": "x86_64-w64-mingw32-", "x86": "i686-w64-mingw32-"}
SYSTEM = {
    *("advapi32.dll", "bcrypt.dll", "crypt32.dll", "kernel32.dll", "msvcrt.dll"),
    *("ncrypt.dll", "ntdll.dll", "secur32.dll", "userenv.dll", "ws2_32.dll", "dbghelp.dll"),
}
"""What the DLL and the command may need: all of it is the system's."""

KEY = "sandbox-key"
WINE = ROOT / "tests" / "windows" / "wine"


class Place:
    """The programs with what runs them, side by side, as they are installed."""

    def __init__(self, machine: str, out: Path, parts: Path, packed: Path, folder: Path) -> None:
        self.machine = machine
        self.mingw = MINGW[machine]
        self.packed = packed
        self.folder = folder
        for built in (*out.glob("*.dll"), *out.glob("*.exe"), *parts.glob("*.exe")):
            shutil.copy(built, folder)
            if built.suffix == ".exe":
                shutil.copy(WINE, folder / built.stem)
        self.command = folder / "verifysms"

    def run(self, running: Sandbox | None, *arguments: str, status: int = 0, **variables: str) -> str:
        """What the command prints."""
        return self.execute(running, self.command, *arguments, status=status, **variables)

    def execute(
        self, running: Sandbox | None, *command: str | Path, status: int = 0, **variables: str
    ) -> str:
        """What a program prints that knows where the service is."""
        # A file, not a pipe: wine's desktop, which the first window starts, would keep that open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self.environment(running) | variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=60,
                check=False,
            )
            output.seek(0)
            printed = output.read()
        assert done.returncode == status, f"{command}: status {done.returncode}, not {status}\n{printed}"
        return printed

    @staticmethod
    def environment(running: Sandbox | None) -> dict[str, str]:
        """The variables of a user of the command."""
        url = {"VERIFYSMS_URL": running.url} if running else {}
        return without_variables(VERIFYSMS_API_KEY=KEY, VERIFYSMS_SENDER="Acme", **url)


def windows_path(path: Path) -> str:
    """A path of this machine as wine has it."""
    return "Z:" + str(path).replace("/", "\\")


def a_file_needs_the_system_alone(place: Place) -> None:
    """No library of the compiler is needed, and the DLL exports what its list says."""
    protection = {"DYNAMIC_BASE", "NX_COMPAT"} | ({"HIGH_ENTROPY_VA"} if place.machine == "x64" else set())
    for path in (*place.folder.glob("*.dll"), place.folder / "verifysms.exe"):
        dump = subprocess.run(
            [place.mingw + "objdump", "-p", path], capture_output=True, text=True, check=True
        ).stdout
        needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", dump)}
        foreign = {name for name in needed - SYSTEM if not name.startswith("api-ms-win-")}
        assert needed and not foreign, f"{path.name} needs {foreign}"
        if path.suffix == ".dll":
            exported = set(re.findall(r"\] (?:\+base\[\s*\d+\]\s+\S+\s+)?(verifysms_[\w@]+)", dump))
            names = (ROOT / "src/capi/exports.map").read_text(encoding="utf-8")
            listed = set(re.findall(r"verifysms_\w+", names))
            assert exported == listed, exported ^ listed
            assert all(word in dump for word in protection)


def the_c_functions_do_what_the_header_says(place: Place) -> None:
    """The test of the ABI, as C and as C++, with every DLL."""
    for program in sorted(path.stem for path in place.folder.glob("abi*.exe")):
        with sandbox(place.command) as running:
            print("  " + run_against(running, place.folder / program).splitlines()[-1])


def more_calls_at_once_than_select_waits_for(place: Place) -> None:
    """A queue has one SOCKET to wait for, however many connections there are."""
    with sandbox(place.command) as running:
        printed = run_against(running, place.folder / "queue", env=place.environment(running))
        print("  " + printed.splitlines()[-1])


def the_demonstration_works(place: Place) -> None:
    """A person signs up from a program in C."""
    command: list[str | Path] = [sys.executable, ROOT / "tests/demo.py", place.command, place.folder / "demo"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def a_person_signs_up_with_the_command(place: Place) -> None:
    """A message is sent, a wrong code is refused, the right one is verified."""
    with sandbox(place.command) as running:
        place.run(running, "send", NUMBER)
        message = running.newest(NUMBER)
        assert message.sender == "Acme"
        wrong = "000000" if message.code != "000000" else "111111"
        place.run(running, "check", NUMBER, wrong, status=2)
        assert '"OK"' in place.run(running, "check", NUMBER, message.code, "--json")
        with running.open("/") as page:
            assert b"<html" in page.read()


def a_sandbox_that_is_not_there_is_refused(place: Place) -> None:
    """A connection that fails is told of at once, and not after the time limit."""
    begun = time.monotonic()
    printed = place.run(Sandbox("http://127.0.0.1:9/"), "send", NUMBER, status=4)
    assert "connection refused" in printed, printed
    assert time.monotonic() - begun < 15


def a_proxy_of_the_environment_is_used(place: Place) -> None:
    """The proxy is asked for the service, and named when it is not there."""
    service = Sandbox("https://verifysms.invalid/")
    printed = place.run(service, "send", NUMBER, status=4, HTTPS_PROXY="http://127.0.0.1:9")
    assert "127.0.0.1:9" in printed, printed


def a_deadline_ends_a_call(place: Place) -> None:
    """The time limit is kept while the service is silent."""
    with sandbox(place.command) as running, running.slowly(60_000):
        begun = time.monotonic()
        place.run(running, "send", NUMBER, "--timeout", "2", status=6)
        assert 2 <= time.monotonic() - begun < 20


def control_c_ends_a_call(place: Place) -> None:
    """The first Ctrl-C cancels the call, and the command says that the message may be out."""
    with sandbox(place.command) as running:
        running.fail({"delay": 60_000})
        process = subprocess.Popen(
            [place.command, "send", NUMBER, "--json"],
            env=place.environment(running),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.wait_until_failed()
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=30)
        assert process.returncode == 10, f"status {process.returncode}\n{printed}"
        assert '"UNKNOWN"' in printed, printed


def the_guard_counts_in_a_file(place: Place) -> None:
    """The limit of a number holds for all processes, and the file is for this user alone."""
    with sandbox(place.command) as running:
        path = place.folder / "guard"
        guard = {"VERIFYSMS_GUARD": "file:" + windows_path(path), "VERIFYSMS_GUARD_SECRET": "s" * 32}
        statuses = []
        for _ in range(10):
            command: list[str | Path] = [place.command, "send", NUMBER]
            done = subprocess.run(
                command, env=place.environment(running) | guard, capture_output=True, check=False
            )
            statuses.append(done.returncode)
        assert set(statuses) == {0, 12} and statuses == sorted(statuses), statuses
        assert len(running.messages(NUMBER)) == statuses.count(0)
        # Wine's list of rights has the user's group as well.
        assert path.stat().st_mode & 0o007 == 0, oct(path.stat().st_mode)
        path.chmod(0o666)
        printed = place.run(running, "send", NUMBER, "--guard-failure", "refuse", status=13, **guard)
        assert "open to other users" in printed, printed


def authorities_are_those_of_the_system(place: Place) -> None:
    """A certificate is trusted when its authority is in the user's store, or in a file that is named."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ca.pem"
        with sandbox(place.command, "--tls", "--ca-file", str(path)) as running:
            named = Sandbox(running.url, str(path))
            place.run(named, "send", NUMBER, "--ca-file", str(path))
            printed = place.run(named, "send", NUMBER, status=5)
            assert "authority that is not trusted" in printed, printed
            with InStore(ssl.PEM_cert_to_DER_cert(path.read_text(encoding="ascii"))):
                place.run(named, "send", NUMBER)


class InStore:
    """Keeps a certificate in the user's store of root authorities."""

    def __init__(self, certificate: bytes) -> None:
        digest = hashlib.sha1(certificate, usedforsecurity=False).hexdigest().upper()
        self.key = rf"HKCU\Software\Microsoft\SystemCertificates\Root\Certificates\{digest}"
        # One property: the certificate itself.
        head = b"".join(number.to_bytes(4, "little") for number in (32, 1, len(certificate)))
        self.blob = (head + certificate).hex()

    def registry(self, *arguments: str) -> None:
        """Change wine's registry."""
        subprocess.run([WINE, "reg", *arguments, "/f"], stdout=subprocess.DEVNULL, check=True)

    def __enter__(self) -> None:
        self.registry("add", self.key, "/v", "Blob", "/t", "REG_BINARY", "/d", self.blob)

    def __exit__(self, *_: object) -> None:
        self.registry("delete", self.key)


def the_zip_is_what_programs_are_built_with(place: Place) -> None:
    """pkg-config finds its files, and a program that was built so runs."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(place.packed) as files:
        files.extractall(folder)
        (root,) = Path(folder).iterdir()
        search = {"PKG_CONFIG_LIBDIR": str(root / "lib" / "pkgconfig")}
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", "verifysms"],
            env=os.environ | search,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        module = (root / "bindings/vb6/VerifySms.bas").read_bytes().decode("ascii")
        assert module.count("\n") == module.count("\r\n") > 0
        library = "verifysms-1" if place.machine == "x64" else "verifysms-1-stdcall"
        assert (root / "bin" / f"{library}.dll").exists()
        libraries = set(re.findall(r'^Public Declare .*? Lib "(verifysms.*?)\.dll"', module, re.MULTILINE))
        assert libraries == {library}, libraries
        program = root / "bin" / "demo.exe"
        compiler: list[str | Path] = [place.mingw + "gcc", "-o", program, ROOT / "bindings/c/demo.c", *flags]
        subprocess.run(compiler, check=True)
        built_by_cmake(place, root)
        for name in ("demo", "by-cmake"):
            shutil.copy(WINE, root / "bin" / name)
            command: list[str | Path] = [
                sys.executable,
                ROOT / "tests/demo.py",
                place.command,
                root / "bin" / name,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr


def built_by_cmake(place: Place, root: Path) -> None:
    """Build the demonstration with CMake, beside the DLL of the zip."""
    source = root / "source"
    source.mkdir()
    shutil.copy(ROOT / "bindings/c/demo.c", source)
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.15)\nproject(demo C)\nfind_package(verifysms 1.0 REQUIRED CONFIG)\n"
        "add_executable(by-cmake demo.c)\ntarget_link_libraries(by-cmake verifysms::verifysms)\n",
        encoding="ascii",
    )
    settings = {
        "CMAKE_SYSTEM_NAME": "Windows",
        "CMAKE_C_COMPILER": place.mingw + "gcc",
        "CMAKE_RC_COMPILER": place.mingw + "windres",
        "CMAKE_PREFIX_PATH": str(root),
        "CMAKE_RUNTIME_OUTPUT_DIRECTORY": str(root / "bin"),
    }
    told = [f"-D{name}={value}" for name, value in settings.items()]
    build = source / "build"
    configure: list[str | Path] = ["cmake", "-S", source, "-B", build, *told]
    make: list[str | Path] = ["cmake", "--build", build]
    for command in (configure, make):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def the_binding_of_pascal_works(place: Place) -> None:
    """Its example, with every DLL."""
    for program in pascal_programs(place.machine, place.folder):
        signs_up(place, WINE, program, wrong=2)


def the_binding_of_csharp_works(place: Place) -> None:
    """Its example, with .NET."""
    runtime, program = csharp_program(place.machine, place.folder)
    signs_up(place, WINE, runtime, windows_path(program), wrong=2)


def the_script_for_asp_works(place: Place) -> None:
    """Also where errors are ignored, the command is missing, or the number is no text."""
    script = (ROOT / "bindings/vb6/command.vbs").read_text(encoding="ascii")
    ignored = script.replace("Option Explicit", "On Error Resume Next")
    elsewhere = place.folder / "a folder"
    elsewhere.mkdir()
    shutil.copy(place.command.with_suffix(".exe"), elsewhere)
    for name, text in {
        "asp.vbs": script,
        "elsewhere.vbs": script.replace("verifysms.exe", windows_path(elsewhere / "verifysms.exe")),
        "ignored.vbs": ignored,
        "missing.vbs": ignored.replace("verifysms.exe", "missing.exe"),
        "array.vbs": ignored.replace("(WScript.Arguments(1), ", "(Array(WScript.Arguments(1)), "),
    }.items():
        (place.folder / name).write_text(text, encoding="ascii")
    for name in ("asp.vbs", "elsewhere.vbs", "ignored.vbs"):
        signs_up(place, WINE, "cscript", name, wrong=255)
    for name in ("missing.vbs", "array.vbs"):
        with sandbox(place.command) as running:
            place.run(running, "send", NUMBER)
            code = running.newest(NUMBER).code
            printed = place.execute(running, WINE, "cscript", name, "check", NUMBER, code, status=255)
            assert "theirs" not in printed, printed


def signs_up(place: Place, *program: str | Path, wrong: int) -> None:
    """A message is sent, a wrong code is refused with a status, the right one is verified."""
    with sandbox(place.command) as running:
        place.execute(running, *program, "send", NUMBER)
        code = running.newest(NUMBER).code
        other = "000000" if code != "000000" else "111111"
        printed = place.execute(running, *program, "check", NUMBER, other, status=wrong)
        assert "theirs" not in printed, printed
        printed = place.execute(running, *program, "check", NUMBER, code)
        assert "the number is theirs" in printed, printed


def the_header_is_in_the_dialect_of_microsoft(place: Place) -> None:
    """As C and as C++, with that compiler's extensions and no other."""
    clang = shutil.which("clang-22") or need("clang", "clang")
    target = "x86_64" if place.machine == "x64" else "i686"
    msvc = [
        f"--target={target}-pc-windows-msvc",
        "-DVERIFYSMS_STDCALL",
        "-fms-compatibility-version=19.00",
        "-ffreestanding",
    ]
    strict = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wgnu", "-pedantic-errors"]
    for language in ("c", "c++"):
        command: list[str | Path] = [clang, *msvc, *strict, "-x", language, ROOT / "include" / "verifysms.h"]
        subprocess.run(command, check=True)
    header = (ROOT / "include" / "verifysms.h").read_text(encoding="utf-8")
    words = re.findall(r"__attribute__|__builtin_\w+|__typeof__", header)
    assert not words, words


def main() -> int:
    """Run all; the first failure ends this."""
    machine = sys.argv[1]
    out, parts, packed = (Path(argument).resolve() for argument in sys.argv[2:])
    # Not below /tmp, to which everybody may write: wine knows no sticky bit.
    with tempfile.TemporaryDirectory(dir=parts) as folder:
        place = Place(machine, out, parts, packed, Path(folder))
        checks: list[Callable[[Place], None]] = [
            the_header_is_in_the_dialect_of_microsoft,
            a_file_needs_the_system_alone,
            the_c_functions_do_what_the_header_says,
            more_calls_at_once_than_select_waits_for,
            the_demonstration_works,
            a_person_signs_up_with_the_command,
            a_sandbox_that_is_not_there_is_refused,
            a_proxy_of_the_environment_is_used,
            a_deadline_ends_a_call,
            control_c_ends_a_call,
            the_guard_counts_in_a_file,
            authorities_are_those_of_the_system,
            the_zip_is_what_programs_are_built_with,
            the_binding_of_pascal_works,
            the_binding_of_csharp_works,
            the_script_for_asp_works,
        ]
        for check in checks:
            begun = time.monotonic()
            name = check.__name__.replace("_", " ")
            try:
                check(place)
            except MissingToolError as missing:
                if os.environ.get("CI"):
                    raise
                print(f"{name}: skipped: {missing}", flush=True)
                continue
            print(f"{name}: passed in {time.monotonic() - begun:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
