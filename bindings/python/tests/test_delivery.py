"""What became of a message, from the blocking client and from asyncio."""

from __future__ import annotations

import asyncio
import copy
import pickle

import pytest
from conftest import TO
from servers import RecordingServer, Request, http

import verifysms
from verifysms import Client, DeliveryState, NextStep, Rule
from verifysms.testing import Sandbox


def test_a_message_is_pending_and_then_delivered(client: Client, sandbox: Sandbox):
    sent = client.send(TO)
    pending = client.delivery(sent.unique)
    assert (pending.state, pending.next_step, pending.code) == (DeliveryState.PENDING, NextStep.WAIT, None)
    assert (pending.to, pending.hebrew, pending.date) == (None, "", "")
    sandbox.advance(seconds=1)
    delivered = client.delivery(sent.unique)
    assert (delivered.state, delivered.next_step, delivered.code) == (DeliveryState.DELIVERED, NextStep.NONE, 102)
    assert (delivered.to, delivered.sender, delivered.operator) == (TO, "Sandbox", "Sandbox")
    assert delivered.english == "Delivered"
    assert delivered.hebrew
    assert len(delivered.date) == len("15/03/21 20:18")
    assert delivered == client.delivery(sent.unique) != pending
    for result in (pending, delivered):
        assert pickle.loads(pickle.dumps(result)) == copy.deepcopy(result) == result
    assert sandbox.messages()[0].delivery == 102


@pytest.mark.parametrize(
    ("number", "state", "step"),
    [
        ("0570000601", DeliveryState.FAILED, NextStep.RETRY_LATER),
        ("0570000602", DeliveryState.EXPIRED, NextStep.RETRY_LATER),
        ("0570000615", DeliveryState.BLOCKED, NextStep.ANOTHER_NUMBER),
        ("0570000617", DeliveryState.BLOCKED, NextStep.OPTED_OUT),
        ("0570000747", DeliveryState.FAILED, NextStep.ABROAD),
    ],
)
def test_a_message_that_does_not_arrive_says_what_to_do(client, sandbox, number, state, step):
    sent = client.send(number)
    sandbox.advance(seconds=1)
    delivery = client.delivery(sent.unique)
    assert (delivery.state, delivery.next_step) == (state, step)


def test_a_test_chooses_what_is_reported(client: Client, sandbox: Sandbox):
    sent = client.send(TO)
    sandbox.set_delivery(sandbox.messages()[0], 4242)
    sandbox.advance(seconds=1)
    delivery = client.delivery(sent.unique)
    assert (delivery.state, delivery.code) == (DeliveryState.UNKNOWN, 4242)
    message = sandbox.messages()[0]
    sandbox.set_delivery(message, None)
    assert client.delivery(sent.unique).state is DeliveryState.PENDING
    sandbox.reset()
    with pytest.raises(LookupError):
        sandbox.set_delivery(message, 15)


def test_a_delivery_verifies_nobody(client: Client, sandbox: Sandbox):
    sent = client.send(TO)
    sandbox.advance(seconds=1)
    delivery = client.delivery(sent.unique)
    with pytest.raises(TypeError, match="verifies nobody"):
        bool(delivery)
    assert TO[:7] not in repr(delivery)
    assert "DELIVERED" in repr(delivery)


def test_the_question_has_the_id_and_the_key_at_an_address_beside_that_of_the_service():
    def answer(_: Request) -> bytes:
        return http(b'[{"code":"0"}]')

    with RecordingServer(answer) as server:
        client = Client("the key", url=server.url)
        assert client.delivery(" 63433453 ").state is DeliveryState.DELIVERED
        assert client.delivery("63433453").state is DeliveryState.DELIVERED
        client = Client("the key", url="http://127.0.0.1:9/", delivery_url=server.url)
        assert client.delivery("1").code == 0
    fields = [request.fields for request in server.requests]
    assert fields == [{"apiKey": "the key", "unique": unique} for unique in ("63433453", "63433453", "1")]
    connections = [request.connection for request in server.requests]
    assert len(set(connections)) == 3, "each question has a connection of its own"


@pytest.mark.parametrize(("unique", "rule"), [("", Rule.UNIQUE_EMPTY), ("a b", Rule.UNIQUE_INVALID)])
def test_what_is_no_id_is_refused(client: Client, unique: str, rule: Rule):
    with pytest.raises(verifysms.InvalidArgumentError) as caught:
        client.delivery(unique)
    assert (caught.value.argument, caught.value.rule) == ("unique", rule)


def test_a_failure_of_the_service_is_an_exception(client: Client, sandbox: Sandbox):
    sent = client.send(TO)
    sandbox.fail_next(http_status=503)
    with pytest.raises(verifysms.HttpStatusError):
        client.delivery(sent.unique)
    sandbox.fail_next(failure={"body": "truncated"})
    with pytest.raises(verifysms.BadReplyError):
        client.delivery(sent.unique)
    with pytest.raises(verifysms.RejectedError):
        Client("another key", url=sandbox.url).delivery(sent.unique)


def test_it_is_asked_in_an_event_loop(sandbox: Sandbox):
    async def main() -> verifysms.DeliveryResult:
        async with sandbox.async_client() as client:
            sent = await client.send(TO)
            sandbox.advance(seconds=1)
            first, _ = await asyncio.gather(client.delivery(sent.unique), client.delivery(sent.unique))
            with pytest.raises(verifysms.InvalidArgumentError):
                await client.delivery("")
            return first

    assert asyncio.run(main()).state is DeliveryState.DELIVERED
