"""Every command and every program on the site is run.

The commands are run as they stand there, where `make install install-bindings` has put all, each against a
sandbox of its own. What brings packages or builds the project has its own tests: `make`, `sudo` and
`apt-get` do nothing here. The short programs of the bindings' pages name no address: they find the sandbox
where the service is, in a network of their own.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from assemble import FENCE, PAGES, Piece, all_pages, blocks, read
from harness.javascript import node
from harness.namespaces import scratch
from harness.sandbox import Sandbox, sandbox
from harness.tools import NUMBER, ROOT, MissingToolError, need, run
from install.place import make
from languages.languages import LANGUAGES

if shutil.which("mandoc") is None and not os.environ.get("CI"):
    pytest.skip("no mandoc (apt-get install mandoc)", allow_module_level=True)

SERVICE = "api.99digital.co.il"
SEED = ("--seed", "7")
SHIMS = {
    "sudo": 'exec "$@"',
    "make": "exit 0",
    "apt-get": "exit 0",
    # tests/packages/ installs our packages.
    **dict.fromkeys(("apt", "dnf"), "exit 0"),
    "tar": f'case "$2" in verifysms-*) exit 0;; esac; exec {shutil.which("tar")} "$@"',
    "curl": f'exec {shutil.which("curl")} --fail --silent --show-error "$@"',
    # Nothing comes from the registry, and nothing gets to this Python.
    "pip": 'shift; exec "$PYTHON" -m pip install -q --no-index --find-links "$WHEELS" --target here "$@"',
}


class Block(NamedTuple):
    """A block of code on the site, and the file in which it stands."""

    origin: Path
    kind: str
    text: str

    @property
    def name(self) -> str:
        """What a test is called by."""
        words = re.sub(r"\W+", "-", self.text[:40]).strip("-")
        return f"{self.origin.relative_to(ROOT)}-{words}"


def of_piece(piece: Piece) -> Iterator[Block]:
    """The blocks of a part of a page; a manual's are those of its programs."""
    for block in FENCE.finditer(piece.text):
        first, _, rest = block[0].partition("\n")
        if not first.startswith("```{"):
            yield Block(piece.origin, first.strip("`"), rest.rpartition("```")[0])
    for shown in re.findall(r"<pre>(.*?)</pre>", piece.text, re.DOTALL):
        if re.match(r"export |verifysms ", shown):
            yield Block(piece.origin, "sh", html.unescape(shown) + "\n")


@cache
def site() -> list[Block]:
    """All blocks, each once."""
    pieces = (piece for parts in all_pages().values() for piece in parts)
    return list(dict.fromkeys(block for piece in pieces for block in of_piece(piece)))


def commands() -> list[Block]:
    """Those with lines to type."""
    return [block for block in site() if block.kind == "sh"]


def scripts() -> list[Block]:
    """What is run at once: the lines of a binding's page one after the other, other blocks each by itself."""
    joined: dict[Path, Block] = {}
    alone = []
    for block in commands():
        if block.origin.parent.parent == ROOT / "bindings" and block.origin.name == "README.md":
            before = joined[block.origin].text if block.origin in joined else ""
            joined[block.origin] = block._replace(text=before + block.text)
        else:
            alone.append(block)
    return [*alone, *joined.values()]


def is_here(folder: str) -> None:
    """Skip a test whose language is not on this machine."""
    if folder == "cpp":
        need("c++", "g++")
    for language in (one for one in LANGUAGES if one.folder == folder):
        asked = shutil.which(language.version[0]) and subprocess.run(
            language.version, capture_output=True, check=False
        )
        if not asked or asked.returncode != 0:
            raise MissingToolError(f"no {language.name} (apt-get install {language.package})")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page of the bindings has its reader install, staged."""
    (block,) = (one for one in commands() if one.origin == ROOT / "bindings/README.md")
    words = block.text.partition("#")[0].split()
    assert words[0] == "make"
    stage = tmp_path_factory.mktemp("stage")
    make(*words[1:], f"DESTDIR={stage}")
    return stage / "usr/local"


@pytest.fixture
def folder(tmp_path: Path, library: Path) -> Path:
    """Where a reader of the README is: in the sources, with its programs."""
    here = tmp_path / "sources"
    (here / "target").mkdir(parents=True)
    (here / "include").symlink_to(ROOT / "include")
    (here / "target/release").symlink_to(library.parent)
    (here / "target/wheels").mkdir()
    for wheel in sorted(ROOT.glob("target/wheels/*.whl"))[-1:]:
        shutil.copy(wheel, here / "target/wheels")
    for name, block in zip(("program.c", "signup.c"), blocks(read(ROOT / "README.md"), "c"), strict=False):
        (here / name).write_text(block.partition("\n")[2].rpartition("```")[0], encoding="utf-8")
    return here


@pytest.fixture(scope="module")
def code(command: Path) -> str:
    """The first code of a sandbox with the seed."""
    with sandbox(command, *SEED) as running:
        send(command, running)
        return running.newest(NUMBER).code


def send(command: Path, running: Sandbox) -> None:
    """Text a code."""
    words = ("send", NUMBER, "--sender", "Acme", "--url", running.url, "--proxy", "")
    run(command, *words, env={"VERIFYSMS_API_KEY": "sandbox-key"})


def inside(tmp_path: Path, installed: Path, folder: Path, script: str, code: str, **more: str) -> str:
    """Run lines in a folder of a machine on which all is installed, and return what they print."""
    if os.geteuid() != 0:
        raise MissingToolError("what is installed below /usr/local takes root")
    shims = tmp_path / "shims"
    shims.mkdir()
    for name, line in SHIMS.items():
        (shims / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (shims / name).chmod(0o755)
    (tmp_path / "scratch").mkdir()
    ours = ("LD_LIBRARY", "PKG_CONFIG", "VERIFYSMS_")
    env: dict[str, str | None] = {name: None for name in os.environ if name.startswith(ours)}
    env |= {
        "PATH": f"{shims}:/usr/local/bin:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHON": need("python3", "python3"),
        "number": NUMBER,
        "typed": code,
        **more,
    }
    prepared = f'cp -a "{installed}/." /usr/local\nldconfig\ncd "{folder}"\n{script}'
    return run(
        *scratch(tmp_path / "scratch", "/usr/local", "/etc", "/var/cache"),
        *("sh", "-ec", prepared),
        stdin=f"{NUMBER}\n{code}\n" if "signup" in script else f"{code}\n",
        env=env,
        timeout=120,
    )


def for_a_test(text: str, url: str, folder: Path) -> str:
    """The lines with another address and folder, and a sandbox that ends once it has begun."""
    begun = r"\1 --port 0 > begun & until grep -q http begun; do kill -0 $!; sleep 0.05; done; kill $!"
    text = re.sub(r"^(.*verifysms sandbox)(?: &)?(?= *(?:#.*)?$)", begun, text, flags=re.MULTILINE)
    text = text.replace("http://127.0.0.1:8025", url.removesuffix("/sms/verifySMS"))
    text = text.replace("VERIFYSMS_API_KEY=...", "VERIFYSMS_API_KEY=sandbox-key")
    # Of two equal sends the second one is refused.
    text = re.sub(r"^(verifysms send .*)\n\1$", r"\1\n\1 || test $? -eq 12", text, flags=re.MULTILINE)
    return text.replace("/run/acme", str(folder))


@pytest.mark.parametrize("block", scripts(), ids=lambda block: block.name)
def test_commands(
    tmp_path: Path, command: Path, installed: Path, folder: Path, code: str, block: Block
) -> None:
    """Each line ends with 0, as it stands there."""
    wheels = folder / "target/wheels"
    if block.origin.parent.parent == ROOT / "bindings":
        is_here(block.origin.parent.name)
        (folder / "bindings").mkdir()
        folder = shutil.copytree(block.origin.parent, folder / "bindings" / block.origin.parent.name)
    if "pip install" in block.text and not list(wheels.iterdir()):
        raise MissingToolError("no wheel (make python)")
    if "levent" in block.text and not Path("/usr/include/event2/event.h").exists():
        raise MissingToolError("no libevent (apt-get install libevent-dev)")
    with sandbox(command, *SEED) as running:
        if "/wait?" in block.text:
            send(command, running)
        lines = for_a_test(block.text, running.url, tmp_path)
        key = {"VERIFYSMS_API_KEY": "sandbox-key", "VERIFYSMS_SENDER": "Acme"}
        env = key | {"VERIFYSMS_URL": running.url, "WHEELS": str(wheels)}
        printed = inside(tmp_path, installed, folder, lines, code, **env)
        if re.search(r"&& echo welcome|\./signup|\./demo", block.text):
            states = [one["state"] for one in running.control("messages")["messages"]]
            assert states == ["verified"], f"{states}: {printed}"


class Snippet(NamedTuple):
    """What makes a program of a few lines on a binding's page."""

    before: str
    after: str
    file: str
    run: str


SNIPPETS = {
    "c": Snippet(
        "#include <stdio.h>\n#include <stdlib.h>\n#include <verifysms.h>\n"
        'int main(void) {\nconst char *typed = getenv("typed");\n',
        "return 0;\n}\n",
        "snippet.c",
        "cc snippet.c $(pkg-config --cflags --libs verifysms) -o program\n./program",
    ),
    "cpp": Snippet(
        "#include <cstdio>\n#include <cstdlib>\n#include <verifysms.hpp>\n"
        'int main() {\nconst char *typed = std::getenv("typed");\n',
        "}\n",
        "snippet.cpp",
        "c++ snippet.cpp $(pkg-config --cflags --libs verifysms) -o program\n./program",
    ),
    "csharp": Snippet(
        "using System; using System.Threading; using System.Threading.Tasks; using VerifySms;\n"
        "class Snippet {\n"
        "static async Task Run(string key, string typed, string address, CancellationToken token) {\n",
        '}\nstatic void Main() { Run(Environment.GetEnvironmentVariable("KEY"),\n'
        'Environment.GetEnvironmentVariable("typed"), "203.0.113.7", CancellationToken.None).Wait(); } }\n',
        "snippet.cs",
        "mcs -r:/usr/local/lib/mono/verifysms/VerifySms.dll snippet.cs\n"
        "MONO_PATH=/usr/local/lib/mono/verifysms mono snippet.exe",
    ),
    "go": Snippet(
        'package main\nimport ("context"; "os"; "verifysms")\nfunc main() {\n'
        'ctx, address := context.Background(), "203.0.113.7"\n'
        'key, typed := os.Getenv("KEY"), os.Getenv("typed")\n',
        "_ = sent\n}\n",
        "snippet.go",
        "go mod init program\ngo mod edit -require=verifysms@v1.0.0 "
        "-replace=verifysms=/usr/local/share/gocode/src/verifysms\ngo run snippet.go",
    ),
    "java": Snippet(
        "import verifysms.Verifysms;\nclass Snippet {\n"
        "public static void main(String[] args) throws Exception {\n"
        'String key = System.getenv("KEY"), typed = System.getenv("typed");\n',
        "}}\n",
        "Snippet.java",
        "javac -cp /usr/share/java/jna.jar:/usr/local/share/java/verifysms.jar Snippet.java\n"
        "java -cp /usr/share/java/jna.jar:/usr/local/share/java/verifysms.jar:. Snippet",
    ),
    "js": Snippet(
        "(async () => {\nconst { KEY: key, typed } = process.env;\n"
        "const request = { socket: { remoteAddress: '203.0.113.7' } };\n",
        "await client.close();\n})().catch((error) => { console.error(error); process.exit(1); });\n",
        "snippet.js",
        f"NODE_PATH=/usr/local/lib/node_modules:{ROOT}/tests/languages/node_modules node snippet.js",
    ),
    "lua": Snippet(
        'package.path = "/usr/local/share/lua/5.1/?.lua;" .. package.path\n'
        'local verifysms = require "verifysms"\n'
        'local key, typed = os.getenv "KEY", os.getenv "typed"\n',
        "",
        "snippet.lua",
        "luajit snippet.lua",
    ),
    "pascal": Snippet(
        "program Snippet;\n{$mode objfpc}{$H+}\nuses SysUtils, verifysms;\nvar Client: TVerifySms;\n"
        "  Key, Typed: string; Answer: TVerifySmsAnswer;\nbegin\n"
        "Key := GetEnvironmentVariable('KEY'); Typed := GetEnvironmentVariable('typed');\n",
        "end.\n",
        "snippet.pas",
        "fpc -v0ew -Fl/usr/local/lib '-Fu/usr/local/lib/fpc/units/*' snippet.pas\n./snippet",
    ),
    "perl": Snippet(
        "use lib '/usr/local/share/perl5'; use VerifySMS; my ($key, $typed) = @ENV{qw(KEY typed)};\n",
        "",
        "snippet.pl",
        "perl -w snippet.pl",
    ),
    "php": Snippet(
        "<?php\n$key = getenv('KEY');\n$typed = getenv('typed');\n",
        "",
        "snippet.php",
        "php -dinclude_path=/usr/local/share/php snippet.php",
    ),
    "ruby": Snippet(
        "require '/usr/local/lib/site_ruby/verifysms'\nkey, typed = ENV.values_at('KEY', 'typed')\n",
        "",
        "snippet.rb",
        "ruby -w snippet.rb",
    ),
}

AT_THE_SERVICE = f"""
echo '127.0.0.1 {SERVICE}' >> /etc/hosts
cat > within <<'END'
ip link set lo up
verifysms sandbox --tls --host {SERVICE} --port 443 --ca-file ca.pem --seed 7 > begun &
trap "kill $!" EXIT
until grep -q http begun; do kill -0 $!; sleep 0.05; done
export SSL_CERT_FILE=ca.pem VERIFYSMS_API_KEY=sandbox-key
%s
curl --insecure https://127.0.0.1/control/messages
END
unshare --net sh -e within
"""


def snippets() -> list[Block]:
    """The short programs on the bindings' pages, and those at the head of the headers."""
    pages = {ROOT / "bindings" / language.folder / "README.md" for language in LANGUAGES}
    found = [block for block in site() if block.origin in pages and block.kind != "sh"]
    for name, kind in (("verifysms.h", "c"), ("verifysms.hpp", "cpp")):
        header = ROOT / "include" / name
        (sample,) = re.findall(r"@code\n(.*?) \* @endcode", read(header).partition("#ifndef")[0], re.DOTALL)
        found.append(Block(header, kind, re.sub(r"^ \* ?", "", sample, flags=re.MULTILINE)))
    return found


@pytest.mark.parametrize("block", snippets(), ids=lambda block: block.kind)
def test_a_short_program(tmp_path: Path, installed: Path, folder: Path, code: str, block: Block) -> None:
    """It verifies a number, at the address at which the service is."""
    is_here(block.origin.parent.name)
    need("ip", "iproute2")
    assert block.kind in SNIPPETS, "what makes a program of it?"
    if block.kind == "js":
        node(ROOT / "tests/languages")
    snippet = SNIPPETS[block.kind]
    # Go has dots where a program looks at an error.
    text = block.text.replace("\n...\n", "\nif err != nil { panic(err) }\n")
    (folder / snippet.file).write_text(snippet.before + text + snippet.after, encoding="utf-8")
    sends = re.search(r"(?<![a-z])send(?!er)", block.text, re.IGNORECASE)
    first = "" if sends else f"verifysms send {NUMBER} --sender Acme\n"
    script = AT_THE_SERVICE % (first + snippet.run)
    printed = inside(tmp_path, installed, folder, script, code, KEY="sandbox-key")
    assert '"state":"verified"' in printed.replace(": ", ":"), printed


RUN_ELSEWHERE = {
    ("README.md", "c"): "tests/docs/test_readme.py",
    ("README.md", "rust"): "tests/docs/test_readme.py",
    ("README.md", "python"): "bindings/python/tests/test_docs.py",
    ("bindings/python/GUIDE.md", "python"): "bindings/python/tests/test_docs.py",
    # It is checked against the header; its page says that nobody runs it.
    ("bindings/vb6/Example.bas", "vbnet"): "tests/languages/test_declarations.py",
    ("bindings/vb6/command.vbs", "vbscript"): "tests/windows/with_wine.py",
}
"""Which test runs the programs of a page."""
NO_PROGRAMS = ("", "text", "ini", "cmake")
"""What is printed, and settings; those of CMake are tested in tests/install/."""


def who_runs(block: Block) -> str | None:
    """The test that runs a block."""
    origin = block.origin.relative_to(ROOT).as_posix()
    folder = block.origin.parent.name
    if block.origin.is_relative_to(PAGES) and block.kind == "python":
        return "bindings/python/tests/test_docs.py"
    if origin.startswith("bindings/python/examples/"):
        return "bindings/python/tests/test_examples.py"
    if origin.startswith(("bindings/c/", "bindings/cpp/")):
        return "tests/install/examples.py"
    if any(language.folder == folder and block.origin.name == language.example for language in LANGUAGES):
        return "tests/languages/test_languages.py"
    return RUN_ELSEWHERE.get((origin, block.kind))


def test_every_program_is_run() -> None:
    """By a test that is there, but for the declarations of which their page says that no test runs them."""
    here = {*commands(), *snippets()}
    untested = ROOT / "bindings/OTHER.md"
    assert "**No test runs this page**" in read(untested)
    others = [
        one for one in site() if one not in here and one.kind not in NO_PROGRAMS and one.origin != untested
    ]
    assert others, "the scan found no program"
    found = {block.name: who_runs(block) for block in others}
    assert not [name for name, test in found.items() if test is None]
    assert all((ROOT / test).is_file() for test in found.values() if test)
