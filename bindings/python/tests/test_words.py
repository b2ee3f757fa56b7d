"""Words for the person who signs up, on results and exceptions."""

from __future__ import annotations

import pickle

import pytest
from conftest import TO

import verifysms
from verifysms import Client, wait_text
from verifysms.testing import Sandbox


def sentence(call, language: str) -> str:
    with pytest.raises(verifysms.VerifySmsError) as caught:
        call()
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.user_text(language) == caught.value.user_text(language)
    return caught.value.user_text(language)


def test_a_result_says_what_happened(client: Client, sandbox: Sandbox):
    sent = client.send(TO)
    assert sent.user_text("he") == "שלחנו קוד אימות בהודעת SMS למספר שמסתיים ב-567."
    assert sent.user_text("en") == sent.user_text("fr") == "We sent a code by SMS to the number that ends with 567."
    wrong = client.check(TO, "no code")
    code = sandbox.code(TO)
    sandbox.advance(minutes=11)
    expired = client.check(TO, code)
    assert wrong.user_text("he") == expired.user_text("he") != ""
    last = verifysms.CheckResult(2, "0501234567", tries_left=0)
    assert last.user_text("en") == "There were too many wrong codes. Ask for a new code."
    assert client.delivery(sent.unique).user_text("en") == "The message was delivered to the phone."


def test_an_exception_says_what_the_person_can_do(client: Client, sandbox: Sandbox):
    assert sentence(lambda: client.send("050-12"), "en") == "The phone number has too few digits."
    assert sentence(lambda: client.check(TO, ""), "he-IL") == "יש להזין את הקוד שקיבלת בהודעת SMS."
    sandbox.fail_next(failure="lose_answer")
    assert sentence(lambda: client.send(TO), "en").startswith("A message with a code may be on its way.")
    sandbox.fail_next(failure="lose_answer")
    assert sentence(lambda: client.check(TO, "123456"), "en").startswith("We could not check the code.")
    wrong_key = Client("another key", sender="Acme", url=sandbox.url)
    unavailable = "The service is not available now. Please try again later."
    assert sentence(lambda: wrong_key.send(TO), "en") == unavailable
    wrong_key.close()
    assert sentence(lambda: wrong_key.send(TO), "en") == unavailable


def test_a_wait_is_told_in_the_units_of_people():
    assert wait_text(25, "he") == "אפשר לבקש קוד חדש בעוד 25 שניות."
    assert wait_text(120, "he") == "אפשר לבקש קוד חדש בעוד שתי דקות."
