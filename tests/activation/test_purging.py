from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import purging as accounts_purging
from accounts.models import InboxMessage, Message, Pin
from activation import purging
from activation.models import Activation, ActivationLetter, CorrectionRequest, QualityReport
from tests.factories import AffiliationFactory, DepartmentFactory

pytestmark = pytest.mark.django_db


def attempt(*, ended: timedelta) -> Activation:
    return Activation.objects.create(
        key_digest=str(ended), role="student", language="el", expires_at=timezone.now() - ended
    )


def test_attempts_go_after_their_hours_and_not_before() -> None:
    kept = timedelta(hours=settings.KEEP_ATTEMPTS_HOURS)
    attempt(ended=kept + timedelta(minutes=1))
    young = attempt(ended=kept - timedelta(minutes=1))
    assert purging.purge()["attempts"] == 1
    assert list(Activation.objects.all()) == [young]


def test_messages_and_pins_go_after_their_days_and_not_before() -> None:
    kept = timedelta(days=settings.KEEP_MESSAGES_DAYS)
    for age in (kept + timedelta(minutes=1), kept - timedelta(minutes=1)):
        then = timezone.now() - age
        pin = Pin.objects.create(
            purpose="activation", binding="b", person=AffiliationFactory().person, digest="d", reference="AB",
            created_at=then, expires_at=then,
        )  # fmt: skip
        message = Message.objects.create(template="activation", language="el", channel="sms", pin=pin)
        Message.objects.filter(pk=message.pk).update(created_at=then)
    accounts_purging.purge()
    assert Message.objects.count() == 1
    assert Pin.objects.count() == 1


def test_requests_go_half_a_year_after_the_decision_and_open_ones_stay() -> None:
    record = AffiliationFactory.create()
    for state, days in (("declined", 181), ("withdrawn", 181), ("declined", 179), ("asked", 400)):
        asked = CorrectionRequest.objects.create(affiliation=record, field="last_name", state=state)
        CorrectionRequest.objects.update_or_create(
            pk=asked.pk, defaults={"created_at": timezone.now() - timedelta(days=days)}
        )
    purging.purge()
    assert sorted(CorrectionRequest.objects.values_list("state", flat=True)) == ["asked", "declined"]


def test_letters_and_reports_go_when_they_are_of_no_use() -> None:
    now = timezone.now()
    for days in (91, 89):
        ActivationLetter.objects.create(
            affiliation=AffiliationFactory.create(),
            digest=str(days),
            issued_at=now,
            expires_at=now - timedelta(days=days),
        )
    for days in (181, 179):
        report = QualityReport.objects.create(department=DepartmentFactory.create(), period=str(days))
        QualityReport.objects.filter(pk=report.pk).update(created_at=now - timedelta(days=days))
    purging.purge()
    assert [letter.digest for letter in ActivationLetter.objects.all()] == ["89"]
    assert [report.period for report in QualityReport.objects.all()] == ["179"]


def test_sessions_and_the_demo_s_inbox_go_too() -> None:
    now = timezone.now()
    for name, age in (("old", timedelta(days=settings.KEEP_MESSAGES_DAYS, minutes=1)), ("young", timedelta(0))):
        Session.objects.create(session_key=name, session_data="", expire_date=now + timedelta(minutes=1) - age)
        message = InboxMessage.objects.create(channel="sms", to=name, text="123456")
        InboxMessage.objects.filter(pk=message.pk).update(sent_at=now - age)
    accounts_purging.purge()
    assert [session.session_key for session in Session.objects.all()] == ["young"]
    assert [message.to for message in InboxMessage.objects.all()] == ["young"]
