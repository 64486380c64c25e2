"""Accounts, and what the embedded directory holds of them."""

import json
from typing import Any

from django.utils import timezone

from accounts import opening
from accounts.demo.models import EmbeddedEntry
from accounts.directory import Add
from accounts.directory.line import line
from accounts.directory.names import dn_of
from accounts.models import Account, DirectoryEntry
from tests.factories import AffiliationFactory

HASH = "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"


def activated(**fields: Any) -> Account:
    return opening.open_account(AffiliationFactory(**fields), password_hash=HASH)


def held(username: str) -> dict[str, list[str]]:
    """What the directory holds of somebody; empty where there is no entry."""
    row = EmbeddedEntry.objects.filter(username=username).first()
    values: dict[str, list[str]] = json.loads(row.attributes) if row else {}
    return values


def put(username: str, **values: list[str]) -> None:
    """Somebody changes an entry by hand."""
    EmbeddedEntry.objects.filter(username=username).update(attributes=json.dumps(held(username) | values))


def entry_of(account: Account) -> DirectoryEntry:
    return DirectoryEntry.objects.get(account=account)


def due_now(account: Account) -> None:
    DirectoryEntry.objects.filter(account=account).update(due_at=timezone.now())


def strangers(username: str, **changes: Any) -> None:
    """An entry of somebody else, made as we make ours but for `changes`."""
    with line() as directory:
        directory.make([Add(dn_of(username), {"objectClass": ("top",), "uid": (username,), "cn": ("Stranger",)})])
    EmbeddedEntry.objects.filter(username=username).update(**changes)
