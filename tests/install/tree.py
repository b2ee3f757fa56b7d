"""What `make install` puts where, and that `make uninstall` takes exactly that away."""

from __future__ import annotations

import os
import re
from pathlib import Path

from checks import need, run

from install.place import ROOT, Place, make

VERSION = (re.findall(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE))[0]
SONAME = f"libverifysms.so.{VERSION.partition('.')[0]}"
FILES = {
    "bin/verifysms",
    f"lib/libverifysms.so.{VERSION}",
    f"lib/{SONAME}",
    "lib/libverifysms.so",
    "lib/libverifysms.a",
    "lib/pkgconfig/verifysms.pc",
    "lib/cmake/verifysms/verifysms-config.cmake",
    "lib/cmake/verifysms/verifysms-config-version.cmake",
    "include/verifysms.h",
    "include/verifysms.hpp",
    "share/man/man1/verifysms.1",
    "share/man/man3/verifysms.3",
    "share/bash-completion/completions/verifysms",
    "share/zsh/site-functions/_verifysms",
    "share/fish/vendor_completions.d/verifysms.fish",
    "share/doc/verifysms/README.md",
    "share/doc/verifysms/CHANGELOG.md",
    "share/doc/verifysms/ABI.md",
    "share/doc/verifysms/LICENSE-MIT",
    "share/doc/verifysms/LICENSE-APACHE",
    "share/doc/verifysms/libverifysms.cdx.json",
    "share/doc/verifysms/verifysms.cdx.json",
}


class Tree:
    """A copy below a prefix, and one that a packager stages for another place."""

    def __init__(self, folder: Path) -> None:
        """Install both."""
        self.plain = Place(folder / "plain")
        make("install", f"PREFIX={self.plain.root}")
        self.stage = folder / "stage"
        self.staged = Place(self.stage / "usr", library="lib/multi-arch", sysroot=self.stage)
        self.settings = (f"DESTDIR={self.stage}", "PREFIX=/usr", "LIBDIR=/usr/lib/multi-arch")
        # Another package was there first.
        self.others = {
            self.staged.library / "libother.so",
            self.staged.root / "share" / "doc" / "other",
            self.staged.root / "share" / "man" / "man3" / "other.3",
        }
        for other in self.others:
            other.parent.mkdir(parents=True, exist_ok=True)
            other.touch()
        make("install", *self.settings)

    def is_complete(self) -> None:
        """An installed copy has every file, and no other."""
        found = {str(path.relative_to(self.plain.root)) for path in self.plain.files()}
        assert found == FILES, found ^ FILES

    def has_links(self) -> None:
        """libverifysms.so leads to the soname, and that to the file with the version."""
        library = self.plain.library
        assert (library / "libverifysms.so").readlink() == Path(SONAME)
        assert (library / SONAME).readlink() == Path(f"libverifysms.so.{VERSION}")

    def has_modes(self) -> None:
        """Everybody may read what is installed, and run what is to be run."""
        for path in self.plain.files():
            runs = "bin" in path.parts or ".so" in path.name
            if not path.is_symlink():
                assert path.stat().st_mode & 0o777 == (0o755 if runs else 0o644), path

    def is_placed(self) -> None:
        """LIBDIR moves the libraries and what describes them, and nothing else."""
        moved = {name.replace("lib/", "lib/multi-arch/", 1) for name in FILES if name[:4] == "lib/"}
        expected = moved | {name for name in FILES if name[:4] != "lib/"}
        found = {
            str(path.relative_to(self.staged.root)) for path in self.staged.files() - self.others
        }
        assert found == expected, found ^ expected

    def tells_nothing(self) -> None:
        """No file names the folder it was built in, or the one it was staged in."""
        home = os.environ.get("CARGO_HOME", str(Path("~/.cargo").expanduser()))
        for path in self.staged.files() - self.others:
            content = path.read_bytes()
            for secret in (str(ROOT), str(self.stage), home):
                assert secret.encode() not in content, f"{path} has {secret} in it"

    def has_manuals(self) -> None:
        """The manuals are without a fault that mandoc could name."""
        for section in ("1", "3"):
            page = self.plain.root / "share" / "man" / f"man{section}" / f"verifysms.{section}"
            assert run(need("mandoc", "mandoc"), "-T", "lint", "-W", "warning", page) == ""

    def runs(self) -> None:
        """The installed command knows its version."""
        assert run(self.plain.root / "bin" / "verifysms", "--version") == f"verifysms {VERSION}\n"

    def completes(self) -> None:
        """The shell bash completes the command's arguments."""
        file = self.plain.root / "share" / "bash-completion" / "completions" / "verifysms"
        line = "COMP_WORDS=(verifysms ch) COMP_CWORD=1; _verifysms verifysms ch verifysms"
        assert run("bash", "-c", f'. "$0"; {line}; echo "${{COMPREPLY[@]}}"', file) == "check\n"

    def is_removed(self) -> None:
        """`make uninstall` takes away what was installed, and nothing else."""
        make("uninstall", *self.settings)
        assert self.staged.files() == self.others, self.staged.files() ^ self.others
        for own in (
            self.staged.library / "cmake" / "verifysms",
            self.staged.root / "share/doc/verifysms",
        ):
            assert not own.exists(), f"{own} is left"
        make("install", *self.settings)
