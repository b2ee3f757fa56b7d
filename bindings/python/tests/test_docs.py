"""Every example in a docstring, in the guide, in the README or in a page of the site is run."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import re
import urllib.request
from pathlib import Path

import pytest

import verifysms
import verifysms._verifysms

MODULES = [
    "verifysms",
    "verifysms.testing",
    "verifysms._async_client",
    "verifysms._codes",
    "verifysms._errors",
    "verifysms._phone",
]
REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = (
    REPOSITORY / "bindings/python/GUIDE.md",
    REPOSITORY / "README.md",
    *sorted(REPOSITORY.glob("docs/pages/**/*.md")),
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module(name: str):
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize(
    "kind",
    [
        verifysms.Client,
        verifysms.SendResult,
        verifysms.CheckResult,
        verifysms.DeliveryResult,
        verifysms.inspect_message,
        verifysms.normalize,
        verifysms.wait_text,
    ],
)
def test_the_examples_of_what_says_that_it_is_of_the_package(kind: object):
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    example = parser.get_doctest(kind.__doc__, {}, kind.__name__, None, 0)
    assert example.examples
    runner.run(example)
    assert runner.failures == 0


BLOCKS = [re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE) for page in PAGES]
PROGRAMS = [program for page in BLOCKS for program in page]


# The person with the phone, who types one code after the other.
PERSON = """
import builtins, json, urllib.request

answers = {typed!r}


def answer(question):
    if "number" in question:
        return "050-123-4567"
    word = answers.pop(0)
    if word == "enter":
        return ""
    if word == "expired":
        kind = {{"Content-Type": "application/json"}}
        step = urllib.request.Request("{control}/advance", b'{{"seconds": 600}}', kind)
        urllib.request.urlopen(step).close()
    with urllib.request.urlopen("{control}/messages") as messages:
        return "none" if word == "wrong" else json.load(messages)["messages"][0]["code"]


builtins.input = answer
"""


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_a_page(program: str, tmp_path, python, monkeypatch):
    from verifysms.testing import Sandbox

    with Sandbox() as sandbox:
        monkeypatch.setenv("VERIFYSMS_URL", sandbox.url)
        monkeypatch.setenv("VERIFYSMS_API_KEY", sandbox.api_key)
        if "def test_" in program:
            (tmp_path / "test_guide.py").write_text(program)
            (tmp_path / "app.py").write_text("import verifysms\nclient = verifysms.Client('the key', sender='Acme')\n")
            run = "import pytest, sys; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))"
            python(run, cwd=tmp_path)
            return
        python(PERSON.format(control=sandbox.page + "control", typed=["right"]) + program, cwd=tmp_path)


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ("prometheus_client", r'^verifysms_calls_total{code="OK",event="SENT",limit=""} 1\.0$'),
        ("prometheus_client", r'^verifysms_call_seconds_count{event="SENT"} 1\.0$'),
        ("opentelemetry", r'"attributes": {\s*"event": "SENT",\s*"code": "OK"\s*},[^{}]*"value": 1\b'),
        ("opentelemetry", r'"name": "verifysms.call.duration"'),
    ],
)
def test_the_metrics_of_the_guide_count_a_call(package: str, said: str, tmp_path, python, monkeypatch):
    from verifysms.testing import Sandbox

    (program,) = (program for program in BLOCKS[0] if f"from {package}" in program)
    with Sandbox() as sandbox:
        monkeypatch.setenv("VERIFYSMS_URL", sandbox.url)
        monkeypatch.setenv("VERIFYSMS_API_KEY", sandbox.api_key)
        done = python(program, cwd=tmp_path)
    assert re.search(said, done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_the_pages_have_programs():
    guide, readme, *site = BLOCKS
    assert len(guide) >= 4
    assert len(readme) >= 2
    assert sum(map(len, site)) >= 2


@pytest.mark.parametrize("case", json.loads((REPOSITORY / "tests/cases/tutorial.json").read_text()))
def test_the_tutorial_ends_as_it_says(case, tmp_path, python, monkeypatch):
    from verifysms.testing import Sandbox

    with Sandbox() as sandbox:
        monkeypatch.setenv("VERIFYSMS_URL", sandbox.url)
        monkeypatch.setenv("VERIFYSMS_API_KEY", sandbox.api_key)
        if case["failure"] is not None:
            sandbox.fail_next(failure=case["failure"])
        person = PERSON.format(control=sandbox.page + "control", typed=case["typed"])
        done = python(person + BLOCKS[1][1], cwd=tmp_path, status=case["status"])
        assert case["said"] in done.stdout + done.stderr


def test_the_guide_lists_what_the_sandbox_can_do():
    from verifysms.testing import Sandbox

    guide = PAGES[0].read_text()
    with Sandbox() as sandbox:
        with urllib.request.urlopen(sandbox.url.replace("/sms/verifySMS", "/control/failures")) as answer:
            catalogue = json.load(answer)
        kinds = {failure if isinstance(failure, str) else next(iter(failure)) for failure in failures(catalogue)}
        rows = re.findall(r"^\| `(\w+)=(.+?)` \|", guide, re.MULTILINE)
        written = [(name, ast.literal_eval(value)) for name, value in rows]
        told = {value if isinstance(value, str) else next(iter(value)) for name, value in written if name == "failure"}
        assert told | {"reason", "http"} == kinds
        for name, value in written:
            sandbox.fail_next(**{name: value})
        for body in (failure["body"] for failure in failures(catalogue) if "body" in failure):
            assert f'`"{body}"`' in guide or f'{{"body": "{body}"}}' in guide
    for number in catalogue["numbers"]:
        to, label = number["to"], number["label"].removeprefix("always ")
        assert (
            f"| `{to}` | {label} |" in guide
            or f"`…{to[-3:]}`" in guide
            or f"`{to}`, `" in guide
            or f", `{to}`" in guide
        )


def failures(catalogue: dict[str, list[dict[str, object]]]) -> list[object]:
    return [named["failure"] for named in catalogue["failures"]]


def test_the_guide_has_no_link_into_the_source_tree():
    """It is the long description on PyPI, where a relative link leads nowhere."""
    links = re.findall(r"\]\(([^)]+)\)", PAGES[0].read_text())
    assert not [link for link in links if not link.startswith(("https://", "#"))]
