"""Install into a temporary folder and use what is there, from outside the source tree.

    python3 tests/install

The library must have been built; `make test-install` sees to it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from checks import need, run, run_all
from sandboxed import Sandbox, sandbox

from install.building import Building
from install.examples import Examples, by_cmake, by_pkg_config, with_libevent
from install.headers import Headers
from install.linking import needed, two_from_rust, without_shared
from install.place import CXX, ROOT, STRICT, Place
from install.tree import Tree


class Uses:
    """The ways to build the examples, each with its stories."""

    def __init__(self, folder: Path, tree: Tree, running: Sandbox) -> None:
        """Say where to build, and with which copies."""
        self.folder = folder
        self.tree = tree
        self.running = running
        self.static = without_shared(tree.plain, folder / "no-shared")

    def live(self, folder: Path, place: Place) -> None:
        """Run all examples that were built into a folder."""
        Examples(folder, place, self.running).live()

    def pkg_config_shared(self) -> None:
        """The examples build through pkg-config, shared, and do what they are for."""
        folder = self.folder / "shared"
        by_pkg_config(folder, self.tree.plain)
        assert "libverifysms.so.1" in needed(folder / "verify")
        self.live(folder, self.tree.plain)

    def pkg_config_sysroot(self) -> None:
        """The same from a staged tree, as a cross-compiler's sysroot."""
        by_pkg_config(self.folder / "staged", self.tree.staged)
        self.live(self.folder / "staged", self.tree.staged)

    def pkg_config_static(self) -> None:
        """The same where the static library is all there is."""
        folder = self.folder / "static"
        by_pkg_config(folder, self.static, static=True)
        assert "verifysms" not in needed(folder / "verify")
        self.live(folder, self.static)

    def pkg_config_fully(self) -> None:
        """The same with -static, where glibc's linker warns of getaddrinfo and of nothing else."""
        folder = self.folder / "fully"
        by_pkg_config(folder, self.tree.plain, static=True, fully=True)
        assert needed(folder / "verify") == ""
        self.live(folder, self.tree.plain)

    def libevent(self) -> None:
        """The example that lives in libevent's loop does what it is for."""
        folder = self.folder / "libevent"
        with_libevent(folder, self.tree.plain)
        Examples(folder, self.tree.plain, self.running).libevent()

    def cmake_shared(self) -> None:
        """The same through CMake's verifysms::verifysms."""
        folder = self.folder / "cmake-shared"
        by_cmake(folder, self.tree.plain, "verifysms::verifysms")
        assert "libverifysms.so.1" in needed(folder / "built" / "verify")
        self.live(folder / "built", self.tree.plain)

    def cmake_static(self) -> None:
        """The same through CMake's verifysms::static, from a tree that was moved."""
        folder = self.folder / "cmake-static"
        moved = Place(self.folder / "moved")
        shutil.copytree(self.tree.plain.root, moved.root, symlinks=True)
        by_cmake(folder, moved, "verifysms::static")
        assert "verifysms" not in needed(folder / "built" / "verify")
        self.live(folder / "built", moved)

    def cmake_staged(self) -> None:
        """The CMake package finds its files from a staged tree with another LIBDIR."""
        folder = self.folder / "cmake-staged"
        by_cmake(folder, self.tree.staged, "verifysms::verifysms")
        self.live(folder / "built", self.tree.staged)

    def cmake_version(self) -> None:
        """CMake refuses a program that asks for another major version or a later minor one."""
        for asked in ("2.0", "0.9", "1.99"):
            told = by_cmake(
                self.folder / asked, self.tree.plain, "verifysms::verifysms", asked=asked, status=1
            )
            assert "compatible" in told, told

    def pkg_config_moved(self) -> None:
        """pkg-config finds a tree that was moved, asked with --define-prefix."""
        moved = Place(self.folder / "moved-again")
        shutil.copytree(self.tree.plain.root, moved.root, symlinks=True)
        flags = moved.pkg_config("--define-prefix", "--cflags", "--libs")
        assert f"-I{moved.include}" in flags and f"-L{moved.library}" in flags, flags

    def wrapper(self) -> None:
        """The C++ classes keep their promises, as C++11, C++17 and C++20."""
        need(CXX[0], "g++")
        for standard in ("c++11", "c++17", "c++20"):
            program = self.folder / f"wrapper-{standard}"
            flags = self.tree.plain.pkg_config("--cflags", "--libs")
            source = ROOT / "tests" / "cpp" / "wrapper.cpp"
            run(*CXX, f"-std={standard}", *STRICT, "-g", source, "-o", program, *flags)
            environment = self.tree.plain.environment | {"VERIFYSMS_URL": self.running.url}
            print(f"     {standard}: {run(program, env=environment)}", end="")

    def two_from_rust(self) -> None:
        """A program may be linked with two static libraries written in Rust, in any order."""
        two_from_rust(self.folder / "two", self.static)


def main() -> int:
    """Run all checks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = Tree(folder)
        building = Building(folder)
        headers = Headers(folder / "headers", tree.plain)
        with sandbox(str(tree.plain.root / "bin" / "verifysms")) as running:
            uses = Uses(folder, tree, running)
            checks: list[Callable[[], None]] = [
                building.whatever_the_environment_says,
                building.whatever_the_settings_say,
                building.nothing_built,
                building.nothing_that_does_not_run,
                building.another_in_the_path,
                building.cut_short,
                building.without_a_trace,
                building.with_blanks,
                building.for_another_machine,
                building.nowhere,
                tree.is_complete,
                tree.has_links,
                tree.has_modes,
                tree.is_placed,
                tree.tells_nothing,
                tree.has_manuals,
                tree.runs,
                tree.completes,
                tree.is_removed,
                headers.c_everywhere,
                headers.cxx_everywhere,
                headers.mistakes,
                headers.costs_nothing,
                uses.wrapper,
                uses.pkg_config_shared,
                uses.pkg_config_sysroot,
                uses.pkg_config_static,
                uses.pkg_config_fully,
                uses.pkg_config_moved,
                uses.libevent,
                uses.cmake_shared,
                uses.cmake_static,
                uses.cmake_staged,
                uses.cmake_version,
                uses.two_from_rust,
            ]
            return run_all(checks)


if __name__ == "__main__":
    sys.exit(main())
