"""The examples, whole, in their real frameworks against the sandbox."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from verifysms.testing import Sandbox

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TO = "0501234567"


def load(name: str, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox):
    monkeypatch.setenv("VERIFYSMS_API_KEY", sandbox.api_key)
    monkeypatch.setenv("VERIFYSMS_URL", sandbox.url)
    specification = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, name, module)
    specification.loader.exec_module(module)
    return module


def conversation(post, sandbox: Sandbox) -> None:
    """A person signs up: with a wrong number, a wrong code, the right one, too many tries."""
    assert post("/phone", {"number": "12"})[0] == 400
    assert post("/phone/code", {"code": "1"})[0] == 409
    status, answer = post("/phone", {"number": "050-123-4567"})
    assert (status, answer) == (200, {"sent": True})
    code = sandbox.code(TO)
    assert post("/phone/code", {"code": "no code"}) == (200, {"verified": False})
    assert post("/phone/code", {"code": code}) == (200, {"verified": True})
    assert post("/phone/code", {"code": code})[0] == 409, "verified once is enough"
    sandbox.fail_next(http_status=503)
    assert post("/phone", {"number": TO})[0] == 503
    assert post("/phone", {"number": TO})[0] == 200
    sandbox.fail_next(http_status=503)
    assert post("/phone/code", {"code": "1"})[0] == 503
    for _ in range(5):
        assert post("/phone/code", {"code": "no code"})[0] in (200, 429)
    assert post("/phone/code", {"code": sandbox.code(TO)})[0] == 429, "tries are limited"


def test_the_django_view(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    load("django_view", monkeypatch, sandbox)
    from django.test import Client

    person = Client()

    def post(path: str, fields: dict[str, str]) -> tuple[int, object]:
        answer = person.post(path, json.dumps(fields), content_type="application/json")
        return answer.status_code, answer.json()

    conversation(post, sandbox)


def test_the_fastapi_endpoint(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    module = load("fastapi_endpoint", monkeypatch, sandbox)
    from fastapi.testclient import TestClient

    with TestClient(module.app) as person:

        def post(path: str, fields: dict[str, str]) -> tuple[int, object]:
            answer = person.post(path, json=fields)
            return answer.status_code, answer.json()

        conversation(post, sandbox)
