"""Write the type stubs of the Rust half anew, or with --check fail if they are not what the source says.

    python tools/stubs.py [--check]

Needs maturin and ruff on the PATH.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
STUBS = HERE / "python" / "verifysms" / "_verifysms.pyi"

# Annotations that are given as text come out quoted, and nothing is imported for them.
QUOTED = re.compile(r'(: |-> )"([^"]+)"')
IMPORTS = "import collections.abc\nimport os\nimport typing\n"


# Type checkers match by position only if they see the names. stubtest compares them with the built ones.
MATCH_ARGS = {
    "CheckResult": ("verified", "status", "to"),
    "SendResult": ("unique", "timestamp", "sender", "to"),
}


def generated() -> str:
    """Build the extension with its descriptions in it and read them out."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["--manifest-path", str(HERE / "Cargo.toml"), "--profile", "dev", "--features", "stubs"]
        subprocess.run(["maturin", "generate-stubs", "--quiet", "--out", folder, *arguments], check=True)
        (found,) = Path(folder).rglob("_verifysms.pyi")
        text = found.read_text()
    docstring, quote, rest = text.partition('"""\n\n')
    text = docstring + quote + IMPORTS + QUOTED.sub(r"\1\2", rest)
    for name, fields in MATCH_ARGS.items():
        before, class_line, body = text.partition(f"class {name}:")
        body = re.sub("__match_args__: .*", f"__match_args__ = {fields}", body, count=1)
        text = before + class_line + body
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        arguments = ["--quiet", "--config", str(HERE / "pyproject.toml"), "--stdin-filename", "_verifysms.pyi", "-"]
        ruff = ["ruff", *command, *arguments]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> int:
    """Write or check."""
    text = generated()
    if "--check" not in sys.argv[1:]:
        STUBS.write_text(text)
        return 0
    if STUBS.read_text() == text:
        return 0
    print(f"{STUBS.name} is not what the source says; `make python-stubs` makes it anew", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
