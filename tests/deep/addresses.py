"""AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, in the library and its callers.

The library has every access to memory watched, the C and C++ sides undefined behaviour as well.
"""

from __future__ import annotations

import unittest

import networks

from deep.instrumented import (
    STATUS,
    Program,
    Watched,
    counted,
    host,
    library,
    lives,
    misused,
    programs,
    script,
)
from deep.part import Place

TITLE = "AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer"
WATCHED = Watched("address", "address,undefined")
OPTIONS = {
    "ASAN_OPTIONS": f"exitcode={STATUS}:detect_leaks=1:detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"exitcode={STATUS}",
    "UBSAN_OPTIONS": f"exitcode={STATUS}:print_stacktrace=1",
}
HOSTS = ("caller", "descriptors", "forks", "lookup", "misuse", "sigpipe", "threads", "within")
SANDBOXED = [
    Program("abi-c", "tests/c/abi.c", ("-std=c89",)),
    Program("abi-cxx", "tests/c/abi.c", ("-x", "c++", "-std=c++98"), "clang++-22"),
    Program("wrapper", "tests/cpp/wrapper.cpp", ("-std=c++20",), "clang++-22"),
]
DEMO = Program("demo", "bindings/c/demo.c", ("-std=c89",))
# Not those that bring a malloc of their own, load the library as it is released, or count
# milliseconds.
LIVES = (
    "test_children_use_the_client_while_the_parent_goes_on",
    "test_children_of_tls",
    "test_children_of_a_call",
    "test_a_lookup_without_an_answer",
    "test_descriptors",
    "test_a_peer_that_closes",
    "test_threads",
    "test_threads_of_tls",
)
# The room for addresses is limited there; the sanitizer wants all of it.
LIMITED = "test_what_is_no_file_of_authorities_does_not_hold_a_call_up"
CLOSELY_LIMITED = "test_a_file_of_authorities_that_there_is_no_memory_for"


def networked(*left_out: str) -> list[str]:
    """The tests of tests/networks.py, but for some of the authorities."""
    names = unittest.defaultTestLoader.getTestCaseNames(networks.Trust)
    trust = [f"Trust.{name}" for name in names if name not in left_out]
    return ["HttpProxy", "SocksProxy", "Addresses", *trust]


def run(place: Place) -> str:
    """Run the programs, and those of the networks, each of which must be silent."""
    folder = library(place, WATCHED)
    built = [*SANDBOXED, DEMO, *host(*HOSTS)]
    programs(folder, WATCHED, built)
    misused(folder, "freed", "heap-use-after-free", OPTIONS)
    misused(folder, "leaked", "detected memory leaks", OPTIONS)
    misused(folder, "overflowed", "signed integer overflow", OPTIONS)

    checks = 0
    for program in SANDBOXED:
        said = script("sandboxed.py", place.command, folder / program.name, options=OPTIONS)
        checks += counted(r"(\d+) passed, 0 failed", said)
    script("demo.py", place.command, folder / DEMO.name, options=OPTIONS)
    tests = lives(place, folder, *(f"Light.{test}" for test in LIVES), options=OPTIONS)
    said = script(
        "networks.py",
        place.command,
        folder / "caller",
        *networked(LIMITED, CLOSELY_LIMITED),
        options=OPTIONS,
    )
    tests += counted(r"Ran (\d+) tests?", said)
    return (
        f"{len(built)} programs, {checks} checks of the C and C++ interfaces, {tests} tests of "
        "hosts and networks: no error, no leak; planted ones are seen, and an overflow"
    )
