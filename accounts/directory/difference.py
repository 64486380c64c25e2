"""What has to be done so that an entry becomes what it should be: no database, no network."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.directory import Add, Attributes, Found, Modify

PASSWORD, CLASSES, NAME = "userPassword", "objectClass", "uid"


@dataclass(frozen=True, slots=True)
class Desired:
    """An entry as it should be, of an account opened at `opened_at`; no password where nobody may sign in."""

    dn: str
    username: str
    attributes: Attributes
    classes: tuple[str, ...]
    password: str | None
    opened_at: datetime


def fingerprint(password: str | None) -> str:
    """What is kept of the `userPassword` last written. It is a hash already, so this need not cost anything."""
    return hashlib.sha256((password or "").encode()).hexdigest()


def addition(desired: Desired) -> Add:
    attributes = {CLASSES: desired.classes, **desired.attributes}
    if desired.password:
        attributes[PASSWORD] = (desired.password,)
    return Add(desired.dn, attributes)


def difference(desired: Desired, found: Found, *, managed: Iterable[str], password_written: str) -> Modify | None:
    """The change that makes the entry right, None when it is.

    Only `managed` attributes are replaced; object classes are added and never taken away; the name is the business of
    a rename. What was last written decides whether the password is, since the entry need not show it to us.
    """
    there = {name.lower(): values for name, values in found.attributes.items()}
    replaced: dict[str, tuple[str, ...]] = {}
    for name in managed:
        values, held = desired.attributes.get(name, ()), there.get(name.lower(), ())
        if values != held and set(values) != set(held) and name != NAME:
            replaced[name] = values
    if fingerprint(desired.password) != password_written:
        replaced[PASSWORD] = (desired.password,) if desired.password else ()
    held_classes = {value.lower() for value in there.get(CLASSES.lower(), ())}
    missing = tuple(value for value in desired.classes if value.lower() not in held_classes)
    added = {CLASSES: missing} if missing else {}
    return Modify(found.dn, replaced, added) if replaced or added else None


def carries_password(change: Add | Modify) -> bool:
    return PASSWORD in (change.attributes if isinstance(change, Add) else change.replace)


def without_password(change: Add | Modify) -> Add | Modify | None:
    """The rest of a change whose password the policy refuses; None when there is no rest."""
    if isinstance(change, Add):
        return replace(change, attributes={name: held for name, held in change.attributes.items() if name != PASSWORD})
    rest = {name: values for name, values in change.replace.items() if name != PASSWORD}
    return replace(change, replace=rest) if rest or change.add else None
