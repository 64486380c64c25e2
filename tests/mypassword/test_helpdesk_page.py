"""Whether the page of a person says what the wizard would, and who has looked at it."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from tests.activation.visitor import LIMITED, OK
from tests.mypassword.desk import DESK, REASON, content, helper, student

pytestmark = pytest.mark.django_db

NOT_FOUND = 404


@pytest.mark.parametrize("ended", [{"status": "inactive"}, {"vanished_at": timezone.now()}])
def test_a_record_that_is_not_current_leads_to_no_account(ended: dict[str, Any]) -> None:
    answer = helper().see(student(account=False, **ended))
    assert "can activate the account now" not in content(answer)
    assert "The source holds the record as current" in content(answer)


def test_a_useless_contact_beside_a_good_one_is_in_nobody_s_way() -> None:
    answer = helper().see(student(account=False, email="", email_given="maria at example"))
    assert "can activate the account now" in content(answer)
    assert "The e-mail is an address" in content(answer)
    answer = helper(name="other").see(student(account=False, mobile="", email="", email_given="maria at example"))
    assert "can activate the account now" not in content(answer)
    assert "The e-mail is an address" in content(answer)


def test_opening_the_page_of_a_person_is_kept_and_limited(limit: Any) -> None:
    limit("helpdesk:view", "2 per hour")
    desk, record = helper(), student()
    desk.see(record)
    # What is seen after an act is the same look.
    desk.act("block", record)
    assert desk.see(record).status_code == OK
    looks = AuditEvent.objects.filter(act="helpdesk.viewed")
    assert [(event.actor, event.person) for event in looks] == [(desk.account, record.person)]
    # They say nothing of the person.
    assert "opened the page" not in content(desk.see(record))
    desk.see(student())
    answer = desk.see(record)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (LIMITED, True)


@pytest.mark.parametrize("pk", [2**63, 10**30])
def test_a_number_that_no_person_has_is_not_found(pk: int) -> None:
    desk = helper()
    assert desk.get(f"{DESK}{pk}/").status_code == NOT_FOUND
    assert desk.post(f"{DESK}{pk}/block/", reason=REASON).status_code == NOT_FOUND
