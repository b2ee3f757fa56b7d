"""The examples, whole, in their real frameworks against the sandbox: as a person uses them, and as one misuses them."""

from __future__ import annotations

import importlib.util
import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from test_errors import closed_port

from verifysms.testing import Sandbox

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
RIGHT = (200, {"verified": True})
WRONG = (200, {"verified": False})


class Visitor:
    """Somebody with a browser, whose cookies can be kept and brought back."""

    def __init__(self, browser, fields: Callable[[dict[str, str]], dict[str, object]]) -> None:
        self.browser = browser
        self._fields = fields

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, object]:
        answer = getattr(self.browser, method)(path, **(self._fields(fields) if method == "post" else {}))
        return answer.status_code, answer.json()

    def send(self, number: str) -> int:
        return self.ask("post", "/phone", number=number)[0]

    def check(self, code: str, **others: str) -> tuple[int, object]:
        return self.ask("post", "/phone/code", code=code, **others)

    def verified(self) -> str | None:
        return self.ask("get", "/phone/verified")[1]["number"]

    @property
    def cookie(self) -> str:
        ((name, value),) = ((name, getattr(value, "value", value)) for name, value in self.browser.cookies.items())
        return f"{name}={value}"


class Site:
    """An example that runs."""

    def __init__(self, module, sandbox: Sandbox, visitor: Callable[..., Visitor]) -> None:
        self.module = module
        self.sandbox = sandbox
        self.visitor = visitor
        self._numbers = itertools.count(1)

    def number(self) -> str:
        """Somebody's phone number, new in every test."""
        return f"050{next(self._numbers):07}"

    def sent(self, number: str) -> int:
        return len(self.sandbox.messages(number))

    def tried(self, number: str) -> int:
        """How many wrong codes got to the service while its newest message waited."""
        return self.sandbox.messages(number)[0].wrong_tries


def load(name: str, sandbox: Sandbox, patch: pytest.MonkeyPatch):
    patch.setenv("VERIFYSMS_API_KEY", sandbox.api_key)
    patch.setenv("VERIFYSMS_URL", sandbox.url)
    specification = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    patch.setitem(sys.modules, name, module)
    specification.loader.exec_module(module)
    return module


def django_view(sandbox: Sandbox, patch: pytest.MonkeyPatch, _: ExitStack) -> Site:
    module = load("django_view", sandbox, patch)
    from django.test import Client

    def visitor(cookie: str | None = None) -> Visitor:
        headers = {} if cookie is None else {"cookie": cookie}
        return Visitor(Client(headers=headers), lambda fields: {"data": fields, "content_type": "application/json"})

    return Site(module, sandbox, visitor)


def fastapi_endpoint(sandbox: Sandbox, patch: pytest.MonkeyPatch, stack: ExitStack) -> Site:
    module = load("fastapi_endpoint", sandbox, patch)
    from fastapi.testclient import TestClient

    running = stack.enter_context(TestClient(module.app))

    def visitor(cookie: str | None = None) -> Visitor:
        browser = TestClient(module.app, headers={} if cookie is None else {"cookie": cookie})
        browser.portal = running.portal
        return Visitor(browser, lambda fields: {"json": fields})

    return Site(module, sandbox, visitor)


@pytest.fixture(scope="module", params=[django_view, fastapi_endpoint], ids=lambda make: make.__name__)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch, Sandbox() as sandbox, ExitStack() as stack:
        yield request.param(sandbox, patch, stack)


@pytest.fixture
def later(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of the example's limits, not the sandbox's."""
    passed = 0.0
    if hasattr(site.module, "monotonic"):
        monkeypatch.setattr(site.module, "monotonic", lambda: time.monotonic() + passed)
    else:
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() + passed)

    def later(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    return later


def at_once(works: list[Callable[[], object]]) -> list[object]:
    start = threading.Barrier(len(works))

    def work(one: Callable[[], object]) -> object:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(work, works))


def test_a_page_that_opens_has_a_connection_opened(site: Site):
    assert site.visitor().ask("get", "/phone/ready") == (200, {"ready": True})


def test_a_page_opens_without_a_connection(site: Site, monkeypatch: pytest.MonkeyPatch):
    nowhere = f"http://127.0.0.1:{closed_port()}/"
    monkeypatch.setattr(site.module, "client", type(site.module.client)("the key", sender="Acme", url=nowhere))
    assert site.visitor().ask("get", "/phone/ready") == (200, {"ready": False})


def test_a_person_signs_up(site: Site):
    number, person = site.number(), site.visitor()
    assert person.send("12") == 400
    assert person.check("1")[0] == 409
    written = f"+972 {number[1:3]}-{number[3:]}"
    assert person.ask("post", "/phone", number=written) == (200, {"sent": True})
    assert person.verified() is None
    assert person.check("no code") == WRONG
    assert person.check("")[0] == 400
    assert person.verified() is None
    assert person.check(site.sandbox.code(number)) == RIGHT
    assert person.verified() == number
    assert person.check(site.sandbox.code(number))[0] == 409, "verified once is enough"


@pytest.mark.parametrize("body", ["", "{", "[]", "1", "null", '"number"', "{}", '{"number": null}', '{"number": [1]}'])
@pytest.mark.parametrize("path", ["/phone", "/phone/code"])
def test_what_is_no_answer_to_the_question_is_refused(path: str, body: str, site: Site):
    browser = site.visitor().browser
    content = {"data": body, "content_type": "application/json"}
    if not hasattr(browser, "handler"):
        content = {"content": body, "headers": {"content-type": "application/json"}}
    assert browser.post(path, **content).status_code in (400, 409, 422)


def test_a_cookie_that_is_brought_back_gives_no_more_tries(site: Site):
    number, mallory = site.number(), site.visitor()
    assert mallory.send(number) == 200
    first = mallory.cookie
    outcomes = [site.visitor(first).check(f"wrong {n}") for n in range(40)]
    assert [status for status, _ in outcomes] == [200] * 5 + [429] * 35
    assert WRONG in outcomes
    assert site.tried(number) == 5
    assert site.visitor(first).check(site.sandbox.code(number))[0] == 429
    assert mallory.verified() is None


def test_tries_at_the_same_time_are_counted_one_by_one(site: Site):
    number, mallory = site.number(), site.visitor()
    assert mallory.send(number) == 200
    visitors = [site.visitor(mallory.cookie) for _ in range(20)]
    outcomes = at_once([lambda visitor=visitor: visitor.check("wrong") for visitor in visitors])
    assert sorted(status for status, _ in outcomes) == [200] * 5 + [429] * 15
    assert site.tried(number) == 5


def spellings(number: str) -> list[str]:
    arabic = number.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    fullwidth = number.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    abroad = [f"+972{number[1:]}", f"972{number}", f"00972-{number[1:]}", f"+972 (0){number[1:]}"]
    return [number, arabic, fullwidth, *abroad, *(number[:cut] + "-" + number[cut:] for cut in range(1, 10))]


def test_one_number_gets_one_sms_in_half_a_minute_however_it_is_written(site: Site, later):
    number, person, others = site.number(), site.visitor(), site.visitor()
    assert person.send(number) == 200
    assert [others.send(written) for written in [*spellings(number), number, number, number]] == [429] * 19
    assert site.sent(number) == 1
    assert others.check("1")[0] == 409, "who was refused has no number to check"
    later(29)
    assert person.send(number) == 429
    later(1.5)
    assert person.send(number) == 200
    assert site.sent(number) == 2


def test_sends_at_the_same_time_are_counted_one_by_one(site: Site):
    number = site.number()
    visitors = [site.visitor() for _ in range(20)]
    outcomes = at_once([lambda visitor=visitor: visitor.send(number) for visitor in visitors])
    assert sorted(outcomes) == [200] + [429] * 19
    assert site.sent(number) == 1


def test_one_number_gets_5_sms_in_any_10_minutes(site: Site, later):
    number, mallory = site.number(), site.visitor()
    times, second = [], 0
    while second < 2000:
        if mallory.send(number) == 200:
            times.append(second)
        later(31)
        second += 31
    assert site.sent(number) == len(times) > 10
    assert all(times[n + 5] - times[n] >= 600 for n in range(len(times) - 5))


def test_a_new_code_and_10_minutes_each_give_new_tries(site: Site, later):
    number, person = site.number(), site.visitor()
    assert person.send(number) == 200
    assert [person.check("wrong")[0] for _ in range(6)] == [200] * 5 + [429]
    later(31)
    assert person.send(number) == 200
    assert [person.check("wrong")[0] for _ in range(6)] == [200] * 5 + [429]
    later(601)
    assert person.check(site.sandbox.code(number)) == RIGHT


def test_a_send_that_may_be_out_is_said_to_be_and_its_code_lets_the_person_in(site: Site):
    for failure in ("lose_answer", "half_answer", {"http_answer": 503}):
        number, person = site.number(), site.visitor()
        site.sandbox.fail_next(failure=failure, to=number)
        status, answer = person.ask("post", "/phone", number=number)
        assert (status, answer["sent"], "may be on its way" in answer["note"]) == (202, None, True), failure
        assert person.send(number) == 429, "they might get two"
        assert person.check("wrong") == WRONG
        assert person.check(site.sandbox.code(number)) == RIGHT
        assert person.verified() == number
        assert site.sent(number) == 1


def test_a_send_that_failed_leaves_no_number_and_no_new_tries(site: Site, later):
    number, person = site.number(), site.visitor()
    site.sandbox.fail_next(reason=5, to=number)
    assert person.send(number) == 503
    assert person.check("1")[0] == 409
    assert site.sent(number) == 0
    later(31)
    assert person.send(number) == 200
    assert [person.check("wrong")[0] for _ in range(6)] == [200] * 5 + [429]
    later(31)
    site.sandbox.fail_next(reason=5, to=number)
    assert person.send(number) == 503
    assert person.check(site.sandbox.code(number))[0] == 429


def test_a_check_of_unknown_outcome_lets_nobody_in(site: Site):
    for failure in ("lose_answer", "half_answer", "expired", {"http_answer": 503}, {"body": "other_number"}):
        number, person = site.number(), site.visitor()
        assert person.send(number) == 200
        site.sandbox.fail_next(failure=failure, to=number)
        assert person.check(site.sandbox.code(number)) != RIGHT, failure
        assert person.verified() is None


def test_a_code_verifies_the_number_that_it_was_sent_to_and_no_other(site: Site, later):
    victims, own, mallory = site.number(), site.number(), site.visitor()
    assert site.visitor().send(victims) == 200
    assert mallory.send(own) == 200
    assert mallory.send(victims) == 429
    assert mallory.check(site.sandbox.code(own), number=victims, to=victims) == RIGHT
    assert mallory.verified() == own
    later(31)
    assert mallory.send(own) == 200
    assert mallory.send(victims) == 200
    assert mallory.check(site.sandbox.code(own)) == WRONG
    assert mallory.verified() == own


def stored(site: Site) -> list[str]:
    if hasattr(site.module, "Places"):
        return list(site.module.places._free_at)
    return list(site.module.cache._cache)


def test_the_store_shows_no_number_and_a_flood_of_others_frees_none(site: Site):
    number, mallory = site.number(), site.visitor()
    assert mallory.send(number) == 200
    assert [mallory.check("wrong")[0] for _ in range(6)] == [200] * 5 + [429]
    for _ in range(200):
        assert site.visitor().send(site.number()) == 200
    assert len(stored(site)) >= 400
    assert number[1:] not in "\n".join(map(str, stored(site)))
    assert mallory.check("wrong")[0] == 429
    assert mallory.send(number) == 429


def test_who_does_not_know_the_sites_key_makes_no_session(site: Site):
    assert "only-for-this-example" not in Path(site.module.__file__).read_text()
    number, person = site.number(), site.visitor()
    assert person.send(number) == 200
    name, value = person.cookie.split("=", 1)
    assert person.check(site.sandbox.code(number)) == RIGHT
    assert site.visitor(person.cookie).verified() == number
    forged = f"{name}={'A' if value[0] != 'A' else 'B'}{value[1:]}"
    assert site.visitor(forged).check("1")[0] == 409
