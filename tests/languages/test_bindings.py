"""What bindings/README.md says of the bindings, their manifests, and `make install-bindings`."""

from __future__ import annotations

import json
import os
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from zipfile import ZipFile

import pytest

from harness.javascript import node
from harness.namespaces import scratch
from harness.sandbox import sandbox
from harness.tools import ROOT, MissingToolError, need, run
from install.place import VERSION, make
from languages.languages import LANGUAGES

BINDINGS = ROOT / "bindings"
HERE = Path(__file__).parent
SOURCES = {
    "C++": ("include/verifysms.hpp",),
    "COBOL": ("bindings/cobol/verifysms.cpy", "bindings/cobol/verifysms.cob"),
    "Python": (
        *(
            f"bindings/python/python/verifysms/{name}"
            for name in (
                "_client.py",
                "_verifysms.pyi",
                "_errors.py",
                "_phone.py",
                "_codes.py",
                "_async_client.py",
                "__init__.py",
            )
        ),
        "bindings/python/src/logging.rs",
    ),
} | {
    language.name.removesuffix("JIT"): tuple(
        path.relative_to(ROOT).as_posix()
        for path in sorted((BINDINGS / language.folder).glob(language.binding))
    )
    for language in LANGUAGES
    if language.constant and " " not in language.name and language.name != "COBOL"
}
SUFFIXES = ("Perl", "Ruby")
"""They make the names of setters and accessors out of a table."""
HEADER = (ROOT / "include/verifysms.h").read_text(encoding="utf-8")


def text(path: str) -> str:
    """A file of the bindings."""
    return (BINDINGS / path).read_text(encoding="utf-8")


def rows() -> dict[str, dict[str, str]]:
    """The table of the page: each C function with its cell of every language."""
    page = text("README.md")
    lines = [line.strip("|\n").split("|") for line in re.findall(r"^\|.*\|$", page, re.MULTILINE)]
    cells = [[cell.strip() for cell in line] for line in lines]
    (head,) = (line for line in cells if line[0] == "C")
    found = {line[0].strip("`"): line[1:] for line in cells if line[0].startswith("`verifysms_")}
    return {name: dict(zip(head[1:], line, strict=True)) for name, line in found.items()}


@pytest.mark.parametrize("language", SOURCES)
def test_the_table(language: str) -> None:
    """It has every function of the header, and each name that it gives is in the binding."""
    declared = re.findall(r"^[a-z][^#;]*?\b(verifysms_\w+)\(", HEADER, re.MULTILINE)
    table = rows()
    assert list(table) == declared, set(table) ^ set(declared)
    source = "".join((ROOT / path).read_text(encoding="utf-8") for path in SOURCES[language])
    for function in declared:
        cell = table[function][language]
        names = re.findall(r"`([^`]+)`", cell)
        assert names or cell in ("by itself", "no"), f"{function}: {cell!r}"
        for name in names:
            last = re.split(r"%|::|\.", name)[-1]
            assert re.search(rf"(?<![\w-]){re.escape(last)}(?![\w-])", source), f"{function}: no {name}"
        if language != "Python" and cell != "no":
            short = re.sub(r"verifysms_(config_set|request_set|result)_", "", function)
            called = rf"{function}|\b{short}\b" if language in SUFFIXES else function
            assert re.search(called, source), f"{function} is not called"


def test_manifests() -> None:
    """Every manifest has the version of the library."""

    def found(path: str, pattern: str) -> str:
        match = re.search(pattern, text(path), re.MULTILINE)
        assert match is not None, f"{path} has no version"
        return match[1]

    composer = json.loads(text("php/composer.json"))
    pom = ET.parse(BINDINGS / "java/pom.xml").getroot()
    versions = {
        "perl": found("perl/VerifySMS.pm", r"^our \$VERSION = '(.*)';$"),
        "php": composer["version"],
        "nuspec": ET.parse(BINDINGS / "csharp/VerifySms.nuspec").getroot().findtext("metadata/version"),
        "csharp": found("csharp/src/C.cs", r'AssemblyVersion\("(.*)"\)'),
        "node": json.loads(text("node/package.json"))["version"],
        "java": pom.findtext("{http://maven.apache.org/POM/4.0.0}version"),
        "gem": found("ruby/verifysms.gemspec", r"spec.version = '(.*)'"),
        "ruby": found("ruby/verifysms.rb", r"^  VERSION = '(.*)'$"),
        "pascal": found("pascal/fpmake.pp", r"Version := '(.*)';"),
        "lua": found(f"lua/verifysms-{VERSION}-1.rockspec", r'^version = "(.*)-1"$'),
    }
    assert set(versions.values()) == {VERSION}, versions
    for path in composer["autoload"]["classmap"]:
        assert (BINDINGS / "php" / path).exists(), path


def test_perl_modules_are_made(tmp_path: Path, library: Path) -> None:
    """`perl Makefile.PL` installs the module, whose version `use` can ask for."""
    need("perl", "perl")
    source = shutil.copytree(BINDINGS / "perl", tmp_path / "source")
    run("perl", "Makefile.PL", f"INSTALL_BASE={tmp_path}/installed", cwd=source)
    run("make", "install", cwd=source, env={name: None for name in os.environ if name.startswith("MAKE")})
    uses = ("-e", "use VerifySMS 1.0; print VerifySMS::version()")
    env = {"PERL5LIB": f"{tmp_path}/installed/lib/perl5", "VERIFYSMS_LIBRARY": str(library)}
    assert run("perl", *uses, cwd=tmp_path, env=env) == VERSION
    refused = run("perl", "-e", "use VerifySMS 2.0", cwd=tmp_path, env=env, status=255)
    assert "version 2" in refused, refused


def test_gems_are_made(tmp_path: Path, library: Path) -> None:
    """`gem build` and `gem install` bring the module."""
    gem = need("gem", "ruby")
    source = shutil.copytree(BINDINGS / "ruby", tmp_path / "source")
    run(gem, "build", "verifysms.gemspec", cwd=source)
    env = {"GEM_HOME": str(tmp_path / "gems"), "VERIFYSMS_LIBRARY": str(library), "HOME": str(tmp_path)}
    run(gem, "install", "--local", "--no-document", f"verifysms-{VERSION}.gem", cwd=source, env=env)
    shown = "require 'verifysms'; print VerifySms.version"
    assert run("ruby", "-e", shown, cwd=tmp_path, env=env) == VERSION


def test_the_go_package(tmp_path: Path, library: Path) -> None:
    """Its own tests pass: many calls at once, contexts, panics, without a data race."""
    go = need("go", "golang-go")
    make("install", f"PREFIX={tmp_path}")
    env = {"PKG_CONFIG_PATH": f"{tmp_path}/lib/pkgconfig", "LD_LIBRARY_PATH": str(library.parent)}
    # What pkg-config says is no part of the key of Go's cache; this is.
    env["CGO_LDFLAGS"] = f"-L{tmp_path}/lib"
    source = BINDINGS / "go"
    assert run("gofmt", "-l", ".", cwd=source) == ""
    run(go, "vet", ".", cwd=source, env=env)
    run(go, "test", "-race", "-count=1", ".", cwd=source, env=env)


def test_the_node_package(tmp_path: Path, library: Path) -> None:
    """Its own tests pass from where npm installs it: many calls at once, signals, exits."""
    program = node(HERE)
    folder = tmp_path / "node_modules/verifysms"
    shutil.copytree(BINDINGS / "node", folder)
    env = {"VERIFYSMS_LIBRARY": str(library), "NODE_PATH": str(HERE / "node_modules")}
    run(program, "--test", "index.test.js", cwd=folder, env=env)


def test_the_types_of_node(tmp_path: Path) -> None:
    """A program compiles with them, and most mistakes do not; they declare what the module has."""
    program = node(HERE)
    shutil.copytree(BINDINGS / "node", tmp_path / "node_modules/verifysms")
    cases = shutil.copy(HERE / "typing_cases.ts", tmp_path)
    strict = ("--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom", "--module", "node16")
    run(program, HERE / "node_modules/typescript/bin/tsc", *strict, "--noUnusedLocals", cases, cwd=tmp_path)
    exported = re.findall(r"^exports\.(\w+) =", text("node/index.js"), re.MULTILINE)
    declared = re.findall(r"^export (?:const|class|function) (\w+)", text("node/index.d.ts"), re.MULTILINE)
    assert sorted(exported) == sorted(declared)


def test_the_csharp_package(tmp_path: Path) -> None:
    """The project builds the class library with its documentation, and the package has it."""
    xbuild, nuget = need("xbuild", "mono-xbuild"), need("nuget", "nuget")
    source = shutil.copytree(BINDINGS / "csharp", tmp_path / "source")
    # Debian has no reference assemblies.
    run(xbuild, "/nologo", "/p:NoCompilerStandardLib=false", "VerifySms.csproj", cwd=source)
    run(nuget, "pack", "VerifySms.nuspec", cwd=source, env={"HOME": str(tmp_path)})
    with ZipFile(source / f"VerifySms.{VERSION}.nupkg") as package:
        packed = set(package.namelist())
    files = {f"lib/net45/VerifySms.{extension}" for extension in ("dll", "dll.config", "xml")}
    assert files | {"README.md"} <= packed, packed


def test_csharp_calls(tmp_path: Path, command: Path, library: Path) -> None:
    """Many calls run at once, a token ends its own alone, and VERIFYSMS_LIBRARY is enough to find all."""
    need("mono", "mono-runtime")
    mcs = need("mcs", "mono-mcs")
    sources = sorted((BINDINGS / "csharp/src").glob("*.cs"))
    run(mcs, "-nologo", "-warnaserror", "-out:calls.exe", HERE / "Calls.cs", *sources, cwd=tmp_path)
    shutil.copy(BINDINGS / "csharp/VerifySms.dll.config", tmp_path / "calls.exe.config")
    with sandbox(command) as running:
        env = {"VERIFYSMS_URL": running.url, "VERIFYSMS_LIBRARY": str(library), "LD_LIBRARY_PATH": None}
        printed = run("mono", "calls.exe", cwd=tmp_path, env=env)
    assert printed == "all ended as they should\n", printed


def test_pascal_packages_are_made(tmp_path: Path) -> None:
    """`fpmake` builds the unit."""
    need("fpc", "fp-compiler")
    units = next(iter(Path("/usr/lib").glob("*/fpc/*/units/*/fpmkunit")), None)
    if units is None:
        raise MissingToolError("no unit fpmkunit (apt-get install fp-units-base fp-units-fcl)")
    source = shutil.copytree(BINDINGS / "pascal", tmp_path / "source")
    run("fpc", "-v0ew", "fpmake.pp", cwd=source)
    run("./fpmake", "build", f"--globalunitdir={units.parents[2]}", cwd=source)
    assert list(source.glob("units/*/verifysms.ppu"))


def test_the_cobol_page(tmp_path: Path, library: Path) -> None:
    """What the page of COBOL says of COB_PRE_LOAD is enough, as it stands there."""
    need("cobc", "gnucobol3")
    page = text("cobol/README.md")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (block,) = (block for block in blocks if "COB_PRE_LOAD" in block)
    source = shutil.copytree(BINDINGS / "cobol", tmp_path / "source")
    script = block.replace("/usr/local/lib", str(library.parent))
    assert script != block, "the page does not say where the library is"
    clean = dict.fromkeys(("LD_LIBRARY_PATH", "COB_LIBRARY_PATH", "COB_PRE_LOAD"))
    printed = run(
        "sh", "-ec", script, cwd=source, env=clean | {"VERIFYSMS_URL": "http://127.0.0.1:1/"}, status=4
    )
    assert f"VERIFYSMS {VERSION}" in printed and "no connection" in printed, printed


def test_bindings_are_removed(tmp_path: Path) -> None:
    """`make uninstall-bindings` removes what was installed, and nothing else."""
    other = tmp_path / "usr/share/perl5/Other.pm"
    other.parent.mkdir(parents=True)
    other.touch()
    settings = (f"DESTDIR={tmp_path}", "PREFIX=/usr", "LUADIR=/usr/share/elsewhere", "BINDINGS=perl lua ruby")
    make("install-bindings", *settings)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    modules = {"usr/share/perl5/VerifySMS.pm", "usr/share/elsewhere/verifysms.lua"}
    assert modules | {"usr/share/doc/verifysms/bindings/README.md"} <= files, files
    assert any(path.endswith("ruby/verifysms.rb") for path in files), files
    assert not any("php" in path for path in files), files
    make("uninstall-bindings", *settings)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [other]
    refused = make("install-bindings", "BINDINGS=basic", f"DESTDIR={tmp_path}", status=2)
    assert "BINDINGS=basic is none of" in refused


LOADS = {
    "perl": ("perl", "-e", "use VerifySMS; print VerifySMS::version()"),
    "php": (
        *("php", "-d", "include_path=.:/usr/local/share/php", "-r"),
        "require 'VerifySms.php'; echo VerifySms\\Client::version();",
    ),
    "luajit": ("luajit", "-e", "io.write(require('verifysms').version())"),
    "ruby": ("ruby", "-e", "require 'verifysms'; print VerifySms.version"),
}
INSTALLED = 'make install install-bindings > "$0" 2>&1 && exec "$@"'


@pytest.mark.parametrize("language", LOADS)
def test_languages_look_there(tmp_path: Path, language: str) -> None:
    """After `make install install-bindings` the languages find all in /usr/local by themselves.

    Only PHP has to be told where to look.
    """
    need(language, language)
    if os.geteuid() != 0:
        raise MissingToolError("`make install` takes root")
    ours = ("MAKE", "MFLAGS", "LD_LIBRARY", "DESTDIR", "PREFIX")
    clean = dict.fromkeys(name for name in os.environ if name.startswith(ours))
    inside = scratch(tmp_path, "/usr/local", "/etc", "/var/cache")
    command = ("sh", "-ec", INSTALLED, "/dev/null", *LOADS[language])
    assert run(*inside, *command, cwd=ROOT, env=clean) == VERSION
