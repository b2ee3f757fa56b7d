"""Clients as Python objects: made, subclassed, referred to, and replaced in tests."""

from __future__ import annotations

import gc
import inspect
import weakref
from unittest import mock

import pytest
from conftest import TO

from verifysms import AsyncClient, Client, InvalidArgumentError
from verifysms.testing import Sandbox

CLIENTS = pytest.mark.parametrize("kind", [Client, AsyncClient])


@CLIENTS
def test_a_key_that_is_none_is_named(kind):
    with pytest.raises(InvalidArgumentError, match=r"api_key: is None.*99 digital.*VERIFYSMS_API_KEY") as refused:
        kind(None)
    assert refused.value.argument == "api_key"


@CLIENTS
def test_the_signature_is_known(kind):
    parameters = inspect.signature(kind).parameters
    assert list(parameters)[:2] == ["api_key", "sender"]
    assert parameters["timeout"].default == 30.0
    assert parameters["trust"].default == "system"


@CLIENTS
def test_a_subclass_may_take_other_arguments(kind):
    class Ours(kind):
        def __init__(self, shop: str, *, key: str) -> None:
            super().__init__(key, sender=shop)
            self.shop = shop

    assert Ours("Acme", key="key").shop == "Acme"
    with pytest.raises(InvalidArgumentError, match="sender: "):
        Ours("a name too long", key="key")


def test_a_subclass_that_forgets_its_base_is_a_closed_client():
    class Forgetful(Client):
        def __init__(self) -> None:
            pass

    with pytest.raises(InvalidArgumentError, match="client: is closed"):
        Forgetful().check(TO, "123456")


def test_a_client_that_is_made_anew_uses_its_new_settings(sandbox: Sandbox):
    client = Client("another key", url=sandbox.url, sender="Acme")
    client.__init__(sandbox.api_key, url=sandbox.url, sender="Acme")
    assert client.send(TO).to == TO


@CLIENTS
def test_a_client_is_referred_to_weakly(kind):
    client = kind("key")
    reference = weakref.ref(client)
    assert reference() is client
    del client
    gc.collect()
    assert reference() is None


@CLIENTS
def test_a_stand_in_checks_how_it_is_called(kind):
    stand_in = mock.create_autospec(kind)
    client = stand_in("key", sender="Acme")
    for called in (client.send(TO, message="##code##"), client.check(TO, "123456")):
        if inspect.iscoroutine(called):
            called.close()
    for wrong in (
        lambda: stand_in(),
        lambda: stand_in("key", sendr="Acme"),
        lambda: client.send(),
        lambda: client.send(TO, "Acme"),
        lambda: client.check(TO),
        lambda: client.chekc(TO, "123456"),
    ):
        with pytest.raises((TypeError, AttributeError)):
            wrong()
