"""Check the direction of the imports in src: each module uses only lower layers, without circles.

python3 tests/layers.py

What differs between operating systems is in the module sys alone.

LAYERS has the modules of the crate, from the bottom to the top. A module may use those in lower
rows. In a folder of src the files may use each other, but not in a circle; a parent that only
re-exports a child does not use it. Tests, and the modules that only tests use, may use anything.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LAYERS = [
    {"digits", "input_chars", "limit", "panics", "rule"},
    {"error", "sys"},
    {"event", "memory", "url"},
    {"callbacks", "phone", "proxy", "secret"},
    {"delivery", "reply", "request", "text", "transport"},
    {"guard", "message", "words"},
    {"client"},
    {"config"},
    {"builder"},
    {"capi", "sandbox"},
    {"cli"},
]

Module = tuple[str, ...]
"""The path of a module, for example ("transport", "call"). The crate is ()."""


def sources() -> dict[Module, str]:
    """The modules of the crate with their code."""
    found: dict[Module, str] = {}
    for path in sorted((ROOT / "src").rglob("*.rs")):
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        if parts[0] != "bin":
            module = parts[:-1] if parts[-1] in ("mod", "lib") else parts
            found[module] = path.read_text(encoding="utf-8")
    return found


def product(code: str) -> str:
    """The code without comments, literals, and items that are for tests."""
    code = re.sub(r'//.*|b?r#*"(?s:.*?)"#*|b?"(?:\\(?s:.)|[^"\\])*"', " ", code)
    test = r"#\[cfg\((?:test|any\(test[^\]]*)\)\]\s*(?:#\[[^\]]*\]\s*)*"
    code = re.sub(test + r"[^;{]*;", " ", code)
    return re.split(r"#\[cfg\(test\)\]\s*mod \w+ \{", code)[0]


def is_for_tests(module: Module, code: dict[Module, str]) -> bool:
    """Whether a module, or one that it is in, is compiled for tests only."""
    for length in range(1, len(module) + 1):
        parent, name = code.get(module[: length - 1], ""), module[length - 1]
        test = r"#\[cfg\((?:test|any\(test\b)[^\]]*\]\s*(?:pub\(crate\) )?mod "
        if re.search(rf"{test}{name};", parent):
            return True
    return False


def paths(code: str) -> Iterator[tuple[str, ...]]:
    """Every path that begins with crate, self or super, or is imported; braces are expanded."""
    for tree in re.findall(r"(?<!pub )(?<!\) )\buse ([^;]+);", code):
        yield from expanded(re.sub(r"\sas\s+\w+|\s+", "", tree), ())
    for path in re.findall(r"(?<!in )\b((?:crate|self|super)(?:::\w+)+)", code):
        yield tuple(path.split("::"))


def expanded(tree: str, prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of a use tree."""
    head, brace, rest = tree.partition("{")
    if not brace:
        yield (*prefix, *head.split("::"))
        return
    inner, depth = "", 0
    for char in rest[: rest.rindex("}")] + ",":
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == "," and depth == 0:
            if inner:
                yield from expanded(inner, (*prefix, *head.rstrip(":").split("::")))
            inner = ""
        else:
            inner += char


def used(module: Module, path: tuple[str, ...], code: dict[Module, str]) -> Module | None:
    """The module that a path in a module leads to; None outside of this crate."""
    first, *rest = path
    if first == "crate":
        at: Module = ()
    elif first == "self":
        at = module
    elif first == "super":
        at = module[:-1]
    elif (*module, first) in code:
        at, rest = module, list(path)
    else:
        return None
    for name in rest:
        if name == "super":
            at = at[:-1]
        elif (*at, name) in code:
            at = (*at, name)
        else:
            break
    if at == () and rest:
        # A name that the crate re-exports belongs to its module.
        exports = re.findall(r"pub use (\w+)::(?:\{([^}]*)\}|(\w+));", code[()])
        for name, many, one in exports:
            if rest[0] in [*re.split(r"[\s,]+", many), one]:
                return (name,)
    return at


def arrows(code: dict[Module, str]) -> dict[Module, set[Module]]:
    """Which modules each module uses."""
    plain = {module: product(text) for module, text in code.items()}
    found: dict[Module, set[Module]] = {}
    for module, text in plain.items():
        if module != () and not is_for_tests(module, code):
            ends = {used(module, path, plain) for path in paths(text)}
            found[module] = {end for end in ends if end is not None and end != module}
    return found


def upward(found: dict[Module, set[Module]]) -> list[str]:
    """The arrows that do not lead to a lower layer."""
    layer = {name: number for number, names in enumerate(LAYERS) for name in names}
    unknown = sorted({module[0] for module in found} - set(layer))
    wrong = [f"{name} is in no row of LAYERS" for name in unknown]
    for module, ends in sorted(found.items()):
        for end in sorted(ends):
            if end == ():
                wrong.append(f"{'::'.join(module)} uses the root of the crate")
            elif end[0] != module[0] and not unknown and layer[end[0]] >= layer[module[0]]:
                wrong.append(f"{'::'.join(module)} uses {'::'.join(end)}, which is not below it")
    return wrong


def circles(found: dict[Module, set[Module]]) -> list[str]:
    """The circles, each once."""
    wrong: set[str] = set()
    done: set[Module] = set()

    def visit(module: Module, trail: list[Module]) -> None:
        if module in trail:
            circle = trail[trail.index(module) :]
            first = circle.index(min(circle))
            names = ["::".join(one) for one in (*circle[first:], *circle[:first], circle[first])]
            wrong.add("a circle: " + " -> ".join(names))
        elif module not in done:
            for end in sorted(found.get(module, ())):
                visit(end, [*trail, module])
            done.add(module)

    for module in sorted(found):
        visit(module, [])
    return sorted(wrong)


def systems(code: dict[Module, str]) -> list[str]:
    """The modules outside of sys that ask which system they run on, or use what one system has."""
    asks = r"cfg!?\s*\([^]]*\b(?:unix|windows|target_(?:os|family|vendor|env))\b"
    uses = r"\bstd::os::|\b(?:libc|windows_sys)::"
    return [
        f"{'::'.join(module)} has what is for sys: {found[0]}"
        for module, text in code.items()
        if module[:1] != ("sys",) and not is_for_tests(module, code)
        for found in re.finditer(f"{asks}|{uses}", product(text))
    ]


def violations(code: dict[Module, str]) -> list[str]:
    """What is wrong with the imports of these sources."""
    found = arrows(code)
    return upward(found) + circles(found) + systems(code)


PLANTED = [
    (("error",), "use crate::phone::Phone;", "error uses phone"),
    (("transport", "http"), "use crate::{memory, reply::Accepted};", "http uses reply"),
    (("phone",), "fn f(_: &crate::Client) {}", "phone uses client"),
    (("sys",), "use crate::transport::Call;", "sys uses transport"),
    (("cli", "sandbox"), "#[cfg(all(unix, test))] fn f() {}", "cli::sandbox has what is for sys"),
    (("client", "queue"), "use std::os::fd::RawFd;", "client::queue has what is for sys"),
]
"""Lines that are wrong in a module, each with what must be said about it."""


def main() -> int:
    """Check the sources, and that each planted violation is found in them."""
    wrong = violations(sources())
    for module, line, expected in PLANTED:
        code = sources()
        code[module] = f"{line}\n{code[module]}"
        if not any(expected in one for one in violations(code)):
            wrong.append(f"not found in {'::'.join(module)}: {line}")
    print(*wrong or ["the imports in src lead down and make no circle"], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
