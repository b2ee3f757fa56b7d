"""A certificate that only the tests' authority has signed, and the versions of TLS."""

from __future__ import annotations

import base64
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.authority import Authority
from harness.caller import Caller, Calls
from harness.sandbox import Sandbox
from harness.server import ScriptedServer, relay, serve
from harness.stalled_fs import stalled_file
from harness.tools import need

DONE = [("OK", "YES"), ("OK", "YES")]
REFUSED = [("TLS", "NO")]
NewFolder = Callable[[], Path]
V = ssl.TLSVersion


@pytest.mark.parametrize(
    ("host", "setting"), [("127.0.0.1", []), ("localhost", []), ("localhost", ["trust=1"])]
)
def test_it_is_believed_where_the_setting_says_so(
    call: Caller, secure: ScriptedServer, authority: Authority, host: str, setting: list[str]
) -> None:
    """The file counts alone, whatever else is set."""
    words, ca_file = [*setting, "send", "check"], authority.certificate
    call(*words, url=secure.url(host), ca_file=ca_file, expected=DONE)


@pytest.mark.parametrize(
    "environment",
    [
        {"SSL_CERT_FILE": "{file}"},
        {"SSL_CERT_DIR": "{folder}"},
        {"SSL_CERT_FILE": "{file}", "SSL_CERT_DIR": "/nonexistent"},
    ],
)
def test_it_is_believed_where_the_variables_say_so(
    call: Caller, secure: ScriptedServer, authority: Authority, environment: dict[str, str]
) -> None:
    """Those that OpenSSL has too."""
    places = {"file": authority.certificate, "folder": authority.hashed}
    env = {name: value.format(**places) for name, value in environment.items()}
    call("send", "check", env=env, url=secure.url(), expected=DONE)


@pytest.mark.parametrize(
    ("variable", "setting"),
    [(None, None), (None, "trust=1"), ("ours", "trust=1"), ("ours", "ca_file={other}")],
)
def test_nobody_else_believes_it(
    call: Caller,
    secure: ScriptedServer,
    authority: Authority,
    new_folder: NewFolder,
    variable: str | None,
    setting: str | None,
) -> None:
    """Neither the system nor the bundled list; the variables do not concern the latter."""
    other = Authority(new_folder()).certificate
    words = [setting.format(other=other)] if setting else []
    env = {"SSL_CERT_FILE": str(authority.certificate)} if variable else {}
    made = call(*words, "send", env=env, url=secure.url(), expected=REFUSED)
    assert "authorit" in made.last.message


def test_another_name_is_not_believed(call: Caller, running: Sandbox, authority: Authority) -> None:
    """The certificate is not for 127.0.0.2."""
    with serve(relay(running.url), address="127.0.0.2", tls=authority.context()) as service:
        url, ca_file = service.url("127.0.0.2"), authority.certificate
        call("send", url=url, ca_file=ca_file, expected=REFUSED)


@pytest.mark.parametrize(
    ("variable", "file", "message"),
    [
        ("SSL_CERT_FILE", "empty.pem", "SSL_CERT_FILE names no file"),
        ("SSL_CERT_DIR", "", "this system has no certificate authorities"),
    ],
)
def test_a_system_without_authorities_says_what_to_do(
    call: Caller, secure: ScriptedServer, tmp_path: Path, variable: str, file: str, message: str
) -> None:
    """An error of TLS that names both settings."""
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "garbage.pem").write_text("-----BEGIN CERTIFICATE-----\n%%%\n")
    env = {variable: str(tmp_path / file)}
    said = call("send", env=env, url=secure.url(), expected=REFUSED).last.message
    assert message in said and "ca_file" in said and "bundled" in said


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("missing.pem", None),
        ("empty.pem", ""),
        ("garbage.pem", "-----BEGIN CERTIFICATE-----\n%%%\n"),
        ("none.pem", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"),
        ("", None),
        ("{key}", None),
    ],
)
def test_a_file_without_authorities_is_named(
    call: Caller, secure: ScriptedServer, authority: Authority, tmp_path: Path, file: str, content: str | None
) -> None:
    """It is not the server's fault; the message says whose."""
    path = tmp_path / file.format(key=authority.server_key)
    if content is not None:
        path.write_text(content)
    made = call(f"ca_file={path}", "send", url=secure.url(), expected=REFUSED)
    assert "the CA file" in made.last.message


@pytest.fixture(params=["ca_file", "SSL_CERT_FILE"])
def named(request: pytest.FixtureRequest) -> str:
    """The setting, and the variable, that name a file of authorities."""
    name: str = request.param
    return name


def send_trusting(call: Caller, named: str, path: Path, timeout_ms: int, below: list[str], url: str) -> Calls:
    """Send with this file of authorities; a call that waits for ever would end its test."""
    setting = [f"ca_file={path}"] if named == "ca_file" else []
    env = {} if named == "ca_file" else {named: str(path)}
    return call(f"timeout_ms={timeout_ms}", *setting, "send", below=below, env=env, url=url)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("pipe", "is not a regular file"),
        ("/dev/zero", "is not a regular file"),
        ("large.pem", "is too large"),
        ("missing.pem", None),
    ],
)
def test_what_is_no_file_of_authorities_does_not_hold_a_call_up(
    call: Caller, secure: ScriptedServer, tmp_path: Path, file: str, why: str | None, named: str
) -> None:
    """A pipe that nobody writes to, a device without an end, far too large a file, none."""
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large.pem").open("wb") as large:
        large.truncate(17 << 20)
    below = [need("prlimit", "util-linux"), "--as=1000000000", "timeout", "20"]
    made = send_trusting(call, named, tmp_path / file, 1000, below, secure.url())
    assert made.ends == REFUSED
    if named == "ca_file":
        assert f"the CA file {why or 'cannot be read'}" in made.last.message
    else:
        assert f"SSL_CERT_FILE {why or 'names no file'}" in made.last.message
    assert made.last.milliseconds < 1000


@pytest.mark.parametrize("is_found", [False, True])
def test_a_stalled_file_system_does_not_outlast_the_deadline(
    call: Caller, secure: ScriptedServer, new_folder: NewFolder, is_found: bool, named: str
) -> None:
    """Whether the file is looked for or opened, and whoever names it."""
    below = [need("timeout", "coreutils"), "--signal=KILL", "5"]
    with stalled_file(new_folder(), is_found=is_found) as path:
        made = send_trusting(call, named, path, 700, below, secure.url())
    assert made.ends == [("TIMEOUT", "NO")]
    assert made.last.milliseconds < 800


def test_a_file_of_authorities_that_there_is_no_memory_for(
    call: Caller, secure: ScriptedServer, tmp_path: Path
) -> None:
    """The call ends, and not the process."""
    large = tmp_path / "large.pem"
    line = base64.b64encode(bytes(2 << 20))
    large.write_bytes(b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % line)
    below, expected = [need("prlimit", "util-linux"), "--as=20000000"], [("INTERNAL", "NO")]
    made = call("send", below=below, url=secure.url(), ca_file=large, expected=expected)
    assert "out of memory" in made.last.message


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "expected"),
    [(V.TLSv1_2, DONE), (V.TLSv1_3, DONE), (V.TLSv1_1, REFUSED * 2), (V.TLSv1, REFUSED * 2)],
)
def test_versions(
    call: Caller,
    running: Sandbox,
    authority: Authority,
    version: ssl.TLSVersion,
    expected: list[tuple[str, str]],
) -> None:
    """TLS 1.2 and 1.3 and no other."""
    with serve(relay(running.url), tls=authority.context(version, version)) as service:
        assert spoken(service.port, version) == version, "the server speaks it"
        ca_file = authority.certificate
        call("send", "check", url=service.url(), ca_file=ca_file, expected=expected)


def spoken(port: int, version: ssl.TLSVersion) -> ssl.TLSVersion:
    """What Python's own client speaks with a server when offered one version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        context.wrap_socket(connection) as secured,
    ):
        return ssl.TLSVersion[(secured.version() or "").replace(".", "_")]
