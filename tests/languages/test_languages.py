"""Three programs of every language in bindings/, run against a sandbox with what was installed.

All find VERIFYSMS_API_KEY and VERIFYSMS_URL in the environment, the example VERIFYSMS_SENDER as well,
and the library in LD_LIBRARY_PATH. If they load it by themselves, VERIFYSMS_LIBRARY names its file.

The example has a code texted (`send NUMBER`), checks one (`check NUMBER CODE`) or only opens a connection
(`connect`). Any other arguments make no call and end with a status that is not 0. Its exit status is the
library's code. It prints, in any case and order:

- the version of the library;
- `code N, reached M`, then the number as the library understood it, then the message of the result, such
  as "accepted", "connected" or "no connection";
- "theirs", if and only if the number is verified;
- "type again" after a wrong code;
- "wait N s" if a limit of the guard is reached, whose store is in VERIFYSMS_GUARD;
- "do not repeat it" if the request may have arrived (reached 2).

The program in mistakes/ finds the number in NUMBER. It sends a code, prints `code for 0501234567?` and
reads the code from standard input. It makes a wrong one of it, each digit taken from 9, and does with it
what people write by mistake in that language. After each mistake it prints `out: MISTAKE`, or `in:
MISTAKE` if that let somebody in. Last it checks the right code: `in: the right code`. Whatever else it
prints, such as an error or the dump of an object, has no key, number or code. Its exit status is 0.

The program in settings/ gives the library the settings that are in SET_SENDER and the like, and the limit
"NUMBER MOST SECONDS" in SET_LIMIT. It makes the call that ASK names, `send`, `check` (of SEND_CODE),
`forget` or `show`, with SEND_SENDER, SEND_MESSAGE, SEND_END_USER, SEND_ORIGIN, SEND_APP_HASH and
SEND_TIMEOUT_MS, and prints what every
accessor of the C library knows of the call, `http_status=200` and so on; with SET_LOG each record as `log
LEVEL TEXT`, with SET_EVENT each event by name with its numbers, `event SENT 0 1 12 1 0 0`, true as 1. For
`delivery` it asks what became of SEND_UNIQUE, for `phone` it prints `to`, `e164` and `kind` of the number,
for `inspect` the `encoding`, `length` and `parts` of SEND_MESSAGE with a code of 6 digits and each
`warning=KIND POSITION TEXT`. Its interrupt function ends the call (SET_INTERRUPT), or calls cancel
(SET_CANCEL).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest

from harness.caller import KEY as RUNNING_KEY
from harness.javascript import node
from harness.sandbox import Sandbox, converse, sandbox
from harness.tools import NUMBER, ROOT, MissingToolError, run
from install.place import make
from languages.languages import LANGUAGES, Language

HEADER = (ROOT / "include/verifysms.h").read_text(encoding="utf-8")
WRITTEN = "050-123-4567"
HERE = Path(__file__).parent
KEY = "sandbox-key"
NOBODY = "http://127.0.0.1:1/"


class Programs:
    """The programs of a language, with the sandbox that they talk to."""

    def __init__(self, language: Language, out: Path, prefix: Path, running: Sandbox) -> None:
        self.language = language
        self.running = running
        self._out = out
        self.folder = out / "programs"
        self.folder.mkdir()
        self._filled = {
            "OUT": str(out),
            "PREFIX": str(prefix),
            "SOURCES": str(ROOT / "bindings" / language.folder),
            "PACKAGES": str(HERE / "node_modules"),
        }
        self.environment = os.environ | {
            "LD_LIBRARY_PATH": str(prefix / "lib"),
            "VERIFYSMS_API_KEY": KEY,
            "VERIFYSMS_SENDER": "Acme",
            "VERIFYSMS_URL": running.url,
        }
        self.environment |= {name: self._fill(value) for name, value in language.environment}

    @cached_property
    def example(self) -> list[str]:
        """The command that runs the example."""
        return self._built(ROOT / "bindings" / self.language.folder / self.language.example)

    @cached_property
    def mistakes(self) -> list[str]:
        """The command that runs the second program; Java wants the capital."""
        example = Path(self.language.example)
        name = "Mistakes" if example.stem.istitle() else "mistakes"
        return self._built(HERE / "mistakes" / f"{name}{example.suffix}")

    @cached_property
    def settings(self) -> list[str]:
        """The command that runs the third."""
        extension = Path(self.language.example).suffix
        return self._built(HERE / "settings" / f"{self.language.settings}{extension}")

    def _fill(self, word: str, **more: str) -> str:
        """A word of a command with its values."""
        filled = self._filled | more
        return re.sub("|".join(filled), lambda name: filled[name[0]], word)

    def _built(self, source: Path) -> list[str]:
        """Build a program, of which nothing but itself is here; the command that runs it."""
        program = Path(shutil.copy(source, self.folder))
        build, execute = (
            [self._fill(word, PROGRAM=str(program), STEM=program.stem) for word in words]
            for words in (self.language.build, self.language.run)
        )
        if build:
            run(*build, cwd=self.folder, env=dict(self.environment))
        return execute

    def known(self, **variables: str) -> dict[str, str]:
        """What the third program prints of a call, by name; under "log" and "event" a line for each."""
        done = subprocess.run(
            self.settings,
            cwd=self.folder,
            env=self.environment
            | {"NUMBER": WRITTEN, "SET_URL": self.running.url, "ASK": "send", "LC_ALL": "C.UTF-8"}
            | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{variables}: status {done.returncode}, printed\n{done.stdout}"
        printed = dict(re.findall(r"^(\w+)=(.*?) *$", done.stdout, re.MULTILINE))
        told = {kind: re.findall(rf"^{kind} (.*)$", done.stdout, re.MULTILINE) for kind in ("log", "event")}
        return printed | {kind: "\n".join(lines) for kind, lines in told.items()}

    def run(self, *given: str, **setting: str) -> subprocess.CompletedProcess[str]:
        """Run the example to its end."""
        return subprocess.run(
            [*self.example, *given],
            cwd=self.folder,
            env=self.environment | setting,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )

    def ends(self, code: int, reached: int, said: str, *given: str, **setting: str) -> str:
        """What it prints; that and its status are held against what they should be."""
        done = self.run(*given, **setting)
        told = f"{' '.join(given)}: status {done.returncode}, printed\n{done.stdout}"
        assert done.returncode == code, told
        printed = re.search(r"code +(\d+),? +reached +(\d+)", done.stdout, re.IGNORECASE)
        assert printed is not None and printed.groups() == (str(code), str(reached)), told
        release = re.search(r'VERIFYSMS_VERSION "(.*)"', HEADER)
        assert release is not None and release[1] in done.stdout, told
        assert re.search(said, done.stdout, re.IGNORECASE), told
        return done.stdout

    def send(self) -> str:
        """Have a code sent; the code."""
        self.ends(0, 1, "accepted", "send", NUMBER)
        return self.running.newest(NUMBER).code


@pytest.fixture(scope="module", params=LANGUAGES, ids=lambda language: language.name.replace("#", "Sharp"))
def language(request: pytest.FixtureRequest) -> Language:
    """Every language, if it is here."""
    language: Language = request.param
    try:
        run(*language.version, timeout=60)
        if language.name == "Node":
            node(HERE)
    except (OSError, AssertionError):
        missing = f"no {language.name} (apt-get install {language.package})"
        raise MissingToolError(missing) from None
    return language


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the library and the bindings are installed."""
    folder = tmp_path_factory.mktemp("prefix")
    make("install", "install-bindings", f"PREFIX={folder}")
    return folder


@pytest.fixture(scope="module")
def programs(
    language: Language, command: Path, prefix: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programs]:
    """Its programs."""
    with sandbox(command) as running:
        yield Programs(language, tmp_path_factory.mktemp("out"), prefix, running)


@pytest.fixture(scope="module")
def configured(programs: Programs) -> Programs:
    """The same, where there is a program that gives every setting."""
    if not programs.language.settings:
        pytest.skip("tests/abi/ has the settings and accessors of C")
    return programs


@pytest.fixture(scope="module")
def binding(language: Language) -> str:
    """The file with its declarations. What is written in C reads the header itself."""
    if not language.constant:
        pytest.skip(f"{language.name} has none")
    files = sorted((ROOT / "bindings" / language.folder).glob(language.binding))
    return "".join(path.read_text(encoding="utf-8") for path in files)


def test_constants(language: Language, binding: str) -> None:
    """The binding's constants are the header's, and no code is left out.

    OK may be: without a name for 0, nobody takes memory of zeros for it.
    """
    defined = {name: int(number) for name, number in re.findall(r"#define VERIFYSMS_(\w+) (\d+)\n", HEADER)}
    bound = {
        name.upper().replace("-", "_").removeprefix("VERIFYSMS_"): int(number or defined[name])
        for name, number in re.findall(language.constant, binding, re.MULTILINE)
    }
    for name, number in bound.items():
        assert defined.get(name) == number, f"{name} is {defined.get(name)}, not {number}"
    of_callbacks = () if language.calls_back else ("EVENT_",)
    left_out = ("OK", "REASON_", "LOG_", "SIZE_", "VERSION_", "PHONE_SIZE", "RULE_", *of_callbacks)
    needed = {name for name in defined if not name.startswith(left_out)}
    assert not needed - bound.keys(), f"missing: {needed - bound.keys()}"


def test_functions(language: Language, binding: str) -> None:
    """What a binding declares as C does stands so in the header; a wrong name fails by itself."""
    flat = " ".join(HEADER.replace("VERIFYSMS_CALL ", "").split())
    for pattern, written in language.spelling:
        flat = re.sub(pattern, written, flat)
    declaration = r"^ *([A-Za-z][A-Za-z0-9_ *]*verifysms_\w+\([^)]*\);)$"
    for line in re.findall(declaration, binding, re.MULTILINE):
        assert " ".join(line.split()) in flat, f"the header does not have: {line}"


def test_nobody_is_let_in_by_mistake(programs: Programs) -> None:
    """No mistake with a wrong code lets anybody in, and what is dumped shows no secret."""
    with subprocess.Popen(
        programs.mistakes,
        cwd=programs.folder,
        env=programs.environment | {"NUMBER": WRITTEN},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        printed = "".join(converse(process, programs.running))
    told = f"status {process.returncode}, printed\n{printed}"
    assert process.returncode == 0, told
    outcomes = re.findall(r"^(in|out): +(.*?) *$", printed, re.MULTILINE)
    assert len(outcomes) > 1 and outcomes.pop() == ("in", "the right code"), told
    assert {outcome for outcome, _ in outcomes} == {"out"}, told
    # Data::Dumper shows all that an object of Perl has.
    numbers = (WRITTEN,) if programs.language.name == "Perl" else (WRITTEN, NUMBER)
    for secret in (KEY, *numbers, programs.running.newest(NUMBER).code):
        assert secret not in printed, f"{secret} in: {told}"


def test_connected(programs: Programs) -> None:
    """A connection is opened, or there is none; nothing is asked, and nobody verified."""
    if not programs.language.connects:
        pytest.skip("the example does not connect ahead")
    before = programs.running.messages(NUMBER)
    assert "theirs" not in programs.ends(0, 0, "connected", "connect")
    programs.ends(4, 0, "no connection", "connect", VERIFYSMS_URL=NOBODY)
    assert programs.running.messages(NUMBER) == before


def test_right_and_used(programs: Programs) -> None:
    """A code is sent, and is right once."""
    assert NUMBER in programs.ends(0, 1, "accepted", "send", WRITTEN)
    newest = programs.running.newest(NUMBER)
    assert newest.sender == "Acme", newest
    assert NUMBER in programs.ends(0, 1, "theirs", "check", WRITTEN, newest.code)
    programs.ends(2, 1, "type again", "check", NUMBER, newest.code)


def test_wrong(programs: Programs) -> None:
    """A code is sent, and another is typed."""
    wrong = "".join(str(9 - int(digit)) for digit in programs.send())
    programs.ends(2, 1, "type again", "check", NUMBER, wrong)


def test_misspelt(programs: Programs) -> None:
    """What is neither a send nor a check is none of them, and no success."""
    code = programs.send()
    before = programs.running.messages(NUMBER)
    for given in ((NUMBER, "123456"), ("chekc", NUMBER, code), ()):
        done = programs.run(*given)
        assert done.returncode != 0 and "theirs" not in done.stdout, done
    assert programs.running.messages(NUMBER) == before


def test_not_loaded(programs: Programs) -> None:
    """Without the library nobody is verified, and what is loaded at run time says what to do."""
    paths = dict.fromkeys(("LD_LIBRARY_PATH", "COB_LIBRARY_PATH"), "/nowhere")
    paths["VERIFYSMS_LIBRARY"] = "/nowhere/libverifysms.so"
    done = programs.run("check", NUMBER, programs.send(), **paths)
    assert done.returncode != 0 and "theirs" not in done.stdout, done
    if not programs.language.build or programs.language.name in ("Java", "C#"):
        assert "VERIFYSMS_LIBRARY" in done.stdout and "The library is not found" in done.stdout, done


def test_everything_is_known(configured: Programs) -> None:
    """Every accessor is there, and so are another sender and message for one call."""
    known = configured.known(SET_SENDER="Acme", SEND_SENDER="Other", SEND_MESSAGE="Other: ##code##")
    sent = configured.running.newest(NUMBER)
    assert (sent.sender, sent.text) == ("Other", f"Other: {sent.code}")
    assert abs(int(known.pop("timestamp")) - time.time()) < 60
    assert known.pop("unique") and known.pop("message") == "accepted"
    ours = {"log": "", "event": "", "wrong": "false"}
    expected = {"code": "0", "reached": "1", "reason": "1", "status": "0", "http_status": "200"}
    guarded = {"limit": "1", "limit_name": "COOLDOWN", "retry_after": "30", "tries_left": "5"}
    told = {
        "user_text_he": "שלחנו קוד אימות בהודעת SMS למספר שמסתיים ב-567.",
        "user_text_en": "We sent a code by SMS to the number that ends with 567.",
        "wait_text_he": "אפשר לבקש קוד חדש בעוד 30 שניות.",
        "wait_text_en": "You can ask for a new code in 30 seconds.",
    }
    assert {name: known.pop(name) for name in told} == told
    assert (known.pop("rule", "0"), known.pop("rule_name", "")) == ("0", "")
    # COBOL has one area for all.
    assert (known.pop("e164", ""), known.pop("kind", "0")) == ("", "0")
    known = {name: value for name, value in known.items() if not name.startswith("delivery_")}
    assert known | ours == expected | guarded | ours | {"sender": "Other", "to": NUMBER}


def test_a_refusal_is_known(configured: Programs) -> None:
    """What is refused has its reason, and the client's own sender and message are used."""
    configured.running.fail({"reason": 3})
    known = configured.known(SET_SENDER="Acme", SET_MESSAGE="Acme: ##code##")
    assert (known["code"], known["reached"], known["reason"]) == ("3", "1", "3")
    assert known["http_status"] == "200"
    configured.known(SET_SENDER="Acme", SET_MESSAGE="Acme: ##code##")
    sent = configured.running.newest(NUMBER)
    assert (sent.sender, sent.text) == ("Acme", f"Acme: {sent.code}")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("sender", "a name too long"),
        ("message", "no place for it"),
        ("url", "ftp://127.0.0.1/"),
        ("delivery_url", "ftp://127.0.0.1/"),
        ("timeout_ms", "-1"),
        ("connect_timeout_ms", "-1"),
        ("proxy", "ftp://127.0.0.1/"),
        ("trust", "7"),
        ("url", "http://192.0.2.1/"),
        ("guard", "file:relative"),
        ("guard_secret", "too short"),
        ("guard_namespace", "a blank"),
        ("guard_timeout_ms", "-1"),
        ("guard_failure", "7"),
        ("limit", "2 70000 60"),
    ],
)
def test_every_setting_arrives(configured: Programs, setting: str, value: str) -> None:
    """A setting that the library refuses is refused by its name."""
    known = configured.known(**{"SET_SENDER": "Acme", f"SET_{setting.upper()}": value})
    assert known["code"] == "1" and known["reached"] == "0", known
    assert known["message"].startswith(setting.removesuffix("_ms")), known


@pytest.mark.parametrize(
    ("written", "to", "e164", "kind"),
    [
        ("+972 (0)50-123-4567", NUMBER, "+972501234567", "1"),
        ("02 123 4567", "021234567", "+97221234567", "2"),
    ],
)
def test_a_phone_number(configured: Programs, written: str, to: str, e164: str, kind: str) -> None:
    """It is brought to the forms that services and databases want, and to its kind."""
    known = configured.known(SET_SENDER="Acme", ASK="phone", NUMBER=written)
    assert (known["to"], known["e164"], known["kind"]) == (to, e164, kind), known
    assert known["rule_name"] == "", known


def test_a_delivery(configured: Programs) -> None:
    """What became of a message is told with all that the provider says, and verifies nobody."""
    unique = configured.known(SET_SENDER="Acme")["unique"]
    asked = {"SET_SENDER": "Acme", "ASK": "delivery", "SEND_UNIQUE": unique}
    configured.running.control(f"messages/{unique}/delivery", {"code": 15})
    configured.running.control("advance", {"seconds": 1})
    known = configured.known(**asked)
    assert (known["code"], known["reached"], known["status"]) == ("0", "1", "0"), known
    told = {name: known[f"delivery_{name}"] for name in ("state", "next", "code", "hebrew", "english")}
    assert told == {"state": "4", "next": "3", "code": "15", "hebrew": "מספר כשר", "english": "Kosher number"}
    assert re.fullmatch(r"\d\d/\d\d/\d\d \d\d:\d\d", known["delivery_date"]), known
    assert (known["delivery_operator"], known["to"]) == ("Sandbox", NUMBER), known
    known = configured.known(**asked, SET_DELIVERY_URL=NOBODY)
    assert (known["code"], known["reached"]) == ("4", "0"), known
    known = configured.known(**asked | {"SEND_UNIQUE": "no id"})
    assert (known["code"], known["rule_name"]) == ("1", "UNIQUE_INVALID"), known


def test_the_lines_that_fill_the_code_in(configured: Programs) -> None:
    """A message gets the lines of a page and of an app; what is none is refused by its rule."""
    lines = {"SEND_ORIGIN": "https://acme.example", "SEND_APP_HASH": "FA+9qCX9VSu"}
    known = configured.known(SET_SENDER="Acme", SEND_MESSAGE="Acme: ##code##", **lines)
    assert known["code"] == "0", known
    sent = configured.running.newest(NUMBER)
    assert sent.text == f"Acme: {sent.code}\nFA+9qCX9VSu\n@acme.example #{sent.code}"
    for wrong in ({"SEND_ORIGIN": "acme.example:8443"}, {"SEND_APP_HASH": "FA+9qCX9VSu0"}):
        known = configured.known(SET_SENDER="Acme", **lines | wrong)
        rule = "ORIGIN_INVALID" if "SEND_ORIGIN" in wrong else "APP_HASH_INVALID"
        assert (known["code"], known["rule_name"]) == ("1", rule), known


def test_an_inspected_message(configured: Programs) -> None:
    """What a message costs with a code of 6 digits, and what is wrong with it."""
    known = configured.known(SET_SENDER="Acme", ASK="inspect", SEND_MESSAGE="קוד: ##code##")
    assert (known["encoding"], known["length"], known["parts"]) == ("2", "11", "1"), known
    assert known["warning"].startswith("4 5 ##code## shares its line"), known
    long = {"SEND_MESSAGE": f"{'x' * 150} ##code##", "SEND_SENDER": "a name too long"}
    known = configured.known(SET_SENDER="Acme", ASK="inspect", **long)
    assert (known["encoding"], known["length"], known["parts"]) == ("1", "157", "1"), known
    assert known["warning"].startswith("14 -1 "), known


def test_a_rule_has_a_name(configured: Programs) -> None:
    """What is no number, and a setting that is refused, say which rule they break; the person is told it."""
    for ask in ("phone", "send"):
        known = configured.known(SET_SENDER="Acme", ASK=ask, NUMBER="050-12")
        assert (known["rule"], known["rule_name"]) == ("2", "PHONE_TOO_SHORT"), known
    assert known["user_text_en"] == "The phone number has too few digits.", known
    assert known["user_text_he"] == "במספר הטלפון חסרות ספרות.", known
    known = configured.known(SET_SENDER="a name too long")
    assert known["rule_name"] == "SENDER_TOO_LONG", known


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A store of the guard that lasts from one program to the next."""
    return f"file:{tmp_path}/guard"


def is_limited(known: dict[str, str], name: str, seconds: int) -> bool:
    """Whether a call was refused by this limit, and is to wait about so long, at most a sixteenth longer."""
    refused = (known["code"], known["reached"], known["limit_name"]) == ("12", "0", name)
    # Seconds are rounded up.
    return refused and seconds - 10 < int(known["retry_after"]) < seconds * 17 / 16 + 1


def test_a_send_waits(configured: Programs, store: str) -> None:
    """A second send is too soon, until an operator forgets the first."""
    guard = {"SET_SENDER": "Acme", "SET_GUARD": store}
    before = len(configured.running.messages(NUMBER))
    assert configured.known(**guard)["code"] == "0"
    known = configured.known(**guard)
    assert is_limited(known, "COOLDOWN", 30), known
    assert len(configured.running.messages(NUMBER)) == before + 1
    shown = configured.known(**guard, ASK="show")
    assert shown["code"] == "0" and "COOLDOWN 1, wait" in shown["message"], shown
    assert configured.known(**guard, ASK="forget")["code"] == "0"
    assert configured.known(**guard)["code"] == "0"


def test_an_end_user_has_own_tries(configured: Programs, store: str) -> None:
    """Whoever asked for the code has tries that a stranger does not use up."""
    guard = {"SET_SENDER": "Acme", "SET_GUARD": store, "SET_LIMIT": "7 1 500"}
    assert configured.known(**guard, SEND_END_USER="192.0.2.1")["tries_left"] == "1"
    code = configured.running.newest(NUMBER).code
    wrong = "".join(str(9 - int(digit)) for digit in code)
    stranger = guard | {"SEND_END_USER": "192.0.2.2", "ASK": "check", "SEND_CODE": wrong}
    known = configured.known(**stranger)
    assert (known["code"], known["tries_left"]) == ("2", "0"), known
    known = configured.known(**stranger)
    assert is_limited(known, "TRIES", 500), known
    asker = stranger | {"SEND_END_USER": "192.0.2.1", "SEND_CODE": code}
    known = configured.known(**asker)
    assert (known["code"], known["status"]) == ("0", "1"), known


def test_an_end_user_sends_so_often(configured: Programs, store: str) -> None:
    """To forget a number gives an end user no send back."""
    guard = {"SET_SENDER": "Acme", "SET_GUARD": store, "SET_LIMIT": "4 1 600", "SEND_END_USER": "192.0.2.7"}
    assert configured.known(**guard)["code"] == "0"
    assert configured.known(**guard, ASK="forget")["code"] == "0"
    known = configured.known(**guard)
    assert is_limited(known, "SENDS_USER", 600) and known["limit"] == "4", known


def test_programs_share_what_they_say(configured: Programs, store: str) -> None:
    """Another namespace or secret counts for itself, and without a guard nothing is counted."""
    guard = {"SET_SENDER": "Acme", "SET_GUARD": store}
    secret = {"SET_GUARD_SECRET": "0123456789abcdef"}
    others: tuple[dict[str, str], ...] = ({}, {"SET_GUARD_NAMESPACE": "other"}, secret, {"SET_NO_GUARD": "1"})
    assert [configured.known(**guard | other)["code"] for other in others] == ["0"] * len(others)
    assert configured.known(**guard | secret)["code"] == "12"
    known = configured.known(**guard, SET_NO_GUARD="1")
    assert (known["code"], known["retry_after"], known["tries_left"]) == ("0", "0", "-1"), known


def test_a_store_that_is_away(configured: Programs) -> None:
    """Nothing is sent if the program wants that, and it is sent if not."""
    guard = {"SET_SENDER": "Acme", "SET_GUARD": "redis://127.0.0.1:1", "SET_GUARD_TIMEOUT_MS": "100"}
    before = configured.running.messages(NUMBER)
    known = configured.known(**guard, SET_GUARD_FAILURE="1")
    assert (known["code"], known["reached"]) == ("13", "0"), known
    assert configured.running.messages(NUMBER) == before
    assert configured.known(**guard)["code"] == "0"


def test_plain_http_is_allowed(configured: Programs) -> None:
    """With leave the library calls another machine in clear, here through a proxy that is not there."""
    elsewhere = {"SET_URL": "http://192.0.2.1/", "SET_PROXY": "http://127.0.0.1:1/"}
    assert configured.known(SET_SENDER="Acme", SET_ALLOW_HTTP="1", **elsewhere)["code"] == "4"


def test_no_proxy(configured: Programs) -> None:
    """The environment's proxy is not used if the program says so; otherwise it is."""
    elsewhere = {"SET_URL": "https://192.0.2.1/", "HTTPS_PROXY": "ftp://127.0.0.1/"}
    assert "HTTPS_PROXY" in configured.known(SET_SENDER="Acme", **elsewhere)["message"]
    known = configured.known(SET_SENDER="Acme", SET_NO_PROXY="1", SET_TIMEOUT_MS="1", **elsewhere)
    assert known["code"] in ("4", "6"), known


def test_trust(configured: Programs, running_tls: Sandbox) -> None:
    """A CA file is trusted, and so is the system's, unless the program wants the built-in authorities."""
    secure = {"SET_SENDER": "Acme", "SET_URL": running_tls.url, "VERIFYSMS_API_KEY": RUNNING_KEY}
    assert configured.known(**secure)["code"] == "5"
    assert configured.known(**secure, SET_CA_FILE=running_tls.ca_file)["code"] == "0"
    system = secure | {"SSL_CERT_FILE": running_tls.ca_file}
    assert configured.known(**system)["code"] == "0"
    assert configured.known(**system, SET_TRUST="1")["code"] == "5"


def test_the_deadline(configured: Programs) -> None:
    """A call ends with its deadline."""
    configured.running.fail("never_answer")
    known = configured.known(SET_SENDER="Acme", SET_TIMEOUT_MS="300")
    assert (known["code"], known["reached"]) == ("6", "2"), known
    configured.running.fail("never_answer")
    known = configured.known(SET_SENDER="Acme", SEND_TIMEOUT_MS="300")
    assert (known["code"], known["reached"]) == ("6", "2"), known


def test_what_is_called_back(configured: Programs) -> None:
    """Log and counter get every call, and an interrupt function or a cancel in it ends one that waits."""
    if not configured.language.calls_back:
        pytest.skip(f"{configured.language.name} takes no functions")
    assert re.search(r"^6 .*OK", configured.known(SET_SENDER="Acme", SET_LOG="1")["log"], re.MULTILINE)
    known = configured.known(SET_SENDER="Acme", SET_EVENT="1")
    assert re.fullmatch(r"SENT 0 1 \d+ 1 0 0", known["event"]), known
    known = configured.known(SET_SENDER="Acme", SET_EVENT="1", SET_URL=NOBODY)
    assert re.fullmatch(r"FAILED 4 0 \d+ 3 0 0", known["event"]), known
    for how in ("SET_INTERRUPT", "SET_CANCEL"):
        configured.running.fail("never_answer")
        known = configured.known(SET_SENDER="Acme", **{how: "1"})
        assert (known["code"], known["reached"]) == ("10", "2"), known
        # The sandbox may not have read a request that was given up at once.
        configured.running.control("reset", {})


def test_rejected(programs: Programs) -> None:
    """The sender is a number that was not approved."""
    said = "sender number is not approved"
    programs.ends(3, 1, said, "send", NUMBER, VERIFYSMS_SENDER="0509999999")


def test_down(programs: Programs) -> None:
    """The service is down."""
    programs.ends(4, 0, "no connection", "send", NUMBER, VERIFYSMS_URL=NOBODY)


def test_refused(programs: Programs) -> None:
    """A setting is refused before anything is sent."""
    said = "sender: is longer than 11 characters"
    programs.ends(1, 0, said, "send", NUMBER, VERIFYSMS_SENDER="a name too long")


def test_limited(programs: Programs, store: str) -> None:
    """A second send is too soon, and the example says how long to wait."""
    programs.ends(0, 1, "accepted", "send", NUMBER, VERIFYSMS_GUARD=store)
    before = programs.running.messages(NUMBER)
    programs.ends(12, 0, "wait [23][0-9] s", "send", NUMBER, VERIFYSMS_GUARD=store)
    assert programs.running.messages(NUMBER) == before


def test_lost(programs: Programs) -> None:
    """The message is out, and the connection is closed without an answer."""
    before = len(programs.running.messages(NUMBER))
    programs.running.fail("lose_answer")
    programs.ends(7, 2, "do not repeat it", "send", NUMBER)
    assert len(programs.running.messages(NUMBER)) == before + 1


def test_slow(programs: Programs) -> None:
    """The answer comes after a while, and the program goes on meanwhile if it can."""
    programs.running.fail({"delay": 500})
    said = f"{programs.language.meanwhile}(.|\n)*accepted"
    programs.ends(0, 1, said, "send", NUMBER)
