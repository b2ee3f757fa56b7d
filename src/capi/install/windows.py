"""Lay out what was built for Windows as people expect it there: bin, include, lib and the pages.

    python3 src/capi/install/windows.py FOLDER OUT NAME=VALUE ...

FOLDER is to be made, OUT is the folder with what was built; the values are those of the Makefile's variables
version, abi, soname and stdcall, which is empty where there is no such DLL.
"""

from __future__ import annotations

import sys
from pathlib import Path

from installer import ROOT, filled

PAGES = ("README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "include/ABI.md")
BUILT = {
    "bin": ("verifysms.exe",),
    "lib": ("libverifysms.dll.a", "verifysms.def", "verifysms.lib"),
    "": ("libverifysms.cdx.json", "verifysms.cdx.json"),
}
LANGUAGES = ("pascal", "powerbuilder", "vb6")
"""The bindings of those who have no package manager to get them with."""
PKG_CONFIG = {
    "prefix": "${pcfiledir}/../..",
    "libdir": "${prefix}/lib",
    "includedir": "${prefix}/include",
    # All that the DLL needs is in it, or the system's.
    "private": "",
}


def as_there(path: Path, *, is_wide: bool) -> bytes:
    """A text with the line ends of Windows, which Visual Basic needs, and the words for 64 bits."""
    text = path.read_text(encoding="utf-8")
    if is_wide:
        text = text.replace(" Declare ", " Declare PtrSafe ").replace('"verifysms-1-stdcall', '"verifysms-1')
    return text.replace("\n", "\r\n").encode()


def contents(out: Path, settings: dict[str, str]) -> dict[str, bytes]:
    """The files by their places in the folder."""
    built = {place: [*names] for place, names in BUILT.items()}
    built["bin"].append(settings["soname"])
    stdcall = settings.pop("stdcall")
    if stdcall:
        built["bin"].append(f"{stdcall}.dll")
        built["lib"] += ["libverifysms-stdcall.dll.a", "verifysms-stdcall.lib"]
    cmake = {
        "verifysms-config.cmake": "verifysms-config-windows.cmake",
        "verifysms-config-version.cmake": "verifysms-config-version.cmake",
    }
    return {
        **{
            f"{place}/{name}".lstrip("/"): (out / name).read_bytes()
            for place in built
            for name in built[place]
        },
        **{path.name: path.read_bytes() for path in (ROOT / name for name in PAGES)},
        **{f"include/{path.name}": path.read_bytes() for path in (ROOT / "include").glob("verifysms.h*")},
        **{
            path.relative_to(ROOT).as_posix(): as_there(path, is_wide=not stdcall)
            for language in LANGUAGES
            for path in (ROOT / "bindings" / language).iterdir()
        },
        "lib/pkgconfig/verifysms.pc": filled("verifysms.pc", PKG_CONFIG | settings),
        **{f"lib/cmake/verifysms/{name}": filled(template, settings) for name, template in cmake.items()},
    }


def main() -> int:
    """Write the files."""
    folder, out, *told = sys.argv[1:]
    settings = dict(setting.split("=", 1) for setting in told)
    for name, content in contents(Path(out), settings).items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
