"""Secrets to plant, and calls with them that end in every way, at servers that repeat them all."""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.authority import Authority
from harness.server import Answer, answering, form_field, http, serve, tunnel

KEY = "Zq7vR2kX9mT4bN8sW3pL6yHdCfGjVu"
CODE = "x7Kq9Wm2Rt5Vb8Zn"
NUMBER = "0587294163"
WRITTEN = "+972 (0)587-294163"
SENDER = "Gw5tXj2Hs9"
MESSAGE = "Pf3vKd7Ym1 ##code##"
USER = "proxy-user"
PASSWORD = "J4xT8rQ1nB6wM3zK"
LOGIN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

KEPT = {"key": KEY, "password": PASSWORD, "login": LOGIN}
"""What a client needs as long as it lives."""
PASSING = {"code": CODE, "number": NUMBER}
"""What a call needs, and its result."""
UNSAID = {**KEPT, **PASSING, "number": NUMBER[1:], "sender": SENDER, "message": MESSAGE[:10]}
"""What no record, error or sentence may repeat."""


def everything(request: bytes) -> bytes:
    """All that was told, as a text in JSON."""
    names = (b"apiKey", b"to", b"code", b"from", b"message")
    return b" ".join(form_field(request, name) for name in names)


def sent(request: bytes) -> bytes:
    """The answer to a Send, as it should be."""
    ending = b'"timestamp":1600115719,"from":"%s","reason":1}' % form_field(request, b"from")
    return http(b'{"status":"OK","unique":"63433453",' + ending)


def verified(request: bytes) -> bytes:
    """The answer to a right code, as the provider prints it."""
    return http(b'{\n"status": 1,\n"phone": "%s",\n}' % form_field(request, b"to"))


def chunked(request: bytes) -> bytes:
    """Everything again, a byte at a time."""
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in everything(request))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def broken_chunks(request: bytes) -> bytes:
    """Everything in a chunk, and a chunk that is none."""
    told = everything(request) * 2
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%s\r\nzz\r\n" % (len(told), told)


def broken_page(request: bytes) -> bytes:
    """The same as an error page."""
    return broken_chunks(request).replace(b"200 OK", b"500 X", 1)


def redirect(request: bytes) -> bytes:
    """To an address that has everything in it."""
    told = everything(request)
    return http(told * 20, b"HTTP/1.1 302 Found\r\nLocation: http://%s/" % told.split()[0])


def broken_head(request: bytes) -> bytes:
    """A length that is none, and everything in the head."""
    told = everything(request)
    return b"HTTP/1.1 200 %s\r\nX: %s\r\nContent-Length: %s\r\n\r\n" % (told, told, told)


def failing(request: bytes) -> bytes:
    """The service's refusal, with everything in a field that nobody knows."""
    return http(b'{"status":"FAIL","reason":6,"told":"%s"}' % everything(request))


def unverified(request: bytes) -> bytes:
    """A wrong code, with everything in a field that nobody knows."""
    told, to = everything(request), form_field(request, b"to")
    return http(b'{"status":2,"phone":"%s","told":"%s"}' % (to, told))


def silence(_request: bytes) -> None:
    """Nothing, for longer than anybody waits."""
    time.sleep(2)


@dataclass(frozen=True)
class Case:
    """A call and what it has to end in."""

    name: str
    answer: Answer | None
    """None: nobody listens."""
    code: str
    call: str = "check"
    settings: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("accepted", sent, "OK", call="send"),
    Case("verified", verified, "OK"),
    Case("not verified", unverified, "NOT_VERIFIED"),
    Case("rejected", failing, "REJECTED"),
    Case("a Send rejected", failing, "REJECTED", call="send"),
    Case("no JSON", lambda request: http(everything(request) * 200), "BAD_REPLY"),
    Case("no HTTP", everything, "BAD_REPLY"),
    Case("a broken head", broken_head, "BAD_REPLY"),
    Case("chunks", chunked, "BAD_REPLY"),
    Case("broken chunks", broken_chunks, "BAD_REPLY"),
    Case("too large", lambda request: http(everything(request) * 2000), "BAD_REPLY"),
    Case("an error page", lambda request: http(everything(request), b"HTTP/1.1 500 X"), "HTTP_STATUS"),
    Case("a broken error page", broken_page, "HTTP_STATUS"),
    Case("a redirect", redirect, "HTTP_STATUS"),
    Case("closed", lambda _request: None, "CONNECTION_LOST"),
    Case("late", silence, "TIMEOUT", settings={"timeout_ms": "400"}),
    Case("cancelled", silence, "CANCELLED", settings={"patience": "8"}),
    Case("nobody", None, "CONNECT", settings={"timeout_ms": "300"}),
]


STRANGER = Case("a stranger", verified, "TLS")
REFUSED = Case("a refused login", verified, "CONNECT", settings={"timeout_ms": "300"})


@dataclass(frozen=True)
class Route:
    """How calls get there."""

    name: str
    cases: list[Case]
    tls: bool = False
    proxied: bool = False


ROUTES = [
    Route("in clear", CASES),
    Route("over TLS", [*CASES, STRANGER], tls=True),
    Route("through a proxy", [*CASES, STRANGER, REFUSED], tls=True, proxied=True),
]


@contextmanager
def service(case: Case, route: Route, authority: Authority, stranger: Authority) -> Iterator[dict[str, str]]:
    """Serve what a case answers; the settings of a client that gets there."""
    signed_by = stranger if case is STRANGER else authority
    context: ssl.SSLContext | None = signed_by.context() if route.tls else None
    login = "another" if case is REFUSED else LOGIN
    script = answering(case.answer or silence)
    if route.proxied and context is not None:
        script, context = tunnel(login, context, script), None
    with serve(script, tls=context) as server:
        # Nobody listens on port 1.
        port = server.port if case.answer else 1
        yield {
            "url": f"{'https' if route.tls else 'http'}://127.0.0.1:{port}/sms/verifySMS",
            "proxy": f"http://{USER}:{PASSWORD}@127.0.0.1:{port}" if route.proxied else "",
            "ca_file": str(authority.certificate),
            "sender": SENDER,
            "message": MESSAGE,
            **case.settings,
        }


def repeated(said: str, *allowed: str) -> list[str]:
    """The secrets that were repeated, by name, but for those that may be."""
    return sorted(name for name, text in UNSAID.items() if text in said and name not in allowed)
