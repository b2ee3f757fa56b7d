"""A whole FastAPI application with one purpose: a visitor proves that a phone number is theirs.

    pip install verifysms fastapi uvicorn
    python -m verifysms sandbox &
    export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
    uvicorn fastapi_endpoint:app

    POST /phone       {"number": "050-123-4567"}   -> {"sent": true}
    POST /phone/code  {"code": "123456"}           -> {"verified": true}

The number and the tries are kept on this side, found by a random cookie: the service documents no limit, so an
application needs its own. Several processes would share them in a database.
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Cookie, FastAPI, HTTPException, Response
from pydantic import BaseModel

import verifysms

TRIES = 5


@dataclass
class Pending:
    """A number that waits for its code."""

    number: str
    tries: int = 0


pending: dict[str, Pending] = {}

client = verifysms.AsyncClient(
    os.environ["VERIFYSMS_API_KEY"],
    sender="Acme",
    url=os.environ.get("VERIFYSMS_URL"),
    timeout=10,
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the client at the end."""
    async with client:
        yield


app = FastAPI(lifespan=lifespan)


class Phone(BaseModel):
    """The number as the visitor writes it."""

    number: str


class Code(BaseModel):
    """The code as the visitor typed it."""

    code: str


@app.post("/phone")
async def send_code(phone: Phone, response: Response) -> dict[str, bool]:
    """Text a code to the number that the visitor gives."""
    try:
        sent = await client.send(phone.number)
    except verifysms.InvalidArgumentError as error:
        raise HTTPException(400, str(error)) from None
    except verifysms.VerifySmsError as error:
        # Unless error.safe_to_retry, an SMS may be on its way: let the visitor decide.
        detail = {"error": "We could not send a code.", "may_have_sent": not error.safe_to_retry}
        raise HTTPException(503, detail) from error
    visit = secrets.token_urlsafe()
    pending[visit] = Pending(sent.to)
    response.set_cookie("visit", visit, httponly=True, samesite="strict")
    return {"sent": True}


@app.post("/phone/code")
async def check_code(code: Code, visit: Annotated[str, Cookie()] = "") -> dict[str, bool]:
    """Check the code that the visitor typed."""
    phone = pending.get(visit)
    if phone is None:
        raise HTTPException(409, "Ask for a code first.")
    if phone.tries >= TRIES:
        raise HTTPException(429, "Too many tries. Ask for a new code.")
    phone.tries += 1
    try:
        result = await client.check(phone.number, code.code)
    except verifysms.InvalidArgumentError as error:
        raise HTTPException(400, str(error)) from None
    except verifysms.VerifySmsError as error:
        raise HTTPException(503, "We could not check the code. Try again.") from error
    if result:
        del pending[visit]
    return {"verified": result.verified}
