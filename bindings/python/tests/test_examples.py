"""The examples, whole, in their real frameworks against the sandbox: as a person uses them, and as one misuses them."""

from __future__ import annotations

import functools
import http.cookiejar
import importlib.util
import itertools
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from test_errors import closed_port

import verifysms
from verifysms.testing import Sandbox

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
RIGHT = (200, {"verified": True, "tries_left": None, "text": "מספר הטלפון אומת."})


def wrong(tries_left: int) -> tuple[int, object]:
    """The answer to a wrong code."""
    text = "הקוד שגוי או שפג תוקפו. אפשר לנסות שוב או לבקש קוד חדש."
    if tries_left == 0:
        text = "הוזנו יותר מדי קודים שגויים. יש לבקש קוד חדש."
    return 200, {"verified": False, "tries_left": tries_left, "text": text}


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

    def __init__(self, module, sandbox: Sandbox, browser: Callable[[str, dict[str, str]], Visitor]) -> None:
        self.module = module
        self.sandbox = sandbox
        self._browser = browser
        self._numbers, self._addresses = itertools.count(1), itertools.count(1)

    def number(self) -> str:
        """Somebody's phone number, new in every test, and like no other."""
        number = next(self._numbers)
        return f"05{number % 1000:03}12{number // 1000:03}"

    def address(self) -> str:
        """Where nobody else comes from."""
        number = next(self._addresses)
        return f"203.0.{number // 250}.{number % 250 + 1}"

    def visitor(self, cookie: str | None = None, address: str | None = None, **headers: str) -> Visitor:
        """Somebody new, or somebody with a cookie or an address that was seen before."""
        if cookie is not None:
            headers["cookie"] = cookie
        return self._browser(address or self.address(), headers)

    def sent(self, number: str) -> int:
        return len(self.sandbox.messages(number))

    def tried(self, number: str) -> int:
        """How many wrong codes got to the service while its newest message waited."""
        return self.sandbox.messages(number)[0].wrong_tries


def load(name: str, sandbox: Sandbox, patch: pytest.MonkeyPatch):
    for kind in (verifysms.Client, verifysms.AsyncClient):
        # Its guard keeps the clock of the sandbox.
        patch.setattr(verifysms, kind.__name__, functools.partial(kind, _sandbox=sandbox._server))
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

    def browser(address: str, headers: dict[str, str]) -> Visitor:
        client = Client(headers=headers, REMOTE_ADDR=address)
        return Visitor(client, lambda fields: {"data": fields, "content_type": "application/json"})

    return Site(module, sandbox, browser)


def fastapi_endpoint(sandbox: Sandbox, patch: pytest.MonkeyPatch, stack: ExitStack) -> Site:
    module = load("fastapi_endpoint", sandbox, patch)
    from fastapi.testclient import TestClient

    running = stack.enter_context(TestClient(module.app))

    def browser(address: str, headers: dict[str, str]) -> Visitor:
        client = TestClient(module.app, headers=headers, client=(address, 50000))
        client.portal = running.portal
        return Visitor(client, lambda fields: {"json": fields})

    return Site(module, sandbox, browser)


@pytest.fixture(scope="module", params=[django_view, fastapi_endpoint], ids=lambda make: make.__name__)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch, Sandbox() as sandbox, ExitStack() as stack:
        yield request.param(sandbox, patch, stack)


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
    assert person.check("1")[0] == 400
    written = f"+972 {number[1:3]}-{number[3:]}"
    text = "שלחנו קוד אימות בהודעת SMS למספר שמסתיים ב-" + number[-3:] + "."
    assert person.ask("post", "/phone", number=written) == (200, {"sent": True, "retry_after": 30, "text": text})
    assert person.verified() is None
    assert person.check("no code") == wrong(4)
    assert person.check("")[0] == 400
    assert person.verified() is None
    assert person.check(site.sandbox.code(number)) == RIGHT
    assert person.verified() == number
    assert person.check(site.sandbox.code(number))[0] == 400, "verified once is enough"


@pytest.mark.parametrize("body", ["", "{", "[]", "1", "null", '"number"', "{}", '{"number": null}', '{"number": [1]}'])
@pytest.mark.parametrize("path", ["/phone", "/phone/code"])
def test_what_is_no_answer_to_the_question_is_refused(path: str, body: str, site: Site):
    browser = site.visitor().browser
    content = {"data": body, "content_type": "application/json"}
    if not hasattr(browser, "handler"):
        content = {"content": body, "headers": {"content-type": "application/json"}}
    assert browser.post(path, **content).status_code in (400, 422)


def test_a_cookie_that_is_brought_back_gives_no_more_tries(site: Site):
    number, address = site.number(), site.address()
    mallory = site.visitor(address=address)
    assert mallory.send(number) == 200
    first = mallory.cookie
    outcomes = [site.visitor(first, address).check(f"wrong {n}") for n in range(40)]
    assert [status for status, _ in outcomes] == [200] * 5 + [429] * 35
    assert outcomes[:5] == [wrong(left) for left in (4, 3, 2, 1, 0)]
    assert site.tried(number) == 5
    assert site.visitor(first, address).check(site.sandbox.code(number))[0] == 429
    assert mallory.verified() is None


def test_a_cookie_at_many_addresses_gives_as_many_tries_as_one_at_another(site: Site):
    number, mallory = site.number(), site.visitor()
    assert mallory.send(number) == 200
    outcomes = [site.visitor(mallory.cookie).check(f"wrong {n}")[0] for n in range(40)]
    assert outcomes == [200] * 5 + [429] * 35
    assert mallory.check("wrong") == wrong(4), "who asked for the code has tries of their own"
    assert site.tried(number) == 6


def test_an_address_that_a_visitor_claims_counts_for_nothing(site: Site):
    number, address = site.number(), site.address()
    mallory = site.visitor(address=address)
    assert mallory.send(number) == 200
    claims = [{"x-forwarded-for": f"198.51.100.{n}", "x-real-ip": f"198.51.100.{n}"} for n in range(20)]
    outcomes = [site.visitor(mallory.cookie, address, **claim).check("wrong")[0] for claim in claims]
    assert outcomes == [200] * 5 + [429] * 15


def test_tries_at_the_same_time_are_counted_one_by_one(site: Site):
    number, address = site.number(), site.address()
    mallory = site.visitor(address=address)
    assert mallory.send(number) == 200
    visitors = [site.visitor(mallory.cookie, address) for _ in range(20)]
    outcomes = at_once([lambda visitor=visitor: visitor.check("wrong") for visitor in visitors])
    assert sorted(status for status, _ in outcomes) == [200] * 5 + [429] * 15
    assert site.tried(number) == 5


def test_who_has_to_wait_is_told_how_long(site: Site):
    number, person = site.number(), site.visitor()
    assert person.send(number) == 200
    fields = person._fields({"number": number})
    answer = person.browser.post("/phone", **fields)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    text = "אפשר לבקש קוד חדש בעוד 30 שניות."
    assert answer.json() == {"text": text, "retry_after": 30, "sent": False}


def test_who_comes_back_too_early_can_type_the_code_and_nobody_else(site: Site):
    number, person, other = site.number(), site.visitor(), site.visitor()
    assert other.send(site.number()) == 200
    assert person.send(number) == 200
    assert "sent" not in other.ask("post", "/phone", number=number)[1], "it has another number's code"
    status, answer = person.ask("post", "/phone", number=number)
    assert (status, answer["sent"]) == (429, False)
    assert person.check(site.sandbox.code(number)) == RIGHT


def test_the_page_is_in_hebrew_and_asks_for_what_the_site_answers(site: Site):
    answer = site.visitor().browser.get("/")
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert 'lang="he" dir="rtl"' in page
    assert 'autocomplete="one-time-code"' in page
    for path in ("/phone", "/phone/code", "/phone/delivery", "/phone/ready"):
        assert f'"{path}"' in page


def test_what_went_wrong_is_told_in_the_language_of_the_browser(site: Site):
    for language, text in [
        ("he-IL,he;q=0.9,en;q=0.8", "במספר הטלפון חסרות ספרות."),
        ("en-US,en;q=0.9", "The phone number has too few digits."),
        ("fr", "The phone number has too few digits."),
    ]:
        person = site.visitor(**{"accept-language": language})
        assert person.ask("post", "/phone", number="050-12") == (400, {"text": text, "retry_after": 0})
    assert site.visitor().check("1") == (400, {"text": "יש להזין מספר טלפון.", "retry_after": 0})


def test_who_got_no_sms_is_told_what_to_do_next(site: Site):
    person = site.visitor()
    assert person.ask("get", "/phone/delivery")[0] == 400
    for code, step, text in [
        (None, "WAIT", "ההודעה בדרך. היא אמורה להגיע בתוך דקה."),
        (102, "NONE", "ההודעה נמסרה לטלפון."),
        (1, "RETRY_LATER", "ההודעה לא נמסרה. כדאי לוודא שהטלפון דולק ובאזור קליטה, ולבקש קוד חדש."),
        (15, "ANOTHER_NUMBER", "המספר הזה אינו מקבל הודעות SMS. יש להזין מספר אחר."),
        (17, "OPTED_OUT", "המספר הזה הוסר מרשימת הנמענים. יש להזין מספר אחר."),
    ]:
        number = site.number()
        assert person.send(number) == 200
        site.sandbox.set_delivery(site.sandbox.messages(number)[0], code)
        site.sandbox.advance(seconds=1)
        assert person.ask("get", "/phone/delivery") == (200, {"next_step": step, "text": text})
    site.sandbox.fail_next(http_status=503)
    assert person.ask("get", "/phone/delivery")[0] == 503


def test_what_the_visitor_is_not_told_is_logged_without_secrets(site: Site, caplog: pytest.LogCaptureFixture):
    number, person = site.number(), site.visitor()
    assert person.send(number) == 200
    code = site.sandbox.code(number)
    site.sandbox.fail_next(2, http_status=503)
    assert person.check(code)[0] == 503
    assert person.ask("get", "/phone/delivery")[0] == 503
    site.sandbox.advance(seconds=31)
    site.sandbox.fail_next(http_status=503)
    assert person.send(number) == 202, "the SMS may be out"
    site.sandbox.advance(seconds=61)
    site.sandbox.fail_next(reason=6)
    assert person.send(number) == 503
    logged = [record.getMessage() for record in caplog.records if record.name == site.module.__name__]
    assert ["HTTP status 503" in one for one in logged] == [True] * 3 + [False]
    assert "wrong API key" in logged[3]
    assert not [one for one in logged if number in one or number[1:] in one or code in one]


def test_a_browser_can_fill_the_code_in(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ORIGIN", "example.co.il")
    number, person = site.number(), site.visitor()
    assert person.send(number) == 200
    (message,) = site.sandbox.messages(number)
    assert message.text.endswith(f"\n@example.co.il #{message.code}")


def spellings(number: str) -> list[str]:
    arabic = number.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    fullwidth = number.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    abroad = [f"+972{number[1:]}", f"972{number}", f"00972-{number[1:]}", f"+972 (0){number[1:]}"]
    return [number, arabic, fullwidth, *abroad, *(number[:cut] + "-" + number[cut:] for cut in range(1, 10))]


def test_one_number_gets_one_sms_in_half_a_minute_however_it_is_written(site: Site):
    number, person, others = site.number(), site.visitor(), site.visitor()
    assert person.send(number) == 200
    assert [others.send(written) for written in [*spellings(number), number, number, number]] == [429] * 19
    assert site.sent(number) == 1
    assert others.check("1")[0] == 400, "who was refused has no number to check"
    site.sandbox.advance(seconds=28)
    assert person.send(number) == 429
    site.sandbox.advance(seconds=2)
    assert person.send(number) == 200
    assert site.sent(number) == 2


def test_sends_at_the_same_time_are_counted_one_by_one(site: Site):
    number = site.number()
    visitors = [site.visitor() for _ in range(20)]
    outcomes = at_once([lambda visitor=visitor: visitor.send(number) for visitor in visitors])
    assert sorted(outcomes) == [200] + [429] * 19
    assert site.sent(number) == 1


def test_one_number_gets_5_sms_in_any_10_minutes(site: Site):
    number = site.number()
    times: list[int] = []
    for second in range(0, 12 * 3600, 31):
        if site.visitor().send(number) == 200:
            times.append(second)
        site.sandbox.advance(seconds=31)
    assert site.sent(number) == len(times) == 10
    assert all(times[n + 5] - times[n] >= 600 for n in range(5))
    site.sandbox.reset()


def test_one_visitor_sends_to_10_numbers_an_hour(site: Site):
    mallory = site.visitor()
    assert [mallory.send(site.number()) for _ in range(12)] == [200] * 10 + [429] * 2


def test_one_block_of_numbers_gets_20_sms_an_hour(site: Site):
    block = site.number()[:6]
    outcomes = [site.visitor().send(f"{block}{number:04}") for number in range(5000, 5025)]
    assert outcomes == [200] * 20 + [429] * 5


def test_a_new_code_gives_new_tries(site: Site):
    number, person = site.number(), site.visitor()
    assert person.send(number) == 200
    assert [person.check("wrong")[0] for _ in range(6)] == [200] * 5 + [429]
    site.sandbox.advance(seconds=31)
    assert person.send(number) == 200
    assert [person.check("wrong")[0] for _ in range(4)] == [200] * 4
    assert person.check(site.sandbox.code(number)) == RIGHT


def test_a_send_that_may_be_out_is_said_to_be_and_its_code_lets_the_person_in(site: Site):
    for failure in ("lose_answer", "half_answer", {"http_answer": 503}):
        number, person = site.number(), site.visitor()
        site.sandbox.fail_next(failure=failure, to=number)
        status, answer = person.ask("post", "/phone", number=number)
        assert (status, answer["sent"], answer["retry_after"]) == (202, None, 30), failure
        assert answer["text"] == "ייתכן שהודעה עם קוד בדרך אליך. אם היא תגיע, אפשר להזין את הקוד."
        assert person.ask("get", "/phone/delivery")[0] == 400, "nobody knows which message it is"
        assert person.send(number) == 429, "they might get two"
        assert person.check("wrong") == wrong(4)
        assert person.check(site.sandbox.code(number)) == RIGHT
        assert person.verified() == number
        assert site.sent(number) == 1


def test_a_send_that_failed_leaves_no_number_and_no_new_tries(site: Site):
    number, person = site.number(), site.visitor()
    site.sandbox.fail_next(reason=6, to=number)
    assert person.send(number) == 503
    assert person.check("1")[0] == 400
    assert site.sent(number) == 0
    assert person.send(number) == 200, "nothing was sent, so nobody has to wait"
    assert [person.check("wrong")[0] for _ in range(6)] == [200] * 5 + [429]
    site.sandbox.advance(seconds=31)
    site.sandbox.fail_next(reason=6, to=number)
    assert person.send(number) == 503
    assert person.check(site.sandbox.code(number))[0] == 429


def test_a_check_of_unknown_outcome_lets_nobody_in(site: Site):
    for failure in ("lose_answer", "half_answer", "expired", {"http_answer": 503}, {"body": "other_number"}):
        number, person = site.number(), site.visitor()
        assert person.send(number) == 200
        site.sandbox.fail_next(failure=failure, to=number)
        assert person.check(site.sandbox.code(number)) != RIGHT, failure
        assert person.verified() is None


def test_a_code_verifies_the_number_that_it_was_sent_to_and_no_other(site: Site):
    victims, own, mallory = site.number(), site.number(), site.visitor()
    assert site.visitor().send(victims) == 200
    assert mallory.send(own) == 200
    assert mallory.send(victims) == 429
    assert mallory.check(site.sandbox.code(own), number=victims, to=victims) == RIGHT
    assert mallory.verified() == own
    site.sandbox.advance(seconds=31)
    assert mallory.send(own) == 200
    assert mallory.send(victims) == 200
    assert mallory.check(site.sandbox.code(own)) == wrong(4)
    assert mallory.verified() == own


def test_a_flood_of_other_numbers_frees_none(site: Site):
    number, mallory = site.number(), site.visitor()
    assert mallory.send(number) == 200
    assert [mallory.check("wrong")[0] for _ in range(6)] == [200] * 5 + [429]
    assert [site.visitor().send(site.number()) for _ in range(200)] == [200] * 200
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
    assert site.visitor(forged).check("1")[0] == 400


# Django in several processes


class Process:
    """The Django example in a process of its own, behind a proxy that the test plays."""

    def __init__(self, settings: dict[str, str], folder: Path) -> None:
        self.port = closed_port()
        command = [sys.executable, EXAMPLES / "django_view.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"]
        self.log = folder / f"{self.port}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=os.environ | settings, stdout=log, stderr=log)

    def ask(self, path: str, cookies: http.cookiejar.CookieJar, address: str, **fields: str) -> tuple[int, object]:
        """Pass on what somebody at `address` asks, who claims to be somebody else every time."""
        headers = {
            "Content-Type": "application/json",
            "X-Forwarded-For": f"10.{time.monotonic_ns() % 250}.1.2, {address}",
        }
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, json.dumps(fields).encode(), headers)
        try:
            with urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies)).open(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def wait(self) -> None:
        """Return when it serves."""
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/phone/verified").close()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < until, self.log.read_text()
                time.sleep(0.02)


def test_django_in_two_processes_counts_in_one_file(sandbox: Sandbox, tmp_path: Path):
    store = tmp_path / "guard"
    settings = {
        "VERIFYSMS_URL": sandbox.url,
        "VERIFYSMS_API_KEY": sandbox.api_key,
        "VERIFYSMS_GUARD": f"file:{store}",
        "SECRET_KEY": "the same in both",
        "PROXIES": "1",
    }
    number, cookies = "0501234567", http.cookiejar.CookieJar()
    processes = [Process(settings, tmp_path) for _ in range(2)]
    try:
        for process in processes:
            process.wait()
        turns = itertools.cycle(processes)
        sends = [next(turns).ask("/phone", cookies, "203.0.113.7", number=number)[0] for _ in range(20)]
        assert sends == [200] + [429] * 19
        assert len(sandbox.messages(number)) == 1
        first = list(cookies)
        outcomes = []
        for _ in range(40):
            cookies.clear()
            for cookie in first:
                cookies.set_cookie(cookie)
            outcomes.append(next(turns).ask("/phone/code", cookies, "203.0.113.7", code="wrong")[0])
        assert outcomes == [200] * 5 + [429] * 35
        assert sandbox.messages(number)[0].wrong_tries == 5
        stranger = next(turns).ask("/phone/code", cookies, "198.51.100.1", code="wrong")
        assert stranger == wrong(4), "another address is another visitor"
    finally:
        for process in processes:
            process.process.terminate()
            process.process.wait()
    assert store.stat().st_mode & 0o777 == 0o600
    assert number[1:].encode() not in store.read_bytes()
