"""Put the bindings where each language looks for its modules, or remove them: for the Makefile.

    python3 src/capi/install/bindings.py install|uninstall NAME=VALUE ...

BINDINGS names the languages; without it they are those that are on this machine. A variable of the
table overrules where a language's files go. As with the library, all is written beside its place
before anything is renamed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from installer import ROOT, File, RefusedError, put, remove

SOURCES = ROOT / "bindings"
JNA = Path("/usr/share/java/jna.jar")


class Place(NamedTuple):
    """A file of a binding and the folder where it belongs."""

    file: str
    variable: str
    """Overrules the folder."""
    usual: str
    """The folder, made of other variables."""
    asked: tuple[str, ...] = ()
    """Prints where the language looks, a folder a line: the first below the prefix is taken."""


class Binding(NamedTuple):
    """A language."""

    tool: str
    """The program without which it is not on this machine."""
    places: tuple[Place, ...]
    build: Callable[[Path, Path], None] | None = None
    """Makes the files, from the folder with the library into another; if not, they are sources."""


def build_cobol(libraries: Path, out: Path) -> None:
    """The program VERIFYSMS as a module that CALL loads."""
    folder = SOURCES / "cobol"
    # Static calls, without which the linker would leave the library out.
    compiler = ("cobc", "-m", "-fstatic-call", "-I", folder, "-L", libraries)
    run(*compiler, "-o", out / "VERIFYSMS.so", folder / "verifysms.cob", "-lverifysms")
    shutil.copy(folder / "verifysms.cpy", out)


def build_csharp(_libraries: Path, out: Path) -> None:
    """The class library, with its documentation and its map of libraries."""
    library = ("-target:library", f"-out:{out}/VerifySms.dll", f"-doc:{out}/VerifySms.xml")
    run("mcs", "-nologo", "-optimize", *library, *sorted((SOURCES / "csharp/src").glob("*.cs")))
    shutil.copy(SOURCES / "csharp/VerifySms.dll.config", out)


def build_java(_libraries: Path, out: Path) -> None:
    """The classes in a jar."""
    if not JNA.exists():
        raise RefusedError("java: no JNA (apt-get install libjna-java)")
    classes = out / "classes"
    source = SOURCES / "java/src/main/java/verifysms/Verifysms.java"
    run("javac", "--release", "8", "-Xlint:-options", "-cp", JNA, "-d", classes, source)
    run("jar", "--create", "--file", out / "verifysms.jar", "-C", classes, ".")


def build_pascal(_libraries: Path, out: Path) -> None:
    """The compiled unit."""
    run("fpc", "-v0", "-O2", f"-FU{out}", SOURCES / "pascal/verifysms.pas")


def run(*command: str | Path) -> str:
    """What a command prints; what it complains of is shown."""
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


RUBY = ("ruby", "-e", "puts $LOAD_PATH")
PERL = ("perl", "-e", 'print "$_\\n" for @INC')
# It has a folder for each version and machine.
UNITS = (
    *("sh", "-c"),
    "for i in /usr/lib/*/fpc/$(fpc -iV)/units/$(fpc -iTP)-$(fpc -iTO); do echo $i/verifysms; done",
)

BINDINGS = {
    "cobol": Binding(
        "cobc",
        (
            Place("VERIFYSMS.so", "COBOLDIR", "{LIBDIR}/gnucobol"),
            Place("verifysms.cpy", "COBCOPYDIR", "{PREFIX}/share/gnucobol/copy"),
        ),
        build_cobol,
    ),
    "csharp": Binding(
        "mcs",
        tuple(
            Place(f"VerifySms.{extension}", "CSHARPDIR", "{LIBDIR}/mono/verifysms")
            for extension in ("dll", "dll.config", "xml")
        ),
        build_csharp,
    ),
    "fortran": Binding("gfortran", (Place("verifysms.f90", "FORTRANDIR", "{INCLUDEDIR}"),)),
    "go": Binding(
        "go",
        tuple(
            Place(file, "GODIR", "{PREFIX}/share/gocode/src/verifysms")
            for file in ("go.mod", "verifysms.go", "callbacks.c", "callbacks.h")
        ),
    ),
    "java": Binding("javac", (Place("verifysms.jar", "JAVADIR", "{PREFIX}/share/java"),), build_java),
    "lua": Binding("luajit", (Place("verifysms.lua", "LUADIR", "{PREFIX}/share/lua/5.1"),)),
    "node": Binding(
        "node",
        tuple(
            Place(file, "NODEDIR", "{PREFIX}/lib/node_modules/verifysms")
            for file in ("package.json", "index.js", "index.d.ts")
        ),
    ),
    "pascal": Binding(
        "fpc",
        (
            Place("verifysms.ppu", "PASCALDIR", "{LIBDIR}/fpc/units/verifysms", UNITS),
            Place("verifysms.o", "PASCALDIR", "{LIBDIR}/fpc/units/verifysms", UNITS),
        ),
        build_pascal,
    ),
    "perl": Binding("perl", (Place("VerifySMS.pm", "PERLDIR", "{PREFIX}/share/perl5", PERL),)),
    "php": Binding("php", (Place("VerifySms.php", "PHPDIR", "{PREFIX}/share/php"),)),
    "ruby": Binding("ruby", (Place("verifysms.rb", "RUBYDIR", "{PREFIX}/lib/site_ruby", RUBY),)),
}


def folder(place: Place, settings: dict[str, str]) -> str:
    """Where a file belongs."""
    if settings.get(place.variable):
        return settings[place.variable]
    prefix = settings["PREFIX"].rstrip("/")
    looked = run(*place.asked).splitlines() if place.asked and shutil.which(place.asked[0]) else []
    below = [
        path for path in looked if path.startswith(f"{prefix}/") and not path.startswith(f"{prefix}/local/")
    ]
    # One that the next version of the language still looks in comes first.
    lasting = [
        path for path in below if not any(part[:1].isdigit() or "linux" in part for part in path.split("/"))
    ]
    return next(iter(lasting + below), place.usual.format(**settings))


def chosen(settings: dict[str, str]) -> list[str]:
    """The languages; one that was named must be here."""
    named = settings["BINDINGS"].split()
    for name in named:
        if name not in BINDINGS:
            raise RefusedError(f"BINDINGS={name} is none of {' '.join(BINDINGS)}")
        if not shutil.which(BINDINGS[name].tool):
            raise RefusedError(f"{name}: no {BINDINGS[name].tool}")
    return named or [name for name, binding in BINDINGS.items() if shutil.which(binding.tool)]


def documents(name: str) -> list[Path]:
    """What is to be read of a binding: its page and its example."""
    return sorted(
        path for path in (SOURCES / name).iterdir() if path.stem.lower() in ("readme", "example", "verify")
    )


def paths(names: list[str], settings: dict[str, str]) -> list[tuple[str, str, str]]:
    """Every place, with its language and its file."""
    docs = settings["DOCDIR"].rstrip("/") + "/bindings"
    placed = [
        (f"{folder(place, settings)}/{place.file}", name, place.file)
        for name in names
        for place in BINDINGS[name].places
    ]
    told = [(f"{docs}/{name}/{path.name}", name, str(path)) for name in names for path in documents(name)]
    return [*placed, *told, (f"{docs}/README.md", "", str(SOURCES / "README.md"))]


def install(settings: dict[str, str]) -> None:
    """Build what is to be built, and put all into place."""
    names = chosen(settings)
    with tempfile.TemporaryDirectory() as temporary:
        made = {name: SOURCES / name for name in names}
        for name in names:
            build = BINDINGS[name].build
            if build is not None:
                made[name] = Path(temporary, name)
                made[name].mkdir()
                build((ROOT / settings["out"]).resolve(), made[name])
        put(
            settings["DESTDIR"],
            {
                path: File(Path(made.get(name, SOURCES), file).read_bytes())
                for path, name, file in paths(names, settings)
            },
        )
    print(f"bindings: {' '.join(names)}")
    for name, binding in BINDINGS.items():
        if not settings["BINDINGS"] and name not in names:
            print(f"not installed: {name} (no {binding.tool})")


def uninstall(settings: dict[str, str]) -> None:
    """Remove them all; folders only if they are the bindings' own, and empty."""
    names = chosen(settings)
    docs = settings["DOCDIR"].rstrip("/")
    own = [*(f"{docs}/bindings/{name}" for name in names), f"{docs}/bindings", docs]
    remove(settings["DESTDIR"], [path for path, _, _ in paths(names, settings)], own)


def main() -> int:
    """Do what the first argument says."""
    order, *given = sys.argv[1:]
    os.umask(0o022)
    try:
        settings = dict(setting.split("=", 1) for setting in given)
        if order == "install":
            install(settings)
        else:
            uninstall(settings)
    except (RefusedError, OSError, subprocess.CalledProcessError) as error:
        print(f"{order}-bindings: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
