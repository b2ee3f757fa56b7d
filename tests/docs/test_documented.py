"""Every public thing is documented and shown: functions, codes, settings, options."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from harness.header import PROTOTYPE, parameters
from harness.tools import ROOT, need, run

HANDLES = r"verifysms_(?:config|client|queue|request|result|message) \*"
NOT_CODES = (
    *("REACHED_", "REASON_", "TRUST_", "LOG_", "LIMIT_", "EVENT_", "SIZE_", "VERSION_"),
    *("GUARD_LOCAL", "GUARD_REFUSE", "GUARD_ALLOW"),
    *("RULE_", "PHONE_", "ENCODING_", "WARNING_", "DELIVERY_", "NEXT_"),
)
"""How the names of all numbers begin that are not codes."""


def text(*paths: str) -> str:
    """What the files say that these patterns name."""
    files = [file for path in paths for file in sorted(ROOT.glob(path))]
    assert files, f"no {paths}"
    return "".join(file.read_text(encoding="utf-8") for file in files)


class Function(NamedTuple):
    """A declaration of the C header, and the comment before it."""

    name: str
    answer: str
    parameters: list[str]
    comment: str

    def faults(self) -> list[str]:
        """What the comment does not say."""
        said = self.comment
        names = [re.sub(r".*\W", "", parameter) for parameter in self.parameters]
        faults = [f"@param {name}" for name in names if not re.search(rf"@param {name}\b", said)]
        faults += [tag for tag in ("@threads", "@since") if tag not in said]
        if self.answer != "void" and "@return" not in said:
            faults.append("@return")
        if any("*" in parameter for parameter in self.parameters) and "NULL" not in said:
            faults.append("what NULL means")
        if any(name == "ms" for name in names) and "illiseconds" not in said:
            faults.append("the unit")
        strings = "const char *" in self.answer
        if strings and not re.search(r"owned by|static and never freed", said):
            faults.append("who owns the string")
        if re.match(HANDLES, self.answer) and "freed with" not in said:
            faults.append("who frees the handle")
        taken = [p for p in self.parameters if "const char *" in p and "_set_" in self.name]
        if taken and "copied" not in said:
            faults.append("whether the string is copied")
        return faults


def functions(header: str) -> list[Function]:
    """All functions of the C header."""
    comment = r"(?:/\*\*((?:(?!\*/).)*)\*/\n)?"
    found = re.findall(comment + PROTOTYPE, header, re.MULTILINE | re.DOTALL)
    return [Function(name, answer.strip(), parameters(inside), said) for said, answer, name, inside in found]


def constants(header: str) -> dict[str, str]:
    """Every number of the C header with the comment before it."""
    pattern = r"(?:/\*\*((?:(?!\*/).)*)\*/\n)?^#define (VERIFYSMS_\w+) [^_\s]\S*$"
    return {name: said for said, name in re.findall(pattern, header, re.MULTILINE | re.DOTALL)}


def members(header: str) -> set[str]:
    """The names of all public C++ functions, but for constructors and operators."""
    classes = re.sub(r"private:.*?^};", "", header, flags=re.MULTILINE | re.DOTALL)
    classes = re.sub(r"^namespace detail.*?^} // namespace", "", classes, flags=re.MULTILINE | re.DOTALL)
    pattern = r"^    (?:\S.* )?[*&]?([a-z]\w*[a-z])\([^()]*\) (?:const )?(?:noexcept)?\s*{"
    free = re.findall(r"^(?:VERIFYSMS_NODISCARD )?inline .*?(\w+)\(", classes, re.MULTILINE)
    return set(free) | set(re.findall(pattern, classes, re.MULTILINE)) - {"bool"}


def enumerators(header: str) -> set[str]:
    """The C names of the numbers that have a C++ name. Two enumerations may use the same C++ name."""
    return set(re.findall(r"^    \w+ = (VERIFYSMS_\w+)", header, re.MULTILINE))


def test_c() -> None:
    """The C functions and numbers."""
    header = text("include/verifysms.h")
    examples = text("bindings/c/*.c")
    manual = text("src/capi/verifysms.3")
    readme = text("README.md")
    faults = []
    declared = functions(header)
    for function in declared:
        faults += [f"{function.name}: its comment lacks {what}" for what in function.faults()]
        if not re.search(rf"\b{function.name}\(", examples):
            faults.append(f"{function.name}: no example in bindings/c shows it")
        arguments = " ".join(f'"{parameter}"' for parameter in function.parameters) or '"void"'
        if f".Fn {function.name} {arguments}\n" not in manual:
            faults.append(f"{function.name}: verifysms.3 has not .Fn {function.name} {arguments}")
        setting = function.name.removeprefix("verifysms_config_set_")
        if setting != function.name and f"| `{setting}` |" not in readme:
            faults.append(f"{function.name}: the README's table of settings lacks it")
    for name, said in constants(header).items():
        if not said:
            faults.append(f"{name}: it has no comment")
        # A program acts on few of the many rules and warnings.
        is_many = name.startswith(("VERIFYSMS_RULE_", "VERIFYSMS_WARNING_"))
        if not re.search(rf"\b{name}\b", examples) and not is_many:
            faults.append(f"{name}: no example in bindings/c shows it")
        if not re.search(rf"\bDv {name}\b", manual):
            faults.append(f"{name}: verifysms.3 does not name it")
    for _, name, number in re.findall(r"^#define (VERIFYSMS_(\w+)) (\d+)$", header, re.MULTILINE):
        is_code = not name.startswith(NOT_CODES)
        row = rf"^\| {number} \| `{name}` \|" if is_code else ""
        if not re.search(row, readme, re.MULTILINE):
            faults.append(f"{name}: the README's table of codes lacks it")
    exported = re.findall(r"^ +(verifysms_\w+);", text("src/capi/exports.map"), re.MULTILINE)
    names = {function.name for function in declared}
    faults += [f"{name}: the scan did not find it in the header" for name in set(exported) - names]
    assert not faults, "\n".join(faults)


def test_cxx() -> None:
    """The C++ classes."""
    header = text("include/verifysms.hpp")
    examples = text("bindings/cpp/*.cpp")
    found = members(header)
    assert {"sender", "check", "cancel", "timestamp", "c_str"} <= found, found
    # The two ways to the C functions are for programs that mix both.
    faults = [
        f"{name}(): no example in bindings/cpp shows it"
        for name in sorted(found - {"get", "c_str"})
        if not re.search(rf"(?:\.|::){name}\(", examples)
    ]
    all_numbers = constants(text("include/verifysms.h"))
    no_numbers = ("VERSION", "URL", "SIZE_", "PHONE_SIZE", "DELIVERY_CODE_NONE")
    numbers = {name for name in all_numbers if not name[10:].startswith(no_numbers)}
    faults += [f"{name}: no C++ name" for name in numbers - enumerators(header)]
    for function in functions(text("include/verifysms.h")):
        if f"::{function.name}(" not in header and function.name != "verifysms_copy":
            faults.append(f"{function.name}: no C++ class calls it")
    assert not faults, "\n".join(faults)


def of_limit(limit: str) -> dict[str, str]:
    """What each page says of a limit."""
    title = limit.title().replace("_", "")
    patterns = {
        "include/verifysms.h": rf"/\*\*((?:(?!\*/).)*)\*/\n#define VERIFYSMS_LIMIT_{limit} ",
        "README.md": rf"\n\| `{limit}` \| ([^\n]*) \|\n",
        "src/capi/verifysms.3": rf"\.It Dv VERIFYSMS_LIMIT_{limit}\n(.*?)\n\.(?:It|El)",
        "src/guard/verifysms-guard.7": rf"\.It Dv {limit}\n(.*?)\n\.(?:It|El)",
        "src/limit.rs": rf"((?:    /// [^\n]*\n)+)    {title} = ",
        "bindings/python/python/verifysms/_codes.py": rf'    {limit} = \d+\n    """(.*?)"""',
    }
    said = {}
    for page, pattern in patterns.items():
        (found,) = re.findall(pattern, text(page), re.DOTALL)
        said[page] = re.sub(r"[\s*/]+", " ", found)
    return said


def test_limits() -> None:
    """Every page says of each limit what it allows by default."""
    rates = re.search(r"rates: \[\n(.*?)\n +\],", text("src/guard/limits.rs"), re.DOTALL)
    assert rates is not None
    defaults = re.findall(r"None|rate\((\d+), ([\d_]+)\)", rates[1])
    limits = re.findall(r"#define VERIFYSMS_LIMIT_(\w+) \d", text("include/verifysms.h"))
    assert len(defaults) == len(limits) == 9
    for limit, (most, seconds) in zip(limits, defaults, strict=True):
        times = {"600": "in 10 minutes", "3600": "an hour", "86_400": "in 24 hours", "": "off"}
        default = f"{most} {times[seconds]}".strip() if limit != "COOLDOWN" else "30, 40, 60, 90"
        for page, said in of_limit(limit).items():
            assert default in said.lower(), f"{page} says of {limit}: {said}"


def test_the_reference_has_a_front_page(tmp_path: Path) -> None:
    """What doxygen makes begins with what there is, and leads to both headers."""
    run(need("doxygen", "doxygen"), "include/Doxyfile", cwd=ROOT, env={"OUT": str(tmp_path), "VERSION": "1"})
    page = (tmp_path / "html/index.html").read_text(encoding="utf-8")
    for link in ("verifysms_8h.html", "verifysms_8hpp.html", "verifysms_check"):
        assert link in page, f"the front page has no {link}"


def test_options(command: Path) -> None:
    """The command's manual and its help name the same."""
    manual = text("src/cli/verifysms.1").replace("\\-", "-")
    written = set(re.findall(r"^\.It Fl -([\w-]+)", manual, re.MULTILINE))
    told = set()
    commands = (
        "send",
        "check",
        "normalize",
        "lint",
        "delivery",
        "guard show",
        "guard forget",
        "sandbox",
        "config",
    )
    for subcommand in commands:
        printed = run(command, "help", *subcommand.split())
        told |= set(re.findall(r"^ +(?:-\w, )?--([\w-]+)", printed, re.MULTILINE)) - {"help"}
    assert told == written, told ^ written


def test_exit_statuses(command: Path) -> None:
    """They are the same in both."""
    helped = re.findall(r"^ +(\d+)  ([A-Z_]+) +(.*)$", run(command, "--help"), re.MULTILINE)
    manual = text("src/cli/verifysms.1")
    written = re.findall(r"^\.It (\d+)\n\.Dv (\w+) :\n(.*)$", manual, re.MULTILINE)
    assert helped and written, "no table of exit statuses was found"
    assert set(helped) == set(written), set(helped) ^ set(written)
