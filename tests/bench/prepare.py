"""Makes what the bench needs: programs, certificates, packages of Python. Knows nothing of figures."""

import os
import shutil
import sys
from pathlib import Path

sys.path += [str(Path(__file__).resolve().parents[2] / path) for path in ("tests", "bindings/python/tools")]

import environments

from harness import tools
from harness.authority import Authority
from harness.tools import need, run

ROOT = tools.ROOT
MissingToolError = tools.MissingToolError
HERE = Path(__file__).resolve().parent
OUT = ROOT / "target" / "bench"
LIBRARY = ROOT / "target" / "release" / "libverifysms.so"
ENVIRONMENT = OUT / "python"
COUNTER = OUT / "count.so"
GUARD = OUT / "guard"
CERTIFICATES = OUT / "certificates"
CA, CERTIFICATE, KEY = (CERTIFICATES / name for name in ("authority.pem", "server.pem", "server-key.pem"))

HEADERS = "#include <curl/curl.h>\n#include <openssl/ssl.h>\n"
STRICT = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-pthread"]
OURS = [f"-I{ROOT / 'include'}", f"-L{LIBRARY.parent}", "-lverifysms", f"-Wl,-rpath,{LIBRARY.parent}"]
PROGRAMS = {
    "server": (["server.c"], ["-lssl", "-lcrypto"]),
    "bare": (["bare.c", "peer.c"], ["-lssl", "-lcrypto"]),
    "curl": (["curl.c", "peer.c"], ["-lcurl"]),
    "multi": (["multi.c", "peer.c"], ["-lcurl"]),
    "ours": (["ours.c", "peer.c"], OURS),
    COUNTER.name: (["count.c"], ["-shared", "-fPIC"]),
}


def prepare() -> None:
    """Leave everything in OUT."""
    if not LIBRARY.exists():
        raise MissingToolError(f"{LIBRARY.relative_to(ROOT)} is not there: run make first")
    need("strace", "strace")
    compiler = os.environ.get("CC", "cc")
    try:
        run(compiler, "-E", "-x", "c", "-o", os.devnull, "-", stdin=HEADERS)
    except AssertionError:
        packages = "libcurl4-openssl-dev libssl-dev"
        raise MissingToolError(f"no headers of libcurl and OpenSSL (apt-get install {packages})") from None
    OUT.mkdir(parents=True, exist_ok=True)
    GUARD.unlink(missing_ok=True)
    for program, (sources, flags) in PROGRAMS.items():
        inputs = (HERE / source for source in sources)
        run(compiler, *STRICT, *inputs, "-o", OUT / program, *flags)
    shutil.rmtree(CERTIFICATES, ignore_errors=True)
    CERTIFICATES.mkdir()
    Authority(CERTIFICATES)
    try:
        environments.cached_environment(ENVIRONMENT, HERE / "requirements.txt")
    except environments.MissingError as missing:
        raise MissingToolError(str(missing)) from None


def stripped() -> Path:
    """The shared library without what only debuggers and linkers read."""
    smallest = OUT / "stripped.so"
    run("strip", "-o", smallest, LIBRARY)
    return smallest


def peers_python() -> Path:
    """The interpreter that has what requirements.txt names, once prepare() is done."""
    return ENVIRONMENT / "bin" / "python"
