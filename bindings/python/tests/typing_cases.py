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
    Inspection,
    InvalidArgumentError,
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
    delivery = client.delivery(sent.unique)
    assert_type(delivery, DeliveryResult)
    assert_type(delivery.state, DeliveryState)
    assert_type(delivery.next_step, NextStep)
    assert_type(delivery.code, int | None)
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
    match result:
        case CheckResult(verified, status, to):
            assert_type(verified, bool)
            assert_type(status, int)
            assert_type(to, str)
    match sent:
        case SendResult(unique, _, sender, _):
            assert_type(unique, str)
            assert_type(sender, str)


async def awaited() -> None:
    """The client for asyncio."""
    async with AsyncClient("the key", ca_file=Path("a.pem"), trust="bundled", timeout=5) as client:
        assert_type(client, AsyncClient)
        await client.connect()
        assert_type(await client.send("0501234567"), SendResult)
        assert_type(await client.check("0501234567", "123456"), CheckResult)
        assert_type(await client.delivery("63433453"), DeliveryResult)
        client.cancel()
        client.connect()  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
        client.send("0501234567")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
        client.check("0501234567")  # type: ignore[call-arg, unused-coroutine]  # pyright: ignore


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
        assert_type(sandbox.client(sender="Acme", timeout=5), Client)
        assert_type(sandbox.async_client(), AsyncClient)
        assert_type(sandbox.code("0501234567"), str)
        assert_type(sandbox.messages(), list[Message])
        assert_type(sandbox.ca_file, str | None)
        assert_type(sandbox.waiting(), int)
        sandbox.fail_next(failure="lose_answer", to="0501234567")
        sandbox.fail_next(2, failure={"body": "empty"})
        sandbox.fail_next(failure={"delay": 3000})
