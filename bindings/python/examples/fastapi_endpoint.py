"""A whole FastAPI application with one purpose: a visitor proves that a phone number is theirs.

    pip install verifysms fastapi uvicorn itsdangerous
    python -m verifysms sandbox &
    export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
    uvicorn fastapi_endpoint:app

    GET  /                                             -> the page, sign_up.html, at http://127.0.0.1:8000/
    GET  /phone/ready                                  -> {"ready": true}, for a page that asks for the number
    POST /phone           {"number": "050-123-4567"}   -> {"sent": true, "retry_after": 30, "text": …}
    POST /phone/code      {"code": "123456"}           -> {"verified": false, "tries_left": 4, "text": …}
    GET  /phone/delivery  "the SMS did not come"       -> {"next_step": "ANOTHER_NUMBER", "text": …}
    GET  /phone/verified                               -> {"number": "0501234567"}

Every "text" is a sentence for the visitor, also of what went wrong: in Hebrew, or in English if the browser asks for
another language. With the host of the page in ORIGIN, such as example.co.il, the browser fills the code in by itself.

The guard of the client limits how often a number is sent to and a code is guessed, by number and by visitor. It needs
no session: a visitor can bring back an older cookie, or none. It counts in the memory of one process. With several
worker processes, let them share a file (mode 0600, of the user that runs them), and with several machines a Redis:

    export VERIFYSMS_GUARD=file:/var/lib/acme/verifysms.guard
    export VERIFYSMS_GUARD=redis://10.0.0.5

A visitor is known by their address. Behind a proxy of yours, name it to uvicorn, which then takes the address that it
added to X-Forwarded-For. Never name "*": everybody could then write there what they like.

    uvicorn --forwarded-allow-ips 10.0.0.1 fastapi_endpoint:app
"""

import logging
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware

import verifysms

# Whoever knows it can claim any number.
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe()
# The visitor sees a sentence; the reason is for you. It has neither the code nor the whole number.
LOG = logging.getLogger(__name__)

client = verifysms.AsyncClient(
    os.environ["VERIFYSMS_API_KEY"],
    sender="Acme",
    url=os.environ.get("VERIFYSMS_URL"),
    timeout=10,
    guard=os.environ.get("VERIFYSMS_GUARD", "memory:"),
    # Nobody has messages sent to a whole block of numbers.
    limits={verifysms.Limit.SENDS_RANGE: (20, 3600)},
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the client at the end."""
    async with client:
        yield


app = FastAPI(lifespan=lifespan)
app.add_middleware(SessionMiddleware, secret_key=SECRET_KEY, same_site="strict")  # over TLS also https_only=True


class Phone(BaseModel):
    """The number as the visitor writes it."""

    number: str


class Code(BaseModel):
    """The code as the visitor typed it."""

    code: str


def visitor(request: Request) -> str | None:
    """Return the visitor's address, as uvicorn knows it."""
    return request.client and request.client.host


def language(request: Request) -> str:
    """Return the first language of the visitor's browser."""
    return request.headers.get("Accept-Language", "he").split(",")[0]


def told(request: Request, status: int, failure: verifysms.VerifySmsError, **more: bool) -> JSONResponse:
    """Return what went wrong, as a sentence for the visitor, and how many seconds to wait."""
    fields = {"text": failure.user_text(language(request)), "retry_after": failure.retry_after, **more}
    headers = {"Retry-After": str(failure.retry_after)} if failure.retry_after else None
    return JSONResponse(fields, status, headers)


@app.exception_handler(verifysms.InvalidArgumentError)
async def refused(request: Request, refusal: verifysms.InvalidArgumentError) -> JSONResponse:
    """Say what is wrong with what the visitor typed."""
    return told(request, 400, refusal)


@app.exception_handler(verifysms.LimitedError)
async def limited(request: Request, refusal: verifysms.LimitedError) -> JSONResponse:
    """Say how long to wait."""
    return told(request, 429, refusal)


@app.exception_handler(verifysms.VerifySmsError)
async def failed(request: Request, failure: verifysms.VerifySmsError) -> JSONResponse:
    """Say what the visitor can do, whatever went wrong."""
    LOG.error("%s", failure)
    return told(request, 503, failure)


@app.get("/")
async def page() -> FileResponse:
    """Return the page."""
    return FileResponse(Path(__file__).with_name("sign_up.html"))


@app.get("/phone/ready")
async def ready() -> dict[str, bool]:
    """Open a connection while the visitor types their number, so that the SMS goes out sooner."""
    try:
        await client.connect()
    except verifysms.VerifySmsError:
        # The send connects by itself, and reports what is wrong.
        return {"ready": False}
    return {"ready": True}


@app.post("/phone")
async def send_code(phone: Phone, request: Request) -> JSONResponse:
    """Send a code to the visitor's number."""
    number = verifysms.normalize(phone.number)
    try:
        sent = await client.send(number, end_user=visitor(request), origin=os.environ.get("ORIGIN"))
    except verifysms.LimitedError as refusal:
        if refusal.limit is not verifysms.Limit.COOLDOWN or request.session.get("number") != number:
            raise
        # Such as after a reload. The code that this visitor has outlives the cooldown, and can be typed.
        return told(request, 429, refusal, sent=False)
    except verifysms.VerifySmsError as failure:
        if failure.reached is not verifysms.Reached.UNKNOWN:
            raise
        LOG.error("%s", failure)
        # The SMS may be on its way, and its code can be typed. Another send might text them twice.
        text = failure.user_text(language(request))
        answer = JSONResponse({"sent": None, "retry_after": failure.retry_after, "text": text}, 202)
        request.session.pop("unique", None)
    else:
        text = sent.user_text(language(request))
        answer = JSONResponse({"sent": True, "retry_after": sent.retry_after, "text": text})
        request.session["unique"] = sent.unique
    request.session["number"] = number
    return answer


@app.post("/phone/code")
async def check_code(code: Code, request: Request) -> dict[str, bool | int | str | None]:
    """Check the code that the visitor typed, for the number that it was sent to and no other."""
    result = await client.check(request.session.get("number", ""), code.code, end_user=visitor(request))
    if result.verified:
        request.session.clear()
        request.session["verified"] = result.to
    text = result.user_text(language(request))
    return {"verified": result.verified, "tries_left": result.tries_left, "text": text}


@app.get("/phone/delivery")
async def delivery(request: Request) -> dict[str, str]:
    """Say what became of the SMS, and what to do next: wait, ask for a new code, or give another number."""
    result = await client.delivery(request.session.get("unique", ""))
    return {"next_step": result.next_step.name, "text": result.user_text(language(request))}


@app.get("/phone/verified")
async def verified(request: Request) -> dict[str, str | None]:
    """Return the visitor's verified number, or null."""
    return {"number": request.session.get("verified")}
