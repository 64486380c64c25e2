"""The audit trail grows and never changes."""

import pytest

from accounts import audit
from accounts.models import AuditEvent
from tests.factories import AccountFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_keeps_who_did_what_to_whom_from_where() -> None:
    actor, account, person = AccountFactory.create(), AccountFactory.create(), PersonFactory.create()
    audit.record(
        "password.reset", outcome="refused", actor=actor, person=person, account=account, address="2001:db8::1",
        reason="Lost her telephone", details={"channel": "sms"},
    )  # fmt: skip
    event = AuditEvent.objects.get()
    assert (event.act, event.outcome, event.actor, event.person, event.account) == (
        "password.reset", "refused", actor, person, account,
    )  # fmt: skip
    assert (event.address, event.reason, event.details) == ("2001:db8::1", "Lost her telephone", {"channel": "sms"})
    assert event.at


def test_an_event_is_neither_changed_nor_deleted() -> None:
    event = audit.record("account.opened")
    event.act = "nothing.happened"
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    assert AuditEvent.objects.get().act == "account.opened"
