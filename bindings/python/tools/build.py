"""Build the wheel and the sdist into target/wheels, or with --stubs generate the type stubs of the Rust half.

python bindings/python/tools/build.py [--stubs]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from environments import MissingError, cached_environment, run

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent.parent
WHEELS = ROOT / "target" / "wheels"
STUBS = PACKAGE / "python" / "verifysms" / "_verifysms.pyi"

# Annotations given as text come out quoted, and without the imports that they need.
QUOTED = re.compile(r'(: |-> )"([^"]+)"')
IMPORTS = """\
import collections.abc
import os
import typing

import typing_extensions

from verifysms._codes import DeliveryState, Limit, NextStep, WarningKind
from verifysms._phone import PhoneNumber
"""

# Type checkers need the names to match by position. stubtest compares them with the built module.
MATCH_ARGS = {
    "CheckResult": ("verified", "status", "to", "retry_after", "tries_left"),
    "DeliveryResult": ("state", "next_step", "code", "to", "sender", "hebrew", "english", "date", "operator"),
    "SendResult": ("unique", "timestamp", "sender", "to", "retry_after", "tries_left"),
}

# The getters that return a type of the Python half.
GETTERS = {
    "DeliveryResult": {"state": "DeliveryState", "next_step": "NextStep"},
    "MessageWarning": {"kind": "WarningKind"},
}


def build_tools() -> Path:
    """Return the folder of the programs that build."""
    return cached_environment(ROOT / "target" / "python-tools", PACKAGE / "tools" / "requirements.txt")


def write_sbom(*arguments: str) -> Path:
    """Write the SBOM of a wheel; the arguments are those of `cargo tree`. PEP 770 says where it goes."""
    path = ROOT / "target" / "wheels" / "verifysms.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    program = ROOT / "src" / "capi" / "install" / "sbom.py"
    command = [sys.executable, str(program), "pkg:pypi/verifysms", "--package", "verifysms-python", *arguments]
    path.write_text(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return path


def without_local_paths(sources: Path = ROOT) -> dict[str, str]:
    """Return the settings that keep the paths of this machine out of what is built."""
    cargo = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
    remapped = f"--remap-path-prefix={cargo}=cargo --remap-path-prefix={sources}/="
    return {"RUSTFLAGS": f"{os.environ.get('RUSTFLAGS', '')} {remapped}"}


def build() -> tuple[Path, Path]:
    """Build the wheel and the sdist."""
    maturin = build_tools() / "maturin"
    for old in WHEELS.glob("*.whl"):
        old.unlink()
    manifest = ("--manifest-path", PACKAGE / "Cargo.toml", "--out", WHEELS)
    wheel_of = ("--interpreter", sys.executable, "--sbom-include", write_sbom())
    run(maturin, "build", *wheel_of, *manifest, cwd=ROOT, **without_local_paths())
    (wheel,) = WHEELS.glob("*.whl")
    return wheel, build_sdist()


def build_sdist(out: Path = WHEELS) -> Path:
    """Build the sdist."""
    for old in out.glob("*.tar.gz"):
        old.unlink()
    run(build_tools() / "maturin", "sdist", "--manifest-path", PACKAGE / "Cargo.toml", "--out", out, cwd=ROOT)
    (sdist,) = out.glob("*.tar.gz")
    return sdist


def stubs() -> str:
    """Build the extension with its type descriptions, and read them out."""
    tools = build_tools()
    with tempfile.TemporaryDirectory() as folder:
        manifest = ("--manifest-path", PACKAGE / "Cargo.toml", "--out", folder, "--interpreter", sys.executable)
        described = ("--quiet", "--profile", "dev", "--features", "stubs")
        run(tools / "maturin", "generate-stubs", *described, *manifest, cwd=ROOT)
        (found,) = Path(folder).rglob("_verifysms.pyi")
        text = found.read_text()
    docstring, quote, rest = text.partition('"""\n\n')
    text = docstring + quote + IMPORTS + QUOTED.sub(r"\1\2", rest)
    for name, fields in MATCH_ARGS.items():
        before, class_line, body = text.partition(f"class {name}:")
        text = before + class_line + re.sub("__match_args__: .*", f"__match_args__ = {fields}", body, count=1)
    for name, getters in GETTERS.items():
        before, class_line, body = text.partition(f"class {name}:")
        for getter, kind in getters.items():
            body = re.sub(rf"(def {getter}\(self, /\) -> )\S+:", rf"\1{kind}:", body, count=1)
        text = before + class_line + body
    for command in (("check", "--select", "I", "--fix"), ("format",)):
        settings = ("--quiet", "--no-cache", "--config", str(PACKAGE / "pyproject.toml"))
        ruff = [str(tools / "ruff"), *command, *settings, "--stdin-filename", STUBS.name, "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> None:
    """Build what the arguments ask for."""
    if "--stubs" in sys.argv[1:]:
        STUBS.write_text(stubs())
        return
    for built in build():
        print(f"{os.path.relpath(built)}: {built.stat().st_size:,} bytes")


if __name__ == "__main__":
    try:
        main()
    except (MissingError, subprocess.CalledProcessError) as error:
        sys.exit(f"the Python package was not built: {error}")
