"""A whole Django site with one purpose: a visitor proves that a phone number is theirs.

    pip install verifysms django
    python -m verifysms sandbox &
    export VERIFYSMS_URL=http://127.0.0.1:8025/sms/verifySMS VERIFYSMS_API_KEY=sandbox-key
    python django_view.py runserver

    POST /phone       {"number": "050-123-4567"}   -> {"sent": true}
    POST /phone/code  {"code": "123456"}           -> {"verified": true}

The number and the tries are kept in the visitor's session: the service documents no limit, so a site needs its own.
"""

import json
import os
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

import verifysms

settings.configure(
    SECRET_KEY=os.environ.get("SECRET_KEY", "only-for-this-example"),
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1", "localhost", "testserver"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    INSTALLED_APPS=["django.contrib.sessions"],
)
django.setup()

TRIES = 5

# One client for the whole process: it is safe for all its threads, and keeps its connections.
client = verifysms.Client(
    os.environ["VERIFYSMS_API_KEY"],
    sender="Acme",
    url=os.environ.get("VERIFYSMS_URL"),
    timeout=10,
)


@csrf_exempt  # An API of JSON; a page with a form keeps Django's protection.
@require_POST
def send_code(request: HttpRequest) -> JsonResponse:
    """Text a code to the number that the visitor gives."""
    number = str(json.loads(request.body).get("number", ""))
    try:
        sent = client.send(number)
    except verifysms.InvalidArgumentError as error:
        return JsonResponse({"error": str(error)}, status=400)
    except verifysms.VerifySmsError as error:
        # Unless error.safe_to_retry, an SMS may be on its way: let the visitor decide.
        return JsonResponse(
            {"error": "We could not send a code.", "may_have_sent": not error.safe_to_retry}, status=503
        )
    request.session["phone"] = {"number": sent.to, "tries": 0}
    return JsonResponse({"sent": True})


@csrf_exempt
@require_POST
def check_code(request: HttpRequest) -> JsonResponse:
    """Check the code that the visitor typed."""
    phone = request.session.get("phone")
    if phone is None:
        return JsonResponse({"error": "Ask for a code first."}, status=409)
    if phone["tries"] >= TRIES:
        return JsonResponse({"error": "Too many tries. Ask for a new code."}, status=429)
    request.session["phone"] = {**phone, "tries": phone["tries"] + 1}
    code = str(json.loads(request.body).get("code", ""))
    try:
        result = client.check(phone["number"], code)
    except verifysms.InvalidArgumentError as error:
        return JsonResponse({"error": str(error)}, status=400)
    except verifysms.VerifySmsError:
        return JsonResponse({"error": "We could not check the code. Try again."}, status=503)
    if result:
        del request.session["phone"]
        request.session["verified_number"] = result.to
    return JsonResponse({"verified": result.verified})


urlpatterns = [path("phone", send_code), path("phone/code", check_code)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
