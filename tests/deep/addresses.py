"""AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, in the library and its callers.

The library has every access to memory watched, the C and C++ sides undefined behaviour as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from deep.instrumented import (
    STATUS,
    Program,
    Watched,
    against_sandbox,
    host,
    library,
    misused,
    programs,
    python_tests,
)
from deep.part import Place
from harness.tools import ROOT
from harness.tools import run as checked

TITLE = "AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer"
WATCHED = Watched("address", "address,undefined")
OPTIONS = {
    "ASAN_OPTIONS": f"exitcode={STATUS}:detect_leaks=1:detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"exitcode={STATUS}",
    "UBSAN_OPTIONS": f"exitcode={STATUS}:print_stacktrace=1",
}
HOSTS = ("caller", "descriptors", "forks", "limited", "lookup", "misuse", "sigpipe", "threads", "within")
SANDBOXED = [
    Program("abi-c", "tests/abi/abi.c", ("-std=c89",)),
    Program("abi-cxx", "tests/abi/abi.c", ("-x", "c++", "-std=c++98"), "clang++-22"),
    Program("wrapper", "tests/install/wrapper.cpp", ("-std=c++20",), "clang++-22"),
]
DEMO = Program("demo", "bindings/c/demo.c", ("-std=c89",))
# Not those that bring a malloc of their own, load the library as it is released, or count
# milliseconds.
HOST_TESTS = (
    "test_children_use_the_client_while_the_parent_goes_on",
    "test_children_of_tls",
    "test_children_of_a_call",
    "test_a_guard",
    "test_a_lookup_without_an_answer",
    "test_descriptors",
    "test_a_peer_that_closes",
    "test_threads",
    "test_threads_of_tls",
)
# The room for addresses is limited there; the sanitizer wants all of it.
LIMITED = "test_trust.py::test_what_is_no_file_of_authorities_does_not_hold_a_call_up"
CLOSELY_LIMITED = "test_trust.py::test_a_file_of_authorities_that_there_is_no_memory_for"
# The search for leaks takes a process of its own there.
ALONE = "test_addresses.py::test_no_thread_for_a_lookup"
# The thread that reads the file goes on after the program's end, with its memory.
STALLED = "test_trust.py::test_a_stalled_file_system_does_not_outlast_the_deadline"


def selected(hosts: Iterable[str], *left_out: str) -> list[str]:
    """Some tests of tests/hosts, and those of tests/networks but for some."""
    chosen = [f"tests/hosts/test_hosts.py::{test}" for test in hosts] + ["tests/networks"]
    return [*chosen, *(f"--deselect=networks/{test}" for test in left_out)]


def run(place: Place) -> str:
    """Run the programs, and those of the networks, each of which must be silent."""
    folder = library(place, WATCHED)
    built = [*SANDBOXED, DEMO, *host(*HOSTS)]
    programs(folder, WATCHED, built)
    misused(folder, "freed", "heap-use-after-free", OPTIONS)
    misused(folder, "leaked", "detected memory leaks", OPTIONS)
    misused(folder, "overflowed", "signed integer overflow", OPTIONS)

    checks = sum(against_sandbox(place, folder / program.name, options=OPTIONS) for program in SANDBOXED)
    checked("python3", ROOT / "tests/demo.py", place.command, folder / DEMO.name, env=OPTIONS)
    chosen = selected(HOST_TESTS, LIMITED, CLOSELY_LIMITED, ALONE, STALLED)
    tests = python_tests(place, folder, *chosen, options=OPTIONS)
    return (
        f"{len(built)} programs, {checks} checks of the C and C++ interfaces, {tests} tests of "
        "hosts and networks: no error, no leak; planted ones are seen, and an overflow"
    )
