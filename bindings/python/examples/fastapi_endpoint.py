"""A whole FastAPI application with one purpose: a visitor proves that a phone number is theirs.

    pip install verifysms fastapi uvicorn itsdangerous
    python -m verifysms sandbox &
    export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
    uvicorn fastapi_endpoint:app

    GET  /phone/ready                                  -> {"ready": true}, for a page that asks for the number
    POST /phone           {"number": "050-123-4567"}   -> {"sent": true}
    POST /phone/code      {"code": "123456"}           -> {"verified": true}
    GET  /phone/verified                               -> {"number": "0501234567"}

The service documents no limits, so an application needs its own: by number, and on this side. A visitor's session will
not do, since the visitor can bring back an older cookie, or none. Whoever asks for many numbers has an SMS sent, and
billed, for each: limit that by address, or with a CAPTCHA.
"""

import hmac
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Lock
from time import monotonic

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware

import verifysms

LIFE = 600  # seconds: how long a code lives
PAUSE = 30  # seconds between two codes for a number
SENDS = 5  # codes for a number in LIFE
TRIES = 5  # of a code

# Whoever knows it can claim any number.
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe()

client = verifysms.AsyncClient(
    os.environ["VERIFYSMS_API_KEY"],
    sender="Acme",
    url=os.environ.get("VERIFYSMS_URL"),
    timeout=10,
)


class Places:
    """Places of numbers, without the numbers. In the memory of one process; several share a Redis (SET with NX, EX)."""

    def __init__(self) -> None:
        self._free_at: dict[str, float] = {}
        self._lock = Lock()

    def take(self, what: str, number: str, count: int, seconds: float) -> bool:
        """Take one of a number's places, if one is free, for so many seconds."""
        now = monotonic()
        with self._lock:
            self._free_at = {place: when for place, when in self._free_at.items() if when > now}
            free = [place for place in self._names(what, number, count) if place not in self._free_at]
            if free:
                self._free_at[free[0]] = now + seconds
        return bool(free)

    def give_back(self, what: str, number: str, count: int) -> None:
        """Free all places of this kind."""
        with self._lock:
            for place in self._names(what, number, count):
                self._free_at.pop(place, None)

    def _names(self, what: str, number: str, count: int) -> list[str]:
        digest = hmac.digest(SECRET_KEY.encode(), number.encode(), "sha256").hex()
        return [f"{what}:{place}:{digest}" for place in range(count)]


places = Places()


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
async def send_code(phone: Phone, request: Request, response: Response) -> dict[str, bool | str | None]:
    """Send a code to the visitor's number."""
    try:
        number = verifysms.normalize(phone.number)
    except verifysms.InvalidArgumentError as error:
        raise HTTPException(400, str(error)) from None
    if not (places.take("pause", number, 1, PAUSE) and places.take("send", number, SENDS, LIFE)):
        raise HTTPException(429, "A code was sent to this number a short while ago. Wait before you ask for another.")
    answer: dict[str, bool | str | None] = {"sent": True}
    try:
        await client.send(number)
    except verifysms.VerifySmsError as error:
        if error.reached is not verifysms.Reached.UNKNOWN:
            raise HTTPException(503, "We could not send a code. Try again in half a minute.") from error
        # The SMS may be on its way, and its code can be typed. Another send might text them twice.
        answer = {"sent": None, "note": "An SMS may be on its way. If it comes, type its code."}
        response.status_code = 202
    places.give_back("try", number, TRIES)
    request.session["number"] = number
    return answer


@app.post("/phone/code")
async def check_code(code: Code, request: Request) -> dict[str, bool]:
    """Check the code that the visitor typed, for the number that it was sent to and no other."""
    number = request.session.get("number")
    if number is None:
        raise HTTPException(409, "Ask for a code first.")
    if not places.take("try", number, TRIES, LIFE):
        raise HTTPException(429, "Too many tries. Ask for a new code.")
    try:
        result = await client.check(number, code.code)
    except verifysms.InvalidArgumentError as error:
        raise HTTPException(400, str(error)) from None
    except verifysms.VerifySmsError as error:
        raise HTTPException(503, "We could not check the code. Type it again, or ask for a new one.") from error
    if result.verified:
        request.session.clear()
        request.session["verified"] = result.to
    return {"verified": result.verified}


@app.get("/phone/verified")
async def verified(request: Request) -> dict[str, str | None]:
    """Return the visitor's verified number, or null."""
    return {"number": request.session.get("verified")}
