"""That nothing is installed but what was built just now and works.

The Makefile, cargo and the installer are the real ones. The package that they build is a small one
that stands in for the library: the exported functions, and a command that knows its version.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.tools import ROOT, run
from install.place import CC, FILES, SONAME, VERSION, Place, make

MANIFEST = f"""[package]
name = "verifysms"
version = "{VERSION}"
edition = "2024"
license = "MIT"
[features]
capi = []
reserve = []
cli = []
[workspace]
[profile.release]
opt-level = 0
"""
LIBRARY = r"""
#[unsafe(no_mangle)]
pub extern "C" fn verifysms_version() -> *const std::ffi::c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
"""
COMMAND = 'fn main() { println!("verifysms {}", env!("CARGO_PKG_VERSION")); }\n'
OLD = 'const char *verifysms_version(void)\n{\n    return "0.9.0";\n}\n'
PARTS = (
    *("Makefile", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "include"),
    *("packaging", "bindings/python/src"),
)


class Building:
    """The small package in a folder with a blank in its name, and where it is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "build here"
        self.root = self.folder / "source tree"
        capi = self.root / "src" / "capi"
        (self.root / "src" / "bin").mkdir(parents=True)
        for name in PARTS:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, self.root / name)
        for part in ("capi/install", "cli/completions"):
            shutil.copytree(ROOT / "src" / part, self.root / "src" / part)
        (self.root / "src" / "guard").mkdir()
        pages = ("capi/verifysms.3", "cli/verifysms.1", "guard/verifysms-guard.7")
        for page in ("capi/exports.map", *pages):
            shutil.copy2(ROOT / "src" / page, self.root / "src" / page)
        exported = re.findall(r"^ +(verifysms_\w+);", (capi / "exports.map").read_text(), re.M)
        others = (name for name in exported if name != "verifysms_version")
        empty = "".join(f'#[unsafe(no_mangle)]\npub extern "C" fn {name}() {{}}\n' for name in others)
        self.write("src/lib.rs", LIBRARY + empty)
        self.write("src/bin/verifysms.rs", COMMAND)
        self.write("Cargo.toml", MANIFEST)
        run("cargo", "generate-lockfile", "--offline", cwd=self.root)
        self.place = Place(self.folder / "installed here")

    def write(self, name: str, text: str) -> Path:
        """A file of the package."""
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def install(self, *settings: str, env: dict[str, str] | None = None, status: int = 0) -> str:
        """Install it as a user does."""
        prefix = f"PREFIX={self.place.root}"
        return make("install", prefix, *settings, root=self.root, env=env, status=status)

    def holds(self, place: Place | None = None) -> None:
        """All is installed and runs; nothing else is there."""
        place = place or self.place
        found = {str(path.relative_to(place.root)) for path in place.files()}
        assert found == FILES, found ^ FILES
        assert all(path.stat().st_size for path in place.files())
        assert run(place.root / "bin" / "verifysms", "--version") == f"verifysms {VERSION}\n"

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What was installed before is there afterwards, to the byte."""
        before = {path: path.read_bytes() for path in self.place.files()}
        assert before, "there is nothing to change"
        yield
        after = {path: path.read_bytes() for path in self.place.files()}
        assert after == before, "something was replaced"

    @contextmanager
    def spoiled(self, name: str, content: bytes) -> Iterator[None]:
        """Something that was built is something else, which looks newer than its sources."""
        built = self.root / "target" / "release" / name
        true = built.read_bytes()
        built.write_bytes(content)
        try:
            yield
        finally:
            built.write_bytes(true)

    def old_library(self) -> Path:
        """A shared library of another version with the same name."""
        folder = self.folder / "old"
        folder.mkdir(exist_ok=True)
        (folder / "old.c").write_text(OLD)
        run(*CC, "-shared", "-fPIC", "-o", SONAME, "old.c", f"-Wl,-soname,{SONAME}", cwd=folder)
        return folder / SONAME


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> Building:
    """The package as it was unpacked, or as the test before has left it."""
    return Building(tmp_path_factory.mktemp("building"))


@pytest.fixture
def building(unbuilt: Building) -> Building:
    """The package, built and installed."""
    if not unbuilt.place.root.exists():
        unbuilt.install()
    return unbuilt


def test_the_environment_does_not_move_the_build(unbuilt: Building) -> None:
    """The build finds its own output whatever cargo's variables say."""
    elsewhere = str(unbuilt.folder / "elsewhere")
    host = re.findall(r"^host: (.*)", run("rustc", "-vV"), re.MULTILINE)[0]
    unbuilt.install(
        "-j4",
        env={
            "CARGO_TARGET_DIR": elsewhere,
            "CARGO_BUILD_TARGET_DIR": elsewhere,
            "CARGO_BUILD_BUILD_DIR": elsewhere,
            "CARGO_BUILD_TARGET": host,
            "CARGO_PROFILE_RELEASE_STRIP": "true",
        },
    )
    unbuilt.holds()


def test_the_settings_do_not_move_the_build(building: Building) -> None:
    """The same with cargo's settings in a file, another machine's among them."""
    shutil.rmtree(building.root / "target")
    shutil.rmtree(building.place.root)
    settings = building.write(
        ".cargo/config.toml",
        '[build]\ntarget-dir = "elsewhere"\nbuild-dir = "elsewhere too"\n'
        'target = ["riscv64gc-unknown-linux-gnu"]\n',
    )
    building.install()
    building.holds()
    settings.unlink()


def test_nothing_that_was_not_built_is_installed(building: Building) -> None:
    """A cargo that builds nothing and says that all is well installs nothing."""
    cargo = building.write("cargo", '#!/bin/sh\ncase $1 in build|rustc) ;; *) cargo "$@" ;; esac\n')
    cargo.chmod(0o755)
    for name in ("verifysms", "libverifysms.a"):
        for built in building.root.glob(f"target/**/{name}"):
            built.unlink()
    with building.unchanged():
        building.install("CARGO=./cargo", "-k", status=2)
    assert not (building.root / "target/release/verifysms").exists()
    building.install()


def test_nothing_that_does_not_run_is_installed(building: Building) -> None:
    """What is empty, cut short, of another version or fails to run replaces nothing."""
    liar = f"#!/bin/sh\n# {VERSION}\necho verifysms 0.9.0\n".encode()
    failing = f"#!/bin/sh\n# {VERSION}\necho verifysms {VERSION}\nexit 3\n".encode()
    command = (building.root / "target" / "release" / "verifysms").read_bytes()
    library = (building.root / "target" / "release" / SONAME).read_bytes()
    for name, content in (
        ("verifysms", b""),
        ("verifysms", command[: len(command) // 2]),
        ("verifysms", b"\n"),
        ("verifysms", liar),
        ("verifysms", failing),
        (SONAME, b""),
        (SONAME, library[: len(library) // 2]),
        (SONAME, building.old_library().read_bytes() + VERSION.encode()),
    ):
        with building.spoiled(name, content), building.unchanged():
            told = building.install(status=2)
            assert "install: " in told or "strip" in told, told
    with building.unchanged():
        building.install()


def test_an_old_library_in_the_path(building: Building) -> None:
    """An old library in the loader's path changes nothing."""
    old = building.old_library()
    building.install(env={"LD_LIBRARY_PATH": str(old.parent)})
    building.holds()


def test_an_installation_that_is_killed(building: Building) -> None:
    """An installation that is killed leaves what was there before, whole."""
    began = building.folder / "began"
    os.mkfifo(began)
    told = os.open(began, os.O_RDWR)
    waits = f"#!/bin/sh\n# {VERSION}\necho > '{began}'\nexec sleep 60\n".encode()
    before = {path: path.read_bytes() for path in building.place.files()}
    with building.spoiled("verifysms", waits):
        process = subprocess.Popen(
            ["make", "install", f"PREFIX={building.place.root}"],
            cwd=building.root,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert select.select([told], [], [], 120)[0], "the program was not run"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for path, content in before.items():
        assert path.read_bytes() == content, f"{path} was replaced"
    os.close(told)
    building.install()
    building.holds()


def test_the_source_tree_stays_as_it_was(building: Building) -> None:
    """The source tree stays as it was when it is built elsewhere, by a user with umask 077."""
    before = set(building.root.rglob("*"))
    with_blanks = building.folder / "stage it" / "here"
    mask = os.umask(0o077)
    try:
        building.install(
            f"BUILDDIR={building.folder.parent / 'elsewhere'}", f"DESTDIR={with_blanks}", "PREFIX=/a b"
        )
    finally:
        os.umask(mask)
    assert set(building.root.rglob("*")) == before, set(building.root.rglob("*")) ^ before
    staged = Place(with_blanks / "a b")
    building.holds(staged)
    for path in (staged.root, *staged.root.rglob("*")):
        assert path.is_symlink() or path.stat().st_mode & 0o444 == 0o444, path
    make("uninstall", f"DESTDIR={with_blanks}", "PREFIX=/a b", root=building.root)
    assert staged.files() == set(), staged.files()


def test_a_folder_with_a_blank(building: Building) -> None:
    """pkg-config leads to a folder with a blank in its name."""
    flags = building.place.pkg_config("--cflags", "--libs")
    assert flags == [f"-I{building.place.include}", f"-L{building.place.library}", "-lverifysms"]


def test_the_flags_of_a_packager(building: Building) -> None:
    """LDFLAGS and CFLAGS reach the link of the shared library."""
    build = building.folder.parent / "flags"
    flags = ("LDFLAGS=-Wl,--build-id=0xfeedface", "CFLAGS=-Wl,-rpath,/of-cflags -Wl,-soname,another")
    make("all", f"BUILDDIR={build}", *flags, root=building.root)
    library = build / "release" / SONAME
    assert "feedface" in run("readelf", "-n", library)
    dynamic = run("readelf", "-dW", library)
    assert "/of-cflags" in dynamic, dynamic
    # What is needed comes after what is given, and wins.
    assert f"[{SONAME}]" in dynamic, dynamic


def test_for_another_machine(building: Building) -> None:
    """What cannot run here is not tried, which is said; it must still be of this version."""
    told = building.install("foreign=aarch64-unknown-linux-gnu")
    assert "not tried out here" in told and "aarch64-unknown-linux-gnu" in told, told
    with building.spoiled("verifysms", b""), building.unchanged():
        building.install("foreign=aarch64-unknown-linux-gnu", status=2)


def test_a_relative_path_is_refused(building: Building) -> None:
    """A folder that is no absolute path is refused by its name."""
    told = make("install", "PREFIX=here", root=building.root, status=2)
    assert "PREFIX=here is not an absolute path" in told, told
    told = building.install("MANDIR=~/man", status=2)
    assert "MANDIR=~/man is not an absolute path" in told, told
