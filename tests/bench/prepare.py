"""Makes what the bench needs: packages, programs, certificates. Knows nothing of figures."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "bindings/python/tools"))

import environments

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "target" / "bench"
LIBRARY = ROOT / "target" / "release" / "libverifysms.so"
ENVIRONMENT = OUT / "python"
COUNTER = OUT / "count.so"
CA, CERTIFICATE, KEY = OUT / "ca.pem", OUT / "server.pem", OUT / "server.key"

PACKAGES = ["libcurl4-openssl-dev", "libssl-dev", "openssl", "strace"]
COMMANDS = ["openssl", "strace"]
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
EXTENSIONS = {
    "ca": "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n",
    "server": "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n",
}


class MissingError(Exception):
    """Something the bench cannot make by itself; the text says what to do."""


def prepare() -> None:
    """Leave everything in OUT."""
    if not LIBRARY.exists():
        raise MissingError(f"{LIBRARY.relative_to(ROOT)} is not there: run make first")
    OUT.mkdir(parents=True, exist_ok=True)
    _install_packages()
    for program, (sources, flags) in PROGRAMS.items():
        inputs = (HERE / source for source in sources)
        _run(_compiler(), *STRICT, *inputs, "-o", OUT / program, *flags)
    _make_certificates()
    try:
        environments.kept(ENVIRONMENT, HERE / "requirements.txt")
    except environments.MissingError as missing:
        raise MissingError(str(missing)) from None


def stripped() -> Path:
    """The shared library without what only debuggers and linkers read."""
    smallest = OUT / "stripped.so"
    _run("strip", "-o", smallest, LIBRARY)
    return smallest


def peers_python() -> Path:
    """The interpreter that has what requirements.txt names, once prepare() is done."""
    return ENVIRONMENT / "bin" / "python"


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=600)
    if done.returncode:
        raise MissingError(f"{' '.join(map(str, command))}\n{done.stderr.strip()}")


def _compiler() -> str:
    return os.environ.get("CC", "cc")


def _have_packages() -> bool:
    look = [_compiler(), "-E", "-x", "c", "-o", os.devnull, "-"]
    headers = subprocess.run(look, input=HEADERS, capture_output=True, check=False, text=True, timeout=60)
    return headers.returncode == 0 and all(shutil.which(command) for command in COMMANDS)


def _install_packages() -> None:
    if _have_packages():
        return
    line = f"apt-get install -y {' '.join(PACKAGES)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise MissingError(f"the bench needs libcurl's and OpenSSL's headers and strace: sudo {line}")
    print(f"installing: {line}", flush=True)
    _run("apt-get", "update")
    _run(*line.split())
    if not _have_packages():
        raise MissingError(f"still missing after: {line}")


def _make_certificates() -> None:
    """A CA and a certificate for 127.0.0.1, ECDSA as most public servers have."""
    if CA.exists() and CERTIFICATE.exists() and KEY.exists():
        return
    ca_key = OUT / "ca.key"
    for name, key, target in (("ca", ca_key, CA), ("server", KEY, CERTIFICATE)):
        extensions, request = OUT / f"{name}.ext", OUT / f"{name}.csr"
        extensions.write_text(EXTENSIONS[name])
        signer = ("-signkey", key) if name == "ca" else ("-CA", CA, "-CAkey", ca_key, "-CAcreateserial")
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key)
        _run("openssl", "req", *new_key, "-subj", f"/CN=verifysms bench {name}", "-out", request)
        signed = ("-days", "365", "-extfile", extensions, "-out", target)
        _run("openssl", "x509", "-req", "-in", request, *signer, *signed)
