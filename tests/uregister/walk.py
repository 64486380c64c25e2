"""Every address of the administration, the people whose records it shows, and everybody who may ask for it."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import roles
from accounts.models import AuditEvent, Message, Pin
from activation.models import CorrectionRequest
from registry.corrections import correct
from registry.models import Affiliation, Correction, InsuranceCheck
from tests.activation.office.staff import member, person
from tests.factories import DepartmentFactory

PARAMETER = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")
# A student in each of two departments, and an employee of a third.
MARKS = {"A": "Αλφαμάρκος", "B": "Βηταμάρκος", "S": "Σιγμαμάρκος"}
# Of a model. What belongs to the records comes first, see `make_records`; then what whoever walks leaves behind.
MOST_ROWS = 5
Records = dict[str, Affiliation]

# ---- Addresses ------------------------------------------------------------------------------------------


def routes(resolver: Any = None, prefix: str = "admin/") -> Iterator[tuple[str, Any]]:
    """(route, view) of each address of the site, as `path` writes routes; not of its end, which takes all others."""
    if resolver is None:
        resolver = next(part for part in get_resolver().url_patterns if str(part.pattern) == prefix)
    for part in resolver.url_patterns:
        route = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from routes(part, route)
        elif isinstance(part, URLPattern) and "(?P<" not in route:
            yield route, part.callback


def addresses(records: Records, *, most_rows: int = MOST_ROWS) -> list[str]:
    """Each address once for each row that it could show: of a model's pages its rows, of others the records."""
    rows = {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/": list(
            model._default_manager.order_by("pk").values_list("pk", flat=True)[:most_rows]
        )
        for model in admin.site._registry
    }
    found = set()
    for route, _view in routes():
        keys = next((keys for prefix, keys in rows.items() if route.startswith(prefix)), None)
        if keys is None:
            keys = [record.pk for record in records.values()]
        for key in keys if PARAMETER.search(route) else [0]:
            found.add("/" + filled(route, key))
    return sorted(found - {"/admin/logout/", "/admin/login/"})


def one_of_each(records: Records) -> list[str]:
    """Each address once, about the first record: for who is turned away before anybody is looked for."""
    return addresses(dict(list(records.items())[:1]), most_rows=1)


def filled(route: str, key: Any) -> str:
    return PARAMETER.sub(lambda blank: "mobile_given" if blank["name"] == "field" else str(key), route)


def questions(records: Records) -> list[str]:
    """Lists searched and narrowed down, autocompletion of every relation, the apps' own pages."""
    models = [model._meta for model in admin.site._registry]
    records_list = "/admin/registry/affiliation/"
    asked = [f"/admin/{app}/" for app in sorted({meta.app_label for meta in models})]
    asked += [f"/admin/{meta.app_label}/{meta.model_name}/?q=mark" for meta in models]
    for record in records.values():
        asked += [f"{records_list}?q={record.username}", f"{records_list}?department__id__exact={record.department_id}"]
    filters = ("activation=can", "activation=cannot", "activation=activated", "messages=failed", "requests=waiting")
    asked += [f"{records_list}?{chosen}" for chosen in filters]
    for meta in models:
        for field in meta.get_fields():
            if field.is_relation and not field.auto_created:
                about = f"app_label={meta.app_label}&model_name={meta.model_name}&field_name={field.name}"
                asked.append(f"/admin/autocomplete/?term=mark&{about}")
    return asked


# ---- People ---------------------------------------------------------------------------------------------


def make_records() -> Records:
    """Each with everything that a page could show of it. All have one mobile, which must tell nobody of the others."""
    made = {}
    for number, (key, mark) in enumerate(MARKS.items(), start=1):
        department = DepartmentFactory.create(code=f"{number}00", name_el=f"Τμήμα {number}", email="")
        made[key] = person(
            department=department,
            kind="faculty" if key == "S" else "student",
            source="hrms" if key == "S" else "sis",
            last_name_el=mark,
            last_name_en=f"Mark{key}",
            registration_number=f"number{key}",
            username=f"mark{key.lower()}",
            mobile=f"+3069000077{number:02}",
            email=f"mark{key.lower()}@example.org",
        )
    for record in made.values():
        correct(record, {"mobile_given": "+306900007799"}, by="somebody")
        InsuranceCheck.objects.create(affiliation=record, state="disagreed")
        # By the record's own key: an address with this key is about this record, whatever it counts.
        CorrectionRequest.objects.create(
            pk=record.pk, affiliation=record, field="other", remark=f"I am {record.last_name_el}", language="el"
        )
        AuditEvent.objects.create(act="account.opened", outcome="done", person=record.person, reason=str(record))
        at = AuditEvent.objects.latest("pk").at
        pin = Pin.objects.create(
            purpose="activation",
            binding="b",
            person=record.person,
            digest="d",
            reference="AB",
            created_at=at,
            expires_at=at,
        )
        Message.objects.create(
            template="activation", language="el", channel="email", destination=record.email, pin=pin, state="failed"
        )
    return made


def told(page: str, record: Affiliation) -> list[str]:
    """What of this record stands on the page."""
    kept = Correction.objects.filter(affiliation=record).values_list("source_value", flat=True)
    secrets = [record.last_name_el, record.last_name_en, record.registration_number, record.email, *kept]
    return [secret for secret in secrets if secret in page]


# ---- Everybody ------------------------------------------------------------------------------------------


def everybody(records: Records) -> dict[str, tuple[Client, str]]:
    """A client for each, and the keys of the records that it may see."""
    a, b = (record.department for record in (records["A"], records["B"]))
    assert a is not None
    assert b is not None
    return {
        "secretariat A": (member(roles.SECRETARIAT, a, name="seca"), "A"),
        "secretariat B": (member(roles.SECRETARIAT, b, name="secb"), "B"),
        "secretariat of nothing": (member(roles.SECRETARIAT, name="secn"), ""),
        "personnel": (member(roles.PERSONNEL, name="pers"), "S"),
        "helpdesk": (member(roles.HELPDESK, name="help"), ""),
        "operator": (member(roles.OPERATOR, name="oper"), "ABS"),
        "auditor": (member(roles.AUDITOR, name="audi"), "ABS"),
        "manager of rights": (manager(), ""),
        "no role": (member("", name="none"), ""),
        "plain account": (member("", name="plain", is_staff=False), ""),
        "no second factor": (member(roles.SECRETARIAT, a, name="weak", second_factor=False), ""),
        "anonymous": (Client(HTTP_ACCEPT_LANGUAGE="en"), ""),
    }


def manager() -> Client:
    """Somebody who may give roles, by a group that an institution has made."""
    group = Group.objects.create(name="giving roles")
    group.permissions.set(Permission.objects.filter(codename="manage_rights"))
    return member(group.name, name="mana")


def body(answer: HttpResponse) -> str:
    """The text of a page, or the bytes of an export as far as they are text."""
    raw = b"".join(answer) if answer.streaming else answer.content
    return raw.decode("utf-8", "replace")
