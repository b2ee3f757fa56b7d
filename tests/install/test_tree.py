"""What `make install` puts where, and that `make uninstall` takes exactly that away."""

from __future__ import annotations

import os
from pathlib import Path

from harness.tools import ROOT, need, run
from install.place import FILES, FUNCTIONS, SONAME, VERSION, Place, Tree, make


def test_a_copy_is_complete(tree: Tree) -> None:
    """An installed copy has every file, and no other."""
    found = {str(path.relative_to(tree.plain.root)) for path in tree.plain.files()}
    assert found == FILES, found ^ FILES


def test_a_copy_has_links(tree: Tree) -> None:
    """libverifysms.so leads to the soname, and that to the file with the version."""
    library = tree.plain.library
    assert (library / "libverifysms.so").readlink() == Path(SONAME)
    assert (library / SONAME).readlink() == Path(f"libverifysms.so.{VERSION}")


def test_a_copy_has_modes(tree: Tree) -> None:
    """Everybody may read what is installed, and run what is to be run."""
    for path in tree.plain.files():
        runs = "bin" in path.parts or ".so" in path.name
        if not path.is_symlink():
            assert path.stat().st_mode & 0o777 == (0o755 if runs else 0o644), path


def test_a_copy_is_placed(tree: Tree) -> None:
    """LIBDIR moves the libraries and what describes them, and nothing else."""
    moved = {name.replace("lib/", "lib/multi-arch/", 1) for name in FILES if name[:4] == "lib/"}
    expected = moved | {name for name in FILES if name[:4] != "lib/"}
    found = {str(path.relative_to(tree.staged.root)) for path in tree.staged.files() - tree.others}
    assert found == expected, found ^ expected


def test_the_root_is_a_prefix(tmp_path: Path) -> None:
    """What is to lie anywhere is staged below /, and finds its parts from where it lies."""
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/")
    place = Place(tmp_path)
    here = [f"-I{tmp_path}/include", f"-L{tmp_path}/lib", "-lverifysms"]
    assert place.pkg_config("--define-prefix", "--cflags", "--libs") == here
    config = (place.library / "cmake/verifysms/verifysms-config.cmake").read_text(encoding="utf-8")
    for path in ("../../..", "lib", "include"):
        assert f' "{path}" ' in config, config


def test_a_copy_tells_nothing(tree: Tree) -> None:
    """No file names the folder it was built in, or the one it was staged in."""
    home = os.environ.get("CARGO_HOME", str(Path("~/.cargo").expanduser()))
    for path in tree.staged.files() - tree.others:
        content = path.read_bytes()
        for secret in (str(ROOT), str(tree.stage), home):
            assert secret.encode() not in content, f"{path} has {secret} in it"


def test_a_copy_has_manuals(tree: Tree) -> None:
    """The manuals are without a fault that mandoc could name."""
    for name in ("verifysms.1", "verifysms.3", "verifysms-guard.7"):
        page = tree.plain.root / "share" / "man" / f"man{name[-1]}" / name
        assert run(need("mandoc", "mandoc"), "-T", "lint", "-W", "warning", page) == ""


def test_every_function_has_a_page(tree: Tree) -> None:
    """`man verifysms_send` shows the page of the library, and so does every other function."""
    man = need("man", "man-db")
    folder = tree.plain.root / "share/man"
    for name in ("verifysms", *FUNCTIONS):
        # It names the page that it would show, or what that leads to.
        assert str(folder) in run(man, "-M", folder, "-w", "3", name), name
    shown = run(man, "-M", folder, "3", "verifysms_send", env={"MANPAGER": "cat", "MANWIDTH": "120"})
    assert "prove that a person owns a phone number" in shown and "verifysms_send_with" in shown


def test_a_copy_runs(tree: Tree) -> None:
    """The installed command knows its version."""
    assert run(tree.plain.root / "bin" / "verifysms", "--version") == f"verifysms {VERSION}\n"


def test_a_copy_completes(tree: Tree) -> None:
    """The shell bash completes the command's arguments."""
    file = tree.plain.root / "share" / "bash-completion" / "completions" / "verifysms"
    line = "COMP_WORDS=(verifysms ch) COMP_CWORD=1; _verifysms verifysms ch verifysms"
    assert run("bash", "-c", f'. "$0"; {line}; echo "${{COMPREPLY[@]}}"', file) == "check\n"


def test_a_copy_is_removed(tree: Tree) -> None:
    """`make uninstall` takes away what was installed, and nothing else."""
    make("uninstall", *tree.settings)
    assert tree.staged.files() == tree.others, tree.staged.files() ^ tree.others
    for own in (tree.staged.library / "cmake" / "verifysms", tree.staged.root / "share/doc/verifysms"):
        assert not own.exists(), f"{own} is left"
    make("install", *tree.settings)
