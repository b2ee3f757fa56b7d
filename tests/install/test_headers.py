"""That both headers compile in every standard, and that the C++ one costs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.tools import ROOT, need, run
from install.place import STRICT, Tree

C_STANDARDS = ("c89", "c99", "c11", "c17", "c2x")
CXX_STANDARDS = ("c++98", "c++11", "c++14", "c++17", "c++20")
HEADER = ROOT / "include" / "verifysms.h"

BEGIN = """#include <verifysms.hpp>
int use(verifysms::config &config, const verifysms::client &client, bool &yes);
int use(verifysms::config &config, const verifysms::client &client, bool &yes)
{
    (void)config, (void)client, (void)yes;
    """
END = """
    return 0;
}
"""
ALLOWED = (
    "yes = client.check(nullptr, std::string()).verified();",
    "yes = static_cast<bool>(client.check(nullptr, std::string()));",
    'verifysms::check_result r = client.check("", "");',
    "verifysms::check_result s = std::move(r); (void)s;",
    "config.timeout(std::chrono::hours(1));",
    "const auto f = [] { return true; }; config.interrupt(f);",
    "config.limit(verifysms::limit::tries, 5, std::chrono::minutes(10));",
    'client.forget("");',
    "verifysms::request q{std::string()}; yes = client.check(q, nullptr).verified();",
)
REFUSED = {
    "a check is no truth value by itself": 'yes = client.check("", "");',
    "nor a number": 'return client.check("", "");',
    "a send is none at all": 'if (client.send("")) yes = true;',
    "nor is its handle": 'if (client.check("", "").get()) yes = true;',
    "nor is its code": 'if (client.check("", "").code()) yes = true;',
    "nor the code of a send": 'if (!client.send("").code()) yes = true;',
    "it is not compared with a code": 'yes = client.check("", "") == verifysms::code::ok;',
    "nor with a number": 'yes = client.check("", "") == 0;',
    "a send is not a check": 'verifysms::check_result r = client.send("");',
    "nor becomes one": 'auto r = client.check("", ""); r = client.send("");',
    "an outcome is not made by hand": "verifysms::check_result r;",
    "nor from a handle": "verifysms::check_result r(nullptr);",
    "an outcome is not thrown away": 'client.check("", "");',
    "nor where an error is thrown": 'verifysms::throwing_client(config).check("", "");',
    "nor that of a send": 'client.send("");',
    "a client is not copied": "verifysms::client other(client);",
    "a result is not copied": 'auto r = client.check("", ""); auto s = r; (void)s;',
    "nor that of a request": 'client.check(verifysms::request(""), "");',
    "a request is not made of a text": 'verifysms::request q = "0501234567";',
    "what the guard says verifies nobody": 'if (client.guard_show("")) yes = true;',
    "a limit is no number": "config.limit(7, 5, std::chrono::minutes(10));",
    "the time of a limit is not rounded": (
        "config.limit(verifysms::limit::tries, 5, std::chrono::milliseconds(1500));"
    ),
    "a deadline is not rounded": "config.timeout(std::chrono::microseconds(1));",
    "a deadline has a unit": "config.timeout(1000);",
    "a function for the log stays": "config.log([](verifysms::log_level, const char *) {});",
    "a function for events stays": "config.event([](const verifysms::call_end &) {});",
}
PLAIN = """#include <verifysms.hpp>
extern "C" int check(const verifysms::client &client, const char *to, const char *code)
{
    verifysms_result *result = verifysms_check(client.get(), to, code);
    int verified = verifysms_result_code(result) == VERIFYSMS_OK;
    if (result) verifysms_result_free(result);
    return verified;
}
extern "C" void set(const verifysms::config &config, const char *sender)
{
    verifysms_config_set_sender(config.get(), sender);
    verifysms_config_set_timeout_ms(config.get(), 20000);
}
"""
WRAPPED = """#include <verifysms.hpp>
extern "C" int check(const verifysms::client &client, const char *to, const char *code)
{
    return client.check(to, code) ? 1 : 0;
}
extern "C" void set(verifysms::config &config, const char *sender)
{
    config.sender(sender).timeout(std::chrono::seconds(20));
}
"""


GCC_AND_CLANG = pytest.mark.parametrize(("cc", "cxx"), [("gcc", "g++"), ("clang", "clang++")])
CXX = pytest.mark.parametrize("cxx", ["g++", "clang++"])
QUIET = ("-Wno-address", "-Wno-tautological-pointer-compare", "-Wno-pointer-bool-conversion")
MORE = ("-Wshadow", "-Wconversion", "-Wsign-conversion", "-Wold-style-cast")

Compile = Callable[..., str]


@pytest.fixture
def compiled(tree: Tree, tmp_path: Path) -> Compile:
    """Compiles a text with the installed headers and without a warning."""

    def compile_text(compiler: str, text: str, *flags: str, status: int = 0) -> str:
        package = "clang" if compiler.startswith("clang") else compiler
        source = tmp_path / ("use.c" if "cc" in compiler or compiler == "clang" else "use.cpp")
        source.write_text(text, encoding="utf-8")
        strict = (*STRICT, f"-I{tree.plain.include}", "-fsyntax-only", *flags)
        return run(need(compiler, package), *strict, source, status=status)

    return compile_text


@GCC_AND_CLANG
def test_the_c_header(compiled: Compile, cc: str, cxx: str) -> None:
    """verifysms.h compiles from C89 to C23 and from C++98 to C++20, with gcc and clang."""
    names = re.findall(r"^[a-z][^#;]*?\b(verifysms_\w+)\(", HEADER.read_text(), re.MULTILINE)
    uses = "".join(f"    use += {name} != 0;\n" for name in names)
    text = (
        "#include <verifysms.h>\n#include <verifysms.h>\n"
        f"int used(void);\nint used(void)\n{{\n    int use = 0;\n{uses}    return use;\n}}\n"
    )
    for standard in C_STANDARDS:
        compiled(cc, text, f"-std={standard}", *QUIET)
    for standard in CXX_STANDARDS:
        compiled(cxx, text, f"-std={standard}", *QUIET)


@CXX
def test_the_cxx_header(compiled: Compile, cxx: str) -> None:
    """verifysms.hpp compiles from C++11 to C++20, with exceptions and without."""
    text = f"#include <verifysms.hpp>\n{BEGIN}{''.join(ALLOWED)}{END}"
    for standard in CXX_STANDARDS[1:]:
        compiled(cxx, text, f"-std={standard}", *MORE)
        compiled(cxx, text, f"-std={standard}", *MORE, "-fno-exceptions", "-fno-rtti")


@CXX
@pytest.mark.parametrize("what", REFUSED)
def test_a_mistake(compiled: Compile, cxx: str, what: str) -> None:
    """What could verify somebody by mistake does not compile."""
    for standard in ("c++11", "c++17"):
        text = BEGIN + REFUSED[what] + END
        assert "error: " in compiled(cxx, text, f"-std={standard}", status=1)


@CXX
def test_the_cxx_header_costs_nothing(tree: Tree, tmp_path: Path, cxx: str) -> None:
    """Calls through the C++ classes are the instructions of the C calls and no other."""
    listings = []
    for text in (PLAIN, WRAPPED):
        source = tmp_path / "cost.cpp"
        source.write_text(text, encoding="utf-8")
        flags = (f"-I{tree.plain.include}", "-std=c++17", "-O2", "-fno-exceptions", "-S", "-o", "-")
        listing = run(need(cxx, cxx), *flags, source).splitlines()
        listings.append([line for line in listing if re.match(r"\t[a-z]", line)])
    assert listings[0] == listings[1]
