"""A whole Django site with one purpose: a visitor proves that a phone number is theirs.

    pip install verifysms django
    python -m verifysms sandbox &
    export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
    python django_view.py runserver

    GET  /phone/ready                                  -> {"ready": true}, for a page that asks for the number
    POST /phone           {"number": "050-123-4567"}   -> {"sent": true}
    POST /phone/code      {"code": "123456"}           -> {"verified": true}
    GET  /phone/verified                               -> {"number": "0501234567"}

The service documents no limits, so a site needs its own: by number, and in the site's cache. A visitor's session will
not do, since the visitor can bring back an older cookie, or none. Whoever asks for many numbers has an SMS sent, and
billed, for each: limit that by address, or with a CAPTCHA.
"""

import json
import os
import sys

import django
from django.conf import settings
from django.core.cache import cache
from django.core.management import execute_from_command_line
from django.core.management.utils import get_random_secret_key
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

import verifysms

settings.configure(
    # Whoever knows it can claim any number.
    SECRET_KEY=os.environ.get("SECRET_KEY") or get_random_secret_key(),
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1", "localhost", "testserver"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    # The memory of one process; several processes share a Redis or memcached. It must be large enough to evict nothing.
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 10_000_000},
        }
    },
)
django.setup()

LIFE = 600  # seconds: how long a code lives
PAUSE = 30  # seconds between two codes for a number
SENDS = 5  # codes for a number in LIFE
TRIES = 5  # of a code

# One client for the whole process: it is safe for all its threads, and keeps its connections.
client = verifysms.Client(
    os.environ["VERIFYSMS_API_KEY"],
    sender="Acme",
    url=os.environ.get("VERIFYSMS_URL"),
    timeout=10,
)


def places(what: str, number: str, count: int) -> list[str]:
    """Return the cache keys of a number's places. They do not show the number."""
    digest = salted_hmac("verifysms", number, algorithm="sha256").hexdigest()
    return [f"verifysms:{what}:{place}:{digest}" for place in range(count)]


def take(what: str, number: str, count: int, seconds: int) -> bool:
    """Take one of a number's places, if one is free, for so many seconds. `add` is atomic."""
    return any(cache.add(place, 1, seconds) for place in places(what, number, count))


def posted(request: HttpRequest, name: str) -> str:
    """Return a text of the JSON body, or an empty one."""
    try:
        return str(json.loads(request.body)[name])
    except (KeyError, TypeError, ValueError):
        return ""


def error(status: int, text: str) -> JsonResponse:
    """Return an error response."""
    return JsonResponse({"error": text}, status=status)


def ready(_: HttpRequest) -> JsonResponse:
    """Open a connection while the visitor types their number, so that the SMS goes out sooner."""
    try:
        client.connect()
    except verifysms.VerifySmsError:
        # The send connects by itself, and reports what is wrong.
        return JsonResponse({"ready": False})
    return JsonResponse({"ready": True})


@csrf_exempt  # A JSON API; a page with a form keeps Django's protection.
@require_POST
def send_code(request: HttpRequest) -> JsonResponse:
    """Send a code to the visitor's number."""
    try:
        number = verifysms.normalize(posted(request, "number"))
    except verifysms.InvalidArgumentError as refusal:
        return error(400, str(refusal))
    if not (take("pause", number, 1, PAUSE) and take("send", number, SENDS, LIFE)):
        return error(429, "A code was sent to this number a short while ago. Wait before you ask for another.")
    answer, status = {"sent": True}, 200
    try:
        client.send(number)
    except verifysms.VerifySmsError as failure:
        if failure.reached is not verifysms.Reached.UNKNOWN:
            return error(503, "We could not send a code. Try again in half a minute.")
        # The SMS may be on its way, and its code can be typed. Another send might text them twice.
        answer, status = {"sent": None, "note": "An SMS may be on its way. If it comes, type its code."}, 202
    cache.delete_many(places("try", number, TRIES))
    request.session["number"] = number
    return JsonResponse(answer, status=status)


@csrf_exempt
@require_POST
def check_code(request: HttpRequest) -> JsonResponse:
    """Check the code that the visitor typed, for the number that it was sent to and no other."""
    number = request.session.get("number")
    if number is None:
        return error(409, "Ask for a code first.")
    if not take("try", number, TRIES, LIFE):
        return error(429, "Too many tries. Ask for a new code.")
    try:
        result = client.check(number, posted(request, "code"))
    except verifysms.InvalidArgumentError as refusal:
        return error(400, str(refusal))
    except verifysms.VerifySmsError:
        return error(503, "We could not check the code. Type it again, or ask for a new one.")
    if result.verified:
        request.session.cycle_key()
        del request.session["number"]
        request.session["verified"] = result.to
    return JsonResponse({"verified": result.verified})


def verified(request: HttpRequest) -> JsonResponse:
    """Return the visitor's verified number, or null."""
    return JsonResponse({"number": request.session.get("verified")})


urlpatterns = [
    path("phone/ready", ready),
    path("phone", send_code),
    path("phone/code", check_code),
    path("phone/verified", verified),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
