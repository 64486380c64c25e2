"""The pages of the demo: who can be tried out, and what was sent to them. They exist in the demo mode only."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.demo.staff import USERS
from accounts.models import InboxMessage
from accounts.models.message import Channel
from registry.demo.people import CASES, Case
from registry.models import ROLE_KINDS, Role

View = Callable[[HttpRequest], HttpResponse]

# Enough for whoever looks for the last PIN; the demo is no archive.
SHOWN = 30
LISTED = 1000


def demo_page(view: View) -> View:
    """Public, read-only, never cached, and not there at all outside the demo, even if an address leads here."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request)

    return login_not_required(never_cache(require_safe(guarded)))


@demo_page
def guide(request: HttpRequest) -> HttpResponse:
    people = [_described(case) | {"role_names": [Role(role).label for role in _roles(case)]} for case in CASES]
    return render(request, "demo/guide.html", {"people": people, "users": USERS})


@demo_page
def people_json(request: HttpRequest) -> HttpResponse:
    people = [_described(case) for case in CASES]
    users = [{key: getattr(user, key) for key in ("role", "username", "password", "second_factor")} for user in USERS]
    return JsonResponse({"people": people, "users": users})


@demo_page
def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/inbox.html", {"sms": _latest(Channel.SMS), "mails": _latest(Channel.EMAIL)})


@demo_page
def inbox_json(request: HttpRequest) -> HttpResponse:
    rows = InboxMessage.objects.values("channel", "to", "subject", "text", "sent_at")[:LISTED]
    return JsonResponse(list(rows), safe=False)


def _described(case: Case) -> dict[str, Any]:
    """The fixed person as JSON and the page show them."""
    person = case.person
    return {
        "name": person.full_name,
        "mobile": person.mobile,
        "email": person.email,
        "roles": _roles(case),
        "registration_number": person.registration_number,
        "username": person.username,
        "birth_date": person.birth_date,
        "amka": case.amka,
        "case": str(case.text),
    }


def _roles(case: Case) -> list[str]:
    kinds = {record.kind for record in case.records}
    return [role.value for role, possible in ROLE_KINDS.items() if kinds.intersection(possible)]


def _latest(channel: Channel) -> list[dict[str, Any]]:
    """The newest messages of a channel, each with the PIN that stands in it, so that the page can show it large."""
    messages = InboxMessage.objects.filter(channel=channel)[:SHOWN]
    return [{"message": message, "pin": _pin(message.text)} for message in messages]


def _pin(text: str) -> str:
    found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
    return found[0] if found else ""
