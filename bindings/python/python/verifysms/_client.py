"""The blocking client, and the settings of both. The calls are written in Rust.

The functions are Python's, so that tools see their signatures: `inspect`, and `mock.create_autospec`, which holds a
stand-in to them. None keeps a secret in its frame, where a traceback with local variables would show it.
"""

from __future__ import annotations

from verifysms._verifysms import BaseClient, BlockingClient, CheckResult, DeliveryResult, SendResult

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing `typing` would double the import time of verifysms
    from collections.abc import Mapping
    from os import PathLike
    from typing import Literal

    from verifysms._codes import Limit
    from verifysms._verifysms import SandboxServer


class ConfiguredClient(BaseClient):
    """A client that is made from settings."""

    __slots__ = ()

    def __init__(
        self,
        api_key: str,
        *,
        sender: str | None = None,
        message: str | None = None,
        url: str | None = None,
        delivery_url: str | None = None,
        timeout: float = 30.0,
        connect_timeout: float = 10.0,
        proxy: str | None = None,
        ca_file: str | PathLike[str] | None = None,
        trust: Literal["system", "bundled"] = "system",
        allow_http: bool = False,
        guard: str | None = "memory:",
        limits: Mapping[Limit, tuple[int, int]] | None = None,
        on_guard_failure: Literal["local", "refuse", "allow"] = "local",
        guard_secret: str | None = None,
        guard_namespace: str | None = None,
        guard_timeout: float = 0.25,
        _sandbox: SandboxServer | None = None,
    ) -> None:
        try:
            super().__init__(
                api_key,
                sender=sender,
                message=message,
                url=url,
                delivery_url=delivery_url,
                timeout=timeout,
                connect_timeout=connect_timeout,
                proxy=proxy,
                ca_file=ca_file,
                trust=trust,
                allow_http=allow_http,
                guard=guard,
                limits=limits,
                on_guard_failure=on_guard_failure,
                guard_secret=guard_secret,
                guard_namespace=guard_namespace,
                guard_timeout=guard_timeout,
                _sandbox=_sandbox,
            )
        finally:
            del api_key, sender, message, url, delivery_url, proxy, guard, guard_secret


class Client(ConfiguredClient, BlockingClient):
    """Sends codes by SMS and checks them. Threads may share a client.

    Every call blocks until it is answered or its deadline passes, and lets other threads run meanwhile.

    Args:
        api_key: The account's key.
        sender: The sender ID to show on the phone: a text, or a number that 99 digital approved; at most 11
            characters. Without it every send needs one.
        message: The text to send, with `##code##` where the code will stand. Without it the service sends its own.
        url: The address of the service. The default is the provider's.
        delivery_url: The address of Delivery Status. The default is on the host of `url`: /sms/deliveryStatus.
        timeout: The deadline of a whole call in seconds: DNS, connecting, TLS, both directions, retries.
        connect_timeout: The part of it that one attempt to connect may take, in seconds.
        proxy: `http://`, `https://`, `socks5://` or `socks5h://`; "" for none. Without it: HTTPS_PROXY or ALL_PROXY,
            unless NO_PROXY names the host.
        ca_file: A PEM file, of at most 4 MiB, of the only certificate authorities to trust.
        trust: The authorities to trust without a ca_file: the system's, or Mozilla's, built in.
        allow_http: Let the key travel over plain `http://` to another machine. Never wise.
        guard: Where the limits on sends and wrong codes are counted: `memory:` in this process, `file:/path` for all
            processes of a machine, `redis://host` for many machines; None: no limits.
        limits: What the limits allow, as `{Limit.SENDS_NUMBER: (5, 600)}` for at most 5 in 600 seconds; (0, 0) turns a
            limit off. The others keep what `Limit` says.
        on_guard_failure: What happens while the guard's store cannot be asked. "local" keeps the same limits in this
            process, "refuse" raises GuardDownError, "allow" limits nothing.
        guard_secret: Hides numbers and end users in the store; at least 16 bytes, the same in all programs that share
            it. Without it: from the API key, so that a new key begins all counts anew.
        guard_namespace: Programs that share a store and a namespace count together.
        guard_timeout: How many seconds of a call its store may take.

    Raises:
        InvalidArgumentError: A setting was refused. Nothing was opened.

    >>> from verifysms.testing import Sandbox
    >>> from verifysms import Client
    >>> with Sandbox() as sandbox:
    ...     with Client(sandbox.api_key, sender="Acme", url=sandbox.url) as client:
    ...         _ = client.send("050-123-4567")
    ...         typed = sandbox.code("0501234567")
    ...         if client.check("050-123-4567", typed):
    ...             print("the number is theirs")
    the number is theirs
    """

    __slots__ = ()
    __module__ = "verifysms"

    def connect(self) -> None:
        """Open a connection ahead of the next call, TLS included.

        Call it when the page opens on which a person types their number. Does nothing if there is a connection
        already. Servers close a connection that is idle for a minute or so, and this client closes it before they do.
        An error needs no handling: a later call connects by itself.

        Raises:
            VerifySmsError: There is no connection. Nothing was sent: it is `safe_to_retry`.
        """
        super().connect()

    def send(
        self,
        to: str,
        *,
        sender: str | None = None,
        message: str | None = None,
        end_user: str | None = None,
        origin: str | None = None,
        app_hash: str | None = None,
    ) -> SendResult:
        """Have the service text a code to a phone number.

        Args:
            to: An Israeli number as people write it: 050-123-4567, +972 50 123 4567.
            sender: A sender in place of the client's.
            message: A text in place of the client's, with `##code##` in it.
            end_user: Who asks: the address at the other end of the connection, or any id that one person keeps. The
                guard counts their sends. Take no header that anybody can send, such as `X-Forwarded-For`, unless your
                own proxy sets it. A loopback address counts as none.
            origin: The host of the page on which a browser may fill the code in, as in `example.co.il`: adds the last
                line `@example.co.il ###code##` to the message.
            app_hash: The Android app that may read the message: adds a line with its hash, 11 characters. The SMS
                Retriever accepts 140 bytes, 2 for a Hebrew letter; the log has a warning if the message is longer.

        Raises:
            InvalidArgumentError: An argument was refused; nothing was sent.
            LimitedError: There were too many sends; `retry_after` says when the next may go.
            RejectedError: The service refused; its `reason` says why.
            VerifySmsError: There is no answer. Repeat the call only if it is `safe_to_retry`: otherwise the SMS may be
                out, and the person may get two. Then go on to the page that asks for the code, as after a success, and
                let the person ask for another there.
        """
        try:
            return super().send(to, sender=sender, message=message, end_user=end_user, origin=origin, app_hash=app_hash)
        finally:
            del to, sender, message, end_user, origin, app_hash

    def check(self, to: str, code: str, *, end_user: str | None = None) -> CheckResult:
        """Ask whether the code that the person typed is the one that was texted to the number.

        A wrong code is an answer and no error: the result is true only if the number is verified. A right code works
        once.

        Args:
            to: The number that the code was sent to.
            code: What the person typed.
            end_user: Who asks, as for `send`. The end user who asked for the code has tries of their own.

        Raises:
            InvalidArgumentError: An argument was refused; nothing was sent.
            LimitedError: There were too many wrong codes. This one was not looked at.
            RejectedError: The service refused; its `reason` says why.
            VerifySmsError: There is no answer, so nobody is verified. Unless it is `safe_to_retry`, the code may be
                used up: let the person type it again, and offer to send a new one.
        """
        try:
            return super().check(to, code, end_user=end_user)
        finally:
            del to, code, end_user

    def delivery(self, unique: str) -> DeliveryResult:
        """Ask what became of a message. It takes a few seconds to arrive; the service keeps its report for a week.

        The question changes nothing: it may be repeated, whatever an exception's `reached` says.

        Args:
            unique: The message's id, from the SendResult.

        Raises:
            InvalidArgumentError: The id was refused; nothing was sent.
            RejectedError: The service refused; its `reason` says why.
            VerifySmsError: There is no answer.
        """
        return super().delivery(unique)

    def forget(self, to: str) -> None:
        """Forget what the guard knows of a number: its sends and its wrong codes.

        For a call centre that unlocks a person.

        Raises:
            InvalidArgumentError: The number was refused, or the client has no guard.
            GuardDownError: The guard's store cannot be asked.
        """
        try:
            super().forget(to)
        finally:
            del to

    def guard_show(self, to: str) -> list[str]:
        """Say how far the limits of a number are used, a sentence each, such as `SENDS_NUMBER 2 of 5 in 600 s`.

        Changes nothing.

        Raises:
            InvalidArgumentError: The number was refused, or the client has no guard.
            GuardDownError: The guard's store cannot be asked.
        """
        try:
            return super().guard_show(to)
        finally:
            del to
