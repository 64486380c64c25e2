"""What has happened to one's own account."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from accounts import access, audit
from accounts.models import AuditEvent
from tests.activation.visitor import elements, page, text
from tests.mypassword.holder import holder

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent


def test_one_reads_ones_own_events_in_words_and_nobody_elses() -> None:
    visitor, other = holder(), holder()
    visitor.sign_in(password="wrong")
    other.sign_in()
    visitor.sign_in()
    answer = visitor.get("/mypassword/events/")
    events = [text(item) for item in elements(answer, **{"class": "events"})[0].children if not isinstance(item, str)]
    assert [event.split(" ", 2)[2] for event in events] == [
        "Sign-in from 127.0.0.1",
        "Sign-in: refused, wrong password from 127.0.0.1",
    ]


def test_what_staff_did_is_told_without_who_from_where_and_why() -> None:
    visitor, staff = holder(), holder()
    visitor.sign_in()
    AuditEvent.objects.create(
        act="contact.removed", outcome="done", actor=staff.account, account=visitor.account,
        address="192.0.2.77", reason="a caller that sounded odd", details={"why": "internal"},
    )  # fmt: skip
    shown = page(visitor.get("/mypassword/events/"))
    assert "Contact for recovery removed" in shown
    assert "by staff of the university" in shown
    for secret in ("192.0.2.77", "sounded odd", staff.account.username, "internal"):
        assert secret not in shown


def test_the_latest_fifty_come_first() -> None:
    visitor = holder()
    for _turn in range(60):
        audit.record("account.signout", account=visitor.account)
    assert len(audit.own_events(visitor.account, most=50)) == 50
    access.unblock(visitor.account, actor=visitor.account)
    with translation.override("en"):
        assert audit.own_events(visitor.account, most=50)[0].text == "Account unblocked"


def test_every_act_that_is_recorded_has_a_name() -> None:
    said = re.compile(r'(?:record|_note)\(\s*"([a-z_]+\.[a-z_]+)"|\bact="([a-z_]+\.[a-z_]+)"')
    recorded = {
        act
        for app in ("accounts", "activation", "mypassword")
        for path in (ROOT / app).rglob("*.py")
        for found in said.findall(path.read_text(encoding="utf-8"))
        for act in found
        if act
    }
    assert {"account.opened", "password.changed", "second_factor.enrolled"} <= recorded <= set(audit.ACTS)
