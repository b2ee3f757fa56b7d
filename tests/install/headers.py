"""That both headers compile in every standard, and that the C++ one costs nothing."""

from __future__ import annotations

import re
from pathlib import Path

from checks import need, run

from install.place import ROOT, STRICT, Place

COMPILERS = (("gcc", "g++"), ("clang", "clang++"))
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
    "a deadline is not rounded": "config.timeout(std::chrono::microseconds(1));",
    "a deadline has a unit": "config.timeout(1000);",
    "a function for the log stays": "config.log([](verifysms::log_level, const char *) {});",
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


class Headers:
    """The installed headers, and a folder to compile in."""

    def __init__(self, folder: Path, place: Place) -> None:
        """Write what is to be compiled."""
        folder.mkdir()
        self.folder = folder
        self.include = f"-I{place.include}"
        names = re.findall(r"^[a-z][^#;]*?\b(verifysms_\w+)\(", HEADER.read_text(), re.MULTILINE)
        uses = "".join(f"    use += {name} != 0;\n" for name in names)
        self.c = self.write(
            "use.c",
            "#include <verifysms.h>\n#include <verifysms.h>\n"
            "int used(void);\nint used(void)\n{\n    int use = 0;\n"
            + uses
            + "    return use;\n}\n",
        )

    def write(self, name: str, text: str) -> Path:
        """A file of that text."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def compile(self, compiler: str, source: Path, *flags: str, status: int = 0) -> str:
        """Compile a file without a warning."""
        package = "clang" if compiler.startswith("clang") else compiler
        strict = (*STRICT, self.include, "-fsyntax-only", *flags)
        return run(need(compiler, package), *strict, source, status=status)

    def c_everywhere(self) -> None:
        """verifysms.h compiles from C89 to C23 and from C++98 to C++20, with gcc and clang."""
        quiet = (
            "-Wno-address",
            "-Wno-tautological-pointer-compare",
            "-Wno-pointer-bool-conversion",
        )
        for cc, cxx in COMPILERS:
            for standard in C_STANDARDS:
                self.compile(cc, self.c, f"-std={standard}", *quiet)
            for standard in CXX_STANDARDS:
                self.compile(cxx, self.c, "-xc++", f"-std={standard}", *quiet)

    def cxx_everywhere(self) -> None:
        """verifysms.hpp compiles from C++11 to C++20, with exceptions and without."""
        source = self.write("use.cpp", f"#include <verifysms.hpp>\n{BEGIN}{''.join(ALLOWED)}{END}")
        more = ("-Wshadow", "-Wconversion", "-Wsign-conversion", "-Wold-style-cast")
        for _, cxx in COMPILERS:
            for standard in CXX_STANDARDS[1:]:
                self.compile(cxx, source, f"-std={standard}", *more)
                self.compile(cxx, source, f"-std={standard}", *more, "-fno-exceptions", "-fno-rtti")

    def mistakes(self) -> None:
        """What could verify somebody by mistake does not compile."""
        for _, cxx in COMPILERS:
            for what, code in REFUSED.items():
                source = self.write("mistake.cpp", BEGIN + code + END)
                for standard in ("c++11", "c++17"):
                    printed = self.compile(cxx, source, f"-std={standard}", status=1)
                    assert "error: " in printed, f"{what}: {printed}"

    def costs_nothing(self) -> None:
        """Calls through the C++ classes are the instructions of the C calls and no other."""
        for _, cxx in COMPILERS:
            need(cxx, cxx)
            listings = []
            for text in (PLAIN, WRAPPED):
                source = self.write("cost.cpp", text)
                flags = (self.include, "-std=c++17", "-O2", "-fno-exceptions", "-S", "-o", "-")
                listing = run(cxx, *flags, source).splitlines()
                listings.append([line for line in listing if re.match(r"\t[a-z]", line)])
            assert listings[0] == listings[1], f"{cxx}: {listings}"
