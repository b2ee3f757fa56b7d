"""What type checkers must make of the package. It is checked by mypy and pyright and never run."""

from __future__ import annotations

import datetime
from pathlib import Path

from typing_extensions import assert_type

from verifysms import (
    AsyncClient,
    CheckResult,
    Client,
    DeliveryResult,
    DeliveryState,
    ErrorCode,
    GuardDownError,
    Inspection,
    InvalidArgumentError,
    Limit,
    LimitedError,
    MessageWarning,
    NextStep,
    PhoneKind,
    PhoneNumber,
    Reached,
    Reason,
    RejectedError,
    Rule,
    SendResult,
    TimeoutError,
    VerifySmsError,
    WarningKind,
    inspect_message,
    normalize,
)
from verifysms.testing import Message, Sandbox


def blocking(client: Client) -> None:
    """The blocking client."""
    with client as same:
        assert_type(same, Client)
        same.connect()
        sent = same.send("0501234567", sender="Acme", message=None)
    assert_type(sent, SendResult)
    assert_type(sent.timestamp, datetime.datetime | None)
    assert_type(sent.to, str)
    assert_type(sent.asdict(), dict[str, int | str | None])
    delivery = client.delivery(sent.unique)
    assert_type(delivery, DeliveryResult)
    assert_type(delivery.state, DeliveryState)
    assert_type(delivery.next_step, NextStep)
    assert_type(delivery.code, int | None)
    assert_type(delivery.asdict(), dict[str, int | str | None])
    result = client.check("0501234567", "123456")
    assert_type(result, CheckResult)
    assert_type(result.verified, bool)
    number = normalize("+972 50-123-4567")
    assert_type(number, PhoneNumber)
    assert_type(number.e164, str)
    assert_type(number.kind, PhoneKind)
    found = inspect_message("##code##", sender="Acme", origin=None)
    assert_type(found, Inspection)
    assert_type(found.warnings, list[MessageWarning])
    assert_type(found.warnings[0].kind, WarningKind)
    assert_type(found.warnings[0].position, int | None)
    assert_type(client.forget("0501234567"), None)
    assert_type(client.guard_show("0501234567"), list[str])
    match result:
        case CheckResult(verified, status, to):
            assert_type(verified, bool)
            assert_type(status, int)
            assert_type(to, str)
    match sent:
        case SendResult(unique, _, sender, _):
            assert_type(unique, str)
            assert_type(sender, str)
    match sent:
        case SendResult(_, _, _, _, retry_after, tries_left):
            assert_type(retry_after, int)
            assert_type(tries_left, int | None)
    match result:
        case CheckResult(_, _, _, retry_after, tries_left):
            assert_type(retry_after, int)
            assert_type(tries_left, int | None)


async def awaited() -> None:
    """The client for asyncio."""
    async with AsyncClient("the key", ca_file=Path("a.pem"), trust="bundled", timeout=5) as client:
        assert_type(client, AsyncClient)
        await client.connect()
        assert_type(await client.send("0501234567"), SendResult)
        assert_type(await client.check("0501234567", "123456"), CheckResult)
        assert_type(await client.delivery("63433453"), DeliveryResult)
        assert_type(await client.send("0501234567", end_user="203.0.113.7"), SendResult)
        assert_type(await client.check("0501234567", "123456", end_user=None), CheckResult)
        await client.forget("0501234567")
        assert_type(await client.guard_show("0501234567"), list[str])
        client.cancel()
        client.connect()  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
        client.send("0501234567")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
        client.check("0501234567")  # type: ignore[call-arg, unused-coroutine]  # pyright: ignore


def limited(client: Client) -> None:
    """The guard."""
    settings: dict[Limit, tuple[int, int]] = {Limit.SENDS_NUMBER: (5, 600)}
    Client("the key", guard="file:/run/acme/guard", limits=settings, on_guard_failure="refuse")
    AsyncClient(
        "the key", guard=None, limits={Limit.COOLDOWN: (1, 30)}, guard_secret="a secret of 16 bytes", guard_timeout=1
    )
    Client("the key", limits={"TRIES": (5, 600)})  # type: ignore[dict-item]  # pyright: ignore
    Client("the key", on_guard_failure="never")  # type: ignore[arg-type]  # pyright: ignore
    try:
        assert_type(client.send("0501234567", end_user="203.0.113.7"), SendResult)
    except LimitedError as error:
        assert_type(error.limit, Limit | None)
        assert_type(error.retry_after, int)
        assert_type(error.tries_left, int | None)
    except GuardDownError as error:
        assert_type(error.safe_to_retry, bool)


class Mine(Client):
    """A subclass."""


def kept() -> None:
    """A subclass stays one."""
    with Mine("the key") as mine:
        assert_type(mine, Mine)


def failures(client: Client) -> None:
    """The exceptions."""
    try:
        client.send("0501234567")
    except InvalidArgumentError as error:
        assert_type(error.argument, str)
        assert_type(error.rule, Rule | None)
        as_value_error: ValueError = error
        del as_value_error
    except RejectedError as error:
        assert_type(error.reason, Reason)
    except TimeoutError as error:
        as_os_error: OSError = error
        del as_os_error
    except VerifySmsError as error:
        assert_type(error.code, ErrorCode)
        assert_type(error.reached, Reached)
        assert_type(error.http_status, int | None)
        assert_type(error.to, PhoneNumber | None)
        assert_type(error.safe_to_retry, bool)
        assert_type(error.user_text("he"), str)


def imitated() -> None:
    """The sandbox."""
    with Sandbox(approved_senders=["0521112222"]) as sandbox:
        assert_type(sandbox, Sandbox)
        assert_type(sandbox.messages()[0].time, datetime.datetime)
        assert_type(sandbox.client(sender="Acme", timeout=5), Client)
        assert_type(sandbox.async_client(), AsyncClient)
        assert_type(sandbox.client(guard="memory:", limits={Limit.TRIES: (1, 60)}), Client)
        assert_type(sandbox.code("0501234567"), str)
        assert_type(sandbox.messages(), list[Message])
        assert_type(sandbox.ca_file, str | None)
        assert_type(sandbox.waiting(), int)
        sandbox.fail_next(failure="lose_answer", to="0501234567")
        sandbox.fail_next(2, failure={"body": "empty"})
        sandbox.fail_next(failure={"delay": 3000})
