"""A whole Django site with one purpose: a visitor proves that a phone number is theirs.

    pip install verifysms django
    python -m verifysms sandbox &
    export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
    python django_view.py runserver

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

A visitor is known by their address. Without a proxy before Django that is REMOTE_ADDR, as the kernel saw it. A proxy
puts its own there, and adds the one that it saw to the end of X-Forwarded-For. Say how many of your own proxies a
request passes, and the entry is used that the outermost of them wrote:

    export PROXIES=1

What stands before it came with the request, and anybody can write there what they like: another address each time,
which no limit stops, or somebody else's, who is then locked out. So never take the first entry, nor a header that your
proxy passes on as it came.
"""

import json
import logging
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.management.utils import get_random_secret_key
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
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
)
django.setup()

# The visitor sees a sentence; the reason is for you. It has neither the code nor the whole number.
LOG = logging.getLogger(__name__)
PAGE = Path(__file__).with_name("sign_up.html").read_text(encoding="utf-8")
PROXIES = int(os.environ.get("PROXIES", "0"))

# One client for the whole process: it is safe for all its threads, and keeps its connections.
client = verifysms.Client(
    os.environ["VERIFYSMS_API_KEY"],
    sender="Acme",
    url=os.environ.get("VERIFYSMS_URL"),
    timeout=10,
    guard=os.environ.get("VERIFYSMS_GUARD", "memory:"),
    # Nobody has messages sent to a whole block of numbers.
    limits={verifysms.Limit.SENDS_RANGE: (20, 3600)},
)


def visitor(request: HttpRequest) -> str:
    """Return the visitor's address: that of the connection, or the one that the outermost of our proxies saw."""
    seen = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return seen[-PROXIES] if 0 < PROXIES <= len(seen) else request.META["REMOTE_ADDR"]


def posted(request: HttpRequest, name: str) -> str:
    """Return a text of the JSON body, or an empty one."""
    try:
        return str(json.loads(request.body)[name])
    except (KeyError, TypeError, ValueError):
        return ""


def language(request: HttpRequest) -> str:
    """Return the first language of the visitor's browser."""
    return request.headers.get("Accept-Language", "he").split(",")[0]


def told(request: HttpRequest, status: int, failure: verifysms.VerifySmsError, **more: bool) -> JsonResponse:
    """Return what went wrong, as a sentence for the visitor, and how many seconds to wait."""
    fields = {"text": failure.user_text(language(request)), "retry_after": failure.retry_after, **more}
    answer = JsonResponse(fields, status=status)
    if failure.retry_after:
        answer.headers["Retry-After"] = str(failure.retry_after)
    return answer


def page(_: HttpRequest) -> HttpResponse:
    """Return the page."""
    return HttpResponse(PAGE)


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
        sent = client.send(number, end_user=visitor(request), origin=os.environ.get("ORIGIN"))
    except verifysms.InvalidArgumentError as refusal:
        return told(request, 400, refusal)
    except verifysms.LimitedError as refusal:
        if refusal.limit is verifysms.Limit.COOLDOWN and request.session.get("number") == number:
            # Such as after a reload. The code that this visitor has outlives the cooldown, and can be typed.
            return told(request, 429, refusal, sent=False)
        return told(request, 429, refusal)
    except verifysms.VerifySmsError as failure:
        LOG.error("%s", failure)
        if failure.reached is not verifysms.Reached.UNKNOWN:
            return told(request, 503, failure)
        # The SMS may be on its way, and its code can be typed. Another send might text them twice.
        text = failure.user_text(language(request))
        answer, status = {"sent": None, "retry_after": failure.retry_after, "text": text}, 202
        request.session.pop("unique", None)
    else:
        answer = {"sent": True, "retry_after": sent.retry_after, "text": sent.user_text(language(request))}
        status = 200
        request.session["unique"] = sent.unique
    request.session["number"] = number
    return JsonResponse(answer, status=status)


@csrf_exempt
@require_POST
def check_code(request: HttpRequest) -> JsonResponse:
    """Check the code that the visitor typed, for the number that it was sent to and no other."""
    try:
        result = client.check(request.session.get("number", ""), posted(request, "code"), end_user=visitor(request))
    except verifysms.InvalidArgumentError as refusal:
        return told(request, 400, refusal)
    except verifysms.LimitedError as refusal:
        return told(request, 429, refusal)
    except verifysms.VerifySmsError as failure:
        LOG.error("%s", failure)
        return told(request, 503, failure)
    if result.verified:
        request.session.cycle_key()
        del request.session["number"]
        request.session["verified"] = result.to
    text = result.user_text(language(request))
    return JsonResponse({"verified": result.verified, "tries_left": result.tries_left, "text": text})


def delivery(request: HttpRequest) -> JsonResponse:
    """Say what became of the SMS, and what to do next: wait, ask for a new code, or give another number."""
    try:
        result = client.delivery(request.session.get("unique", ""))
    except verifysms.InvalidArgumentError as refusal:
        return told(request, 400, refusal)
    except verifysms.VerifySmsError as failure:
        LOG.error("%s", failure)
        return told(request, 503, failure)
    return JsonResponse({"next_step": result.next_step.name, "text": result.user_text(language(request))})


def verified(request: HttpRequest) -> JsonResponse:
    """Return the visitor's verified number, or null."""
    return JsonResponse({"number": request.session.get("verified")})


urlpatterns = [
    path("", page),
    path("phone/ready", ready),
    path("phone", send_code),
    path("phone/code", check_code),
    path("phone/delivery", delivery),
    path("phone/verified", verified),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
