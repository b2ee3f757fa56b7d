"""Put what was built where other programs look for it, or remove it: for the Makefile.

    python3 src/capi/install/installer.py install|uninstall NAME=VALUE ...

The values are those of the Makefile's variables. Every file is first written beside its place, and
what can run is run there; only then are all renamed. So nothing is replaced by what does not work,
and no moment shows a part of a file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from posixpath import normpath, relpath
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
HEADERS = ("verifysms.h", "verifysms.hpp")
FOLDERS = (
    *("PREFIX", "BINDIR", "LIBDIR", "INCLUDEDIR", "MANDIR", "DOCDIR", "PKGCONFIGDIR", "CMAKEDIR"),
    *("BASHCOMPDIR", "ZSHCOMPDIR", "FISHCOMPDIR"),
)
# Where the shells look for them: bash by the command's name, zsh by that of a function.
COMPLETIONS = {
    "verifysms.bash": ("BASHCOMPDIR", "verifysms"),
    "_verifysms": ("ZSHCOMPDIR", "_verifysms"),
    "verifysms.fish": ("FISHCOMPDIR", "verifysms.fish"),
}
CMAKE_FILES = ("verifysms-config.cmake", "verifysms-config-version.cmake")


# Run in a process of its own: a library that was cut short may kill the one that loads it.
LOADED = """
import ctypes, sys
function = ctypes.CDLL(sys.argv[1]).verifysms_version
function.restype = ctypes.c_char_p
print(function().decode())
"""


def filled(name: str, values: dict[str, str]) -> bytes:
    """A template with its values in it."""
    text = (HERE / f"{name}.in").read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()


class RefusedError(Exception):
    """Why nothing was installed."""


class File(NamedTuple):
    """What is installed in one place: a link if `link` says where it leads."""

    content: bytes = b""
    mode: int = 0o644
    link: str = ""

    def write(self, path: Path) -> None:
        """Write it anew, down to the disk: a program that a power cut emptied would still run."""
        path.unlink(missing_ok=True)
        if self.link:
            path.symlink_to(self.link)
            return
        with path.open("xb") as file:
            file.write(self.content)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(self.mode)


def staged(destdir: str, path: str) -> Path:
    """Where a path is on this machine."""
    return Path(destdir + path).absolute()


def put(
    destdir: str, files: dict[str, File], try_out: Callable[[dict[str, Path]], None] | None = None
) -> None:
    """Write all, try it, and rename it."""
    written: dict[str, Path] = {}
    try:
        for path, file in files.items():
            place = staged(destdir, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            written[path] = place.with_name(f".{place.name}.new")
            file.write(written[path])
        if try_out is not None:
            try_out(written)
        for path, temporary in written.items():
            temporary.replace(staged(destdir, path))
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def remove(destdir: str, paths: list[str], own_folders: list[str]) -> None:
    """Remove all; folders only if they are its own, and empty."""
    for path in paths:
        staged(destdir, path).unlink(missing_ok=True)
    for path in own_folders:
        folder = staged(destdir, path)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


class Installation:
    """The places of one installation, and what belongs into them."""

    def __init__(self, settings: dict[str, str]) -> None:
        """Read the settings."""
        self.settings = settings
        self.version = settings["version"]
        for name in FOLDERS:
            path = settings[name] or "/"
            if not path.startswith("/") or "\n" in path:
                raise RefusedError(f"{name}={path} is not an absolute path")
        self.prefix = self.folder("PREFIX") or "/"
        self.command = f"{self.folder('BINDIR')}/verifysms"
        self.library = f"{self.folder('LIBDIR')}/{settings['file']}"
        self.own_folders = [self.folder("CMAKEDIR"), self.folder("DOCDIR")]

    def folder(self, name: str) -> str:
        """One of the folders, without a slash at its end; PREFIX=/ makes two at its beginning."""
        return normpath("/" + self.settings[name].lstrip("/")).rstrip("/")

    def below(self, name: str, start: str = "") -> str:
        """A folder from the prefix on, after `start`; any other as it is."""
        path = self.folder(name)
        inside = self.prefix.rstrip("/") + "/"
        return start + path[len(inside) :] if path.startswith(inside) else path

    def staged(self, path: str) -> Path:
        """Where a path is on this machine."""
        return staged(self.settings["DESTDIR"], path)

    def paths(self) -> list[str]:
        """All that is installed."""
        folder, settings = self.folder, self.settings
        return [
            self.command,
            self.library,
            f"{folder('LIBDIR')}/{settings['soname']}",
            f"{folder('LIBDIR')}/{settings['plain']}",
            f"{folder('LIBDIR')}/libverifysms.a",
            *(f"{folder('INCLUDEDIR')}/{name}" for name in HEADERS),
            f"{folder('PKGCONFIGDIR')}/verifysms.pc",
            *(f"{folder('CMAKEDIR')}/{name}" for name in CMAKE_FILES),
            f"{folder('MANDIR')}/man1/verifysms.1",
            f"{folder('MANDIR')}/man3/verifysms.3",
            f"{folder('MANDIR')}/man7/verifysms-guard.7",
            *(f"{folder('MANDIR')}/man3/{name}.3" for name in settings["exports"].split()),
            *(f"{folder(place)}/{name}" for place, name in COMPLETIONS.values()),
            *(f"{folder('DOCDIR')}/{Path(name).name}" for name in settings["documents"].split()),
        ]

    def files(self) -> dict[str, File]:
        """What belongs into each place."""
        settings = self.settings
        out = ROOT / settings["out"]
        documents = (ROOT / name for name in settings["documents"].split())
        contents = [
            File((out / "verifysms").read_bytes(), 0o755),
            File(Path(settings["shipped"]).read_bytes(), 0o755),
            File(link=settings["file"]),
            File(link=settings["soname"]),
            File((out / "libverifysms.a").read_bytes()),
            *(File((ROOT / "include" / name).read_bytes()) for name in HEADERS),
            self.pkg_config(),
            *(self.cmake(name) for name in CMAKE_FILES),
            File((ROOT / "src" / "cli" / "verifysms.1").read_bytes()),
            File((ROOT / "src" / "capi" / "verifysms.3").read_bytes()),
            File((ROOT / "src" / "guard" / "verifysms-guard.7").read_bytes()),
            # `man verifysms_send` finds the page of them all.
            *(File(b".so man3/verifysms.3\n") for _ in settings["exports"].split()),
            *(File((ROOT / "src/cli/completions" / name).read_bytes()) for name in COMPLETIONS),
            *(File(path.read_bytes()) for path in documents),
        ]
        return dict(zip(self.paths(), contents, strict=True))

    def pkg_config(self) -> File:
        """What pkg-config reads; it takes a blank for the end of a path, unless told otherwise."""
        paths = {
            "prefix": self.prefix,
            "libdir": self.below("LIBDIR", "${prefix}/"),
            "includedir": self.below("INCLUDEDIR", "${prefix}/"),
        }
        quoted = {name: path.replace(" ", "\\ ") for name, path in paths.items()}
        others = {name: self.settings[name] for name in ("version", "private")}
        return File(filled("verifysms.pc", quoted | others))

    def cmake(self, name: str) -> File:
        """One of the files that CMake reads."""
        values = {name: self.settings[name] for name in ("version", "abi", "file", "soname")}
        own = self.folder("CMAKEDIR")
        is_below = self.below("CMAKEDIR") != own
        values["root"] = relpath(self.prefix, own) if is_below else self.prefix
        values["libdir"] = self.below("LIBDIR")
        values["includedir"] = self.below("INCLUDEDIR")
        values["private"] = self.settings["private"].replace(" ", ";")
        return File(filled(name, values))

    def install(self) -> None:
        """Write all, try it, and rename it."""
        put(self.settings["DESTDIR"], self.files(), self.try_out)
        self.tell_the_loader()

    def tell_the_loader(self) -> None:
        """Have programs find the library, if the loader looks there (ldconfig(8))."""
        ldconfig = shutil.which("ldconfig", path=f"{os.defpath}:/sbin:/usr/sbin")
        # What is staged is for another system or for later.
        if self.settings["DESTDIR"] or self.settings["foreign"] or not ldconfig or os.geteuid():
            return
        subprocess.run([ldconfig], check=True)

    def try_out(self, written: dict[str, Path]) -> None:
        """Have what runs say its version: an empty file runs as a script, and ends well."""
        header = next(path for path in written if path.endswith("/verifysms.h"))
        for path in (self.command, self.library, header):
            if self.version.encode() not in written[path].read_bytes():
                raise RefusedError(f"{path} would not be verifysms {self.version}")
        if self.settings["foreign"]:
            print(f"not tried out here: {self.staged(self.command)} is for {self.settings['foreign']}")
            return
        for path, version in (
            (self.command, version_of_command(written[self.command])),
            (self.library, version_of_library(written[self.library])),
        ):
            if version != self.version:
                raise RefusedError(f"{path} would be {version!r}, not verifysms {self.version}")
        print(f"{self.staged(self.command)} says: verifysms {self.version}")

    def uninstall(self) -> None:
        """Remove all; folders only if they are its own, and empty."""
        remove(self.settings["DESTDIR"], self.paths(), self.own_folders)


def version_of_command(program: Path) -> str:
    """What the command says; no shell is asked to run it."""
    return told(program, "--version").removeprefix("verifysms ")


def version_of_library(library: Path) -> str:
    """What the shared library at this very path says, whatever others the loader would find."""
    return told(sys.executable, "-c", LOADED, library)


def told(*command: str | Path) -> str:
    """The line that a command prints."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.removesuffix("\n")


def main() -> int:
    """Do what the first argument says."""
    order, *settings = sys.argv[1:]
    # What others are to read is readable, whatever this user's own files are.
    os.umask(0o022)
    try:
        installation = Installation(dict(setting.split("=", 1) for setting in settings))
        if order == "install":
            installation.install()
        else:
            installation.uninstall()
    except (RefusedError, OSError, subprocess.CalledProcessError) as error:
        print(f"{order}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
