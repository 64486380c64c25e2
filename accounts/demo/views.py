"""The pages of the demo: who can be tried out, what was sent to them, their entries. Only in the demo mode."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import wraps
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.demo.staff import USERS
from accounts.directory import DirectoryAway, Found, Refused
from accounts.directory.entry import MANAGED
from accounts.directory.line import line
from accounts.models import InboxMessage
from accounts.models.message import Channel
from registry.demo.people import CASES, Case
from registry.models import ROLE_KINDS, Role

View = Callable[[HttpRequest], HttpResponse]

# What is written, and that there is a password; never more of it than how it is hashed.
ATTRIBUTES = (*MANAGED["gunet"], "objectClass", "userPassword")
GROUPS = (
    (_("Who it is"), ("uid", "cn", "givenName", "sn", "displayName", "mail")),
    (_("What they are at the university"), ("eduPerson",)),
    (_("For services throughout Europe (SCHAC)"), ("schac",)),
    (_("For services in Greece"), ("schGrAc", "grEduPerson")),
    (_("For the directory itself"), ("objectClass", "userPassword")),
)
EPOCH = datetime.fromtimestamp(0, UTC)

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


@demo_page
def directory(request: HttpRequest) -> HttpResponse:
    found, away = _entries()
    newest = sorted(found, key=lambda entry: entry.created_at or EPOCH, reverse=True)[:SHOWN]
    shown = [{"name": _name(entry), "entry": entry, "groups": list(_groups(entry))} for entry in newest]
    return render(request, "demo/directory.html", {"entries": shown, "away": away, "count": len(found)})


@demo_page
def directory_json(request: HttpRequest) -> HttpResponse:
    found, away = _entries()
    if away:
        return JsonResponse({"error": "the directory does not answer"}, status=503)
    return JsonResponse({entry.username: {"dn": entry.dn, **entry.attributes} for entry in found})


def _entries() -> tuple[list[Found], bool]:
    """The first so many of what the directory holds, and whether it does not answer."""
    try:
        with line() as opened:
            return list(islice(opened.everybody(ATTRIBUTES), LISTED)), False
    except (DirectoryAway, Refused):
        return [], True


def _name(entry: Found) -> str:
    return next((held[0] for name in ("cn;lang-el", "cn") if (held := entry.attributes.get(name))), entry.username)


def _groups(entry: Found) -> Iterator[tuple[Promise, list[tuple[str, Sequence[str]]]]]:
    """The attributes by who defines them, in the order in which they are written."""
    for title, beginnings in GROUPS:
        rows: list[tuple[str, Sequence[str]]] = [
            (name, entry.attributes[name])
            for name in ATTRIBUTES
            if name in entry.attributes and name.startswith(beginnings)
        ]
        if rows:
            yield title, rows


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
