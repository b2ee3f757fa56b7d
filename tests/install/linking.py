"""What a program needs when it is linked, and that two libraries written in Rust fit into one."""

from __future__ import annotations

import shutil
from pathlib import Path

from checks import need, run

from install.place import CC, STRICT, Place

HERE = Path(__file__).resolve().parent


def needed(program: Path) -> str:
    """The shared libraries that a program needs."""
    lines = run("readelf", "-dW", program).splitlines()
    return "\n".join(line for line in lines if "NEEDED" in line)


def without_shared(place: Place, folder: Path) -> Place:
    """A copy that has the static library alone."""
    shutil.copytree(place.root, folder, symlinks=True)
    for shared in (folder / "lib").glob("libverifysms.so*"):
        shared.unlink()
    pc = folder / "lib" / "pkgconfig" / "verifysms.pc"
    pc.write_text(
        pc.read_text(encoding="utf-8").replace(str(place.root), str(folder)), encoding="utf-8"
    )
    return Place(folder)


def two_from_rust(folder: Path, place: Place) -> None:
    """Link a program with a second library before and after ours, and run it."""
    rustc = need("rustc", "rustc")
    folder.mkdir()
    source = HERE / "second.rs"
    run(rustc, "--edition=2024", "--crate-type=staticlib", "-O", source, cwd=folder)
    flags = place.pkg_config("--cflags", "--libs", "--static")
    second = ["libsecond.a", "-lpthread", "-ldl", "-lm", "-lgcc_s"]
    for libraries in ((*flags, *second), (*second, *flags)):
        run(*CC, *STRICT, "-o", "two", HERE / "second.c", *libraries, cwd=folder)
        assert "verifysms" not in needed(folder / "two"), "it is linked with the shared library"
        printed = run(folder / "two")
        assert printed == "INVALID_ARGUMENT 42\n", printed
