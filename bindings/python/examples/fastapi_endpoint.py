"""A whole FastAPI application with one purpose: a visitor proves that a phone number is theirs.

    pip install verifysms fastapi uvicorn itsdangerous
    python -m verifysms sandbox &
    export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
    uvicorn fastapi_endpoint:app

    GET  /phone/ready                                  -> {"ready": true}, for a page that asks for the number
    POST /phone           {"number": "050-123-4567"}   -> {"sent": true, "retry_after": 30}
    POST /phone/code      {"code": "123456"}           -> {"verified": false, "tries_left": 4}
    GET  /phone/verified                               -> {"number": "0501234567"}

The guard of the client limits how often a number is sent to and a code is guessed, by number and by visitor. It needs
no session: a visitor can bring back an older cookie, or none. It counts in the memory of one process. With several
worker processes, let them share a file (mode 0600, of the user that runs them), and with several machines a Redis:

    export VERIFYSMS_GUARD=file:/var/lib/acme/verifysms.guard
    export VERIFYSMS_GUARD=redis://10.0.0.5

A visitor is known by their address. Behind a proxy of yours, name it to uvicorn, which then takes the address that it
added to X-Forwarded-For. Never name "*": everybody could then write there what they like.

    uvicorn --forwarded-allow-ips 10.0.0.1 fastapi_endpoint:app
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware

import verifysms

# Whoever knows it can claim any number.
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe()

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


def too_many(text: str, refusal: verifysms.LimitedError) -> HTTPException:
    """Return the error that says how many seconds to wait."""
    return HTTPException(429, text, headers={"Retry-After": str(refusal.retry_after)})


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
async def send_code(phone: Phone, request: Request, response: Response) -> dict[str, bool | int | str | None]:
    """Send a code to the visitor's number."""
    try:
        number = verifysms.normalize(phone.number)
    except verifysms.InvalidArgumentError as error:
        raise HTTPException(400, str(error)) from None
    answer: dict[str, bool | int | str | None]
    try:
        sent = await client.send(number, end_user=visitor(request))
        answer = {"sent": True, "retry_after": sent.retry_after}
    except verifysms.LimitedError as refusal:
        raise too_many("That was asked for too often. Wait before you ask for another code.", refusal) from None
    except verifysms.VerifySmsError as error:
        if error.reached is not verifysms.Reached.UNKNOWN:
            raise HTTPException(503, "We could not send a code. Try again in half a minute.") from error
        # The SMS may be on its way, and its code can be typed. Another send might text them twice.
        note = "An SMS may be on its way. If it comes, type its code."
        answer = {"sent": None, "retry_after": error.retry_after, "note": note}
        response.status_code = 202
    request.session["number"] = number
    return answer


@app.post("/phone/code")
async def check_code(code: Code, request: Request) -> dict[str, bool | int | None]:
    """Check the code that the visitor typed, for the number that it was sent to and no other."""
    number = request.session.get("number")
    if number is None:
        raise HTTPException(409, "Ask for a code first.")
    try:
        result = await client.check(number, code.code, end_user=visitor(request))
    except verifysms.InvalidArgumentError as error:
        raise HTTPException(400, str(error)) from None
    except verifysms.LimitedError as refusal:
        raise too_many("Too many tries. Ask for a new code.", refusal) from None
    except verifysms.VerifySmsError as error:
        raise HTTPException(503, "We could not check the code. Type it again, or ask for a new one.") from error
    if result.verified:
        request.session.clear()
        request.session["verified"] = result.to
    return {"verified": result.verified, "tries_left": result.tries_left}


@app.get("/phone/verified")
async def verified(request: Request) -> dict[str, str | None]:
    """Return the visitor's verified number, or null."""
    return {"number": request.session.get("verified")}
