"""Stands in for a directory server in the embedded modes: the entries are rows, and behave as a server's would.

It knows no schema, no access rules and no password policy, and keeps no password: of `userPassword` only the scheme.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from django.db import IntegrityError, transaction

from accounts.demo.models import EmbeddedEntry
from accounts.directory import Add, Attributes, Change, Found, Modify, Refused, Rename
from accounts.directory.line import refuse_in_transaction
from accounts.directory.names import dn_of, username_of

IDENTITY = "cn=uregister"


class EmbeddedDirectory:
    """See `accounts.directory.Directory`."""

    identity = IDENTITY

    def works(self) -> bool:
        return True

    def find(self, usernames: Sequence[str], attributes: Sequence[str]) -> dict[str, Found]:
        refuse_in_transaction()
        rows = EmbeddedEntry.objects.filter(username__in={username.lower() for username in usernames})
        return {row.username: _found(row, attributes) for row in rows}

    def everybody(self, attributes: Sequence[str]) -> Iterator[Found]:
        refuse_in_transaction()
        for row in EmbeddedEntry.objects.iterator(chunk_size=500):
            yield _found(row, attributes)

    def make(self, changes: Sequence[Change]) -> list[Refused | None]:
        refuse_in_transaction()
        return [_made(change) for change in changes]

    def close(self) -> None:
        """Nothing is open."""


def _made(change: Change) -> Refused | None:
    try:
        with transaction.atomic():
            match change:
                case Add():
                    _add(change)
                case Modify():
                    _modify(change)
                case Rename():
                    _rename(change)
    except IntegrityError:
        return Refused("exists")
    except Refused as refused:
        return refused
    return None


def _add(change: Add) -> None:
    username = _username(change.dn)
    held = _merged({}, change.attributes)
    # Servers add the name's own value where the entry lacks it.
    if username.lower() not in [value.lower() for value in held.get("uid", [])]:
        held = _merged(held, {}, {"uid": (username,)})
    EmbeddedEntry.objects.create(username=username.lower(), attributes=_text(held), creator=IDENTITY)


def _modify(change: Modify) -> None:
    row = _row(change.dn)
    row.attributes = _text(_merged(_values(row), change.replace, change.add))
    row.save(update_fields=["attributes"])


def _rename(change: Rename) -> None:
    row = _row(change.dn)
    row.username = change.username.lower()
    row.attributes = _text(_merged(_values(row), {"uid": (change.username,)}))
    row.save(update_fields=["username", "attributes"])


def _row(dn: str) -> EmbeddedEntry:
    row = EmbeddedEntry.objects.select_for_update().filter(username=_username(dn).lower()).first()
    if row is None:
        raise Refused("missing")
    return row


def _username(dn: str) -> str:
    try:
        return username_of(dn)
    except ValueError as error:
        raise Refused("syntax", str(error)) from None


def _merged(
    held: Mapping[str, Sequence[str]], replace: Attributes, add: Attributes | None = None
) -> dict[str, list[str]]:
    """What an entry holds afterwards; names count without regard to case and keep their first spelling."""
    spelling = {name.lower(): name for name in held}
    result = {name: list(values) for name, values in held.items()}
    for name, values in replace.items():
        result[spelling.setdefault(name.lower(), name)] = list(values)
    for name, values in (add or {}).items():
        known = result.setdefault(spelling.setdefault(name.lower(), name), [])
        known += [value for value in values if value not in known]
    return {name: values for name, values in result.items() if values}


def _text(values: Mapping[str, Sequence[str]]) -> str:
    without = {
        name: [_scheme(value) for value in held] if name == "userPassword" else held for name, held in values.items()
    }
    return json.dumps(without, ensure_ascii=False)


def _scheme(password: str) -> str:
    """`{ARGON2}…`: that there is a password, and how it is hashed."""
    found = re.match(r"\{[\w-]+\}", password)
    return f"{found[0] if found else ''}…"


def _values(row: EmbeddedEntry) -> dict[str, list[str]]:
    values: dict[str, list[str]] = json.loads(row.attributes)
    return values


def _found(row: EmbeddedEntry, attributes: Sequence[str]) -> Found:
    asked = {name.lower() for name in attributes}
    values = _values(row)
    return Found(
        dn=dn_of(values["uid"][0]),
        username=row.username,
        # A name without options asks for those with options too (RFC 4512 section 2.5.2).
        attributes={
            name: tuple(held)
            for name, held in values.items()
            if name.lower() in asked or name.lower().split(";")[0] in asked
        },
        uuid=str(row.uuid),
        creator=row.creator,
        created_at=row.created_at,
    )
