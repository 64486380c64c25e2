"""The buttons of "Why can this person not activate?": for whom, what they do, once, and in the audit trail."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import pins, roles
from accounts.messages.send import Destination
from accounts.models import Account, AuditEvent, DirectoryEntry, InboxMessage, Message
from registry import amka_service
from registry.models import Affiliation, Department, InsuranceCheck
from tests.activation.office.staff import content, member
from tests.factories import AMKA, AffiliationFactory, DepartmentFactory
from tests.services.processes import free_port
from tests.services.providers import GunetAmka, provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
SURNAME, BORN = "Παπαδοπούλου", "2005-03-21"
CURRENT = "21030500124"
State = InsuranceCheck.State


@pytest.fixture
def department() -> Department:
    return DepartmentFactory.create(code="100")


@pytest.fixture
def client(department: Department) -> Client:
    """The secretary of the department."""
    return member(roles.SECRETARIAT, department)


@pytest.fixture
def service(settings: Any, monkeypatch: Any) -> Iterator[GunetAmka]:
    monkeypatch.setattr(amka_service, "TIMEOUT", (0.5, 0.5))
    with provider(GunetAmka) as server:
        server.people[AMKA] = (BORN, SURNAME)
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def stuck(department: Department) -> Affiliation:
    """Somebody whose AMKA was objected to, whose PIN could not be sent, and whom the directory has refused."""
    record = AffiliationFactory.create(department=department)
    InsuranceCheck.objects.create(affiliation=record, state=State.DISAGREED)
    pin = pins.issue(
        purpose="activation",
        binding="b",
        person=record.person,
        destinations=[Destination("sms", record.mobile)],
        language="en",
    )
    Message.objects.filter(pin=pin).update(state="failed", error="unavailable")
    account = Account.objects.create_user(record.username, person=record.person, affiliation=record)
    DirectoryEntry.objects.create(account=account, state="refused", error="schema")
    return record


def page_of(record: Affiliation) -> str:
    return f"/admin/office/records/{record.pk}/"


def offered(client: Client, record: Affiliation) -> list[str]:
    page = content(client.get(page_of(record)))
    return [act for act in ("ask", "send", "write") if f'action="{page_of(record)}{act}/"' in page]


def do(client: Client, record: Affiliation, act: str) -> Any:
    """Press the button, as the page would have sent it whether it is there or not."""
    check = InsuranceCheck.objects.get(affiliation=record)
    form = {"seen": f"{check.state} {check.asked_at.isoformat() if check.asked_at else ''}"}
    form["message"] = str(Message.objects.get().pk)
    return client.post(f"{page_of(record)}{act}/", form, follow=True)


def acts_done() -> list[str]:
    acts = ("insurance.asked_again", "message.sent_again", "directory.retried")
    return list(AuditEvent.objects.filter(act__in=acts).order_by("pk").values_list("act", flat=True))


# ---- For whom -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        (roles.SECRETARIAT, True, ["ask", "send", "write"]),
        (roles.SECRETARIAT, False, None),
        (roles.PERSONNEL, False, None),
        (roles.OPERATOR, False, ["ask", "send", "write"]),
        (roles.AUDITOR, False, []),
        (roles.HELPDESK, False, None),
    ],
)
def test_each_role_is_offered_what_it_may_do_and_nothing_else_is_done(
    stuck: Affiliation, role: str, own: bool, may: list[str] | None
) -> None:
    other = DepartmentFactory.create(code="200")
    visitor = member(
        role, *([stuck.department] if own and stuck.department else [other] if role == "secretariat" else [])
    )
    if may is None:
        assert visitor.get(page_of(stuck)).status_code in (403, 404)
    else:
        assert offered(visitor, stuck) == may
    before = (
        list(InsuranceCheck.objects.values()),
        list(Message.objects.values()),
        list(DirectoryEntry.objects.values()),
    )
    for act in {"ask", "send", "write"} - set(may or []):
        assert do(visitor, stuck, act).status_code in (403, 404)
        assert visitor.get(f"{page_of(stuck)}{act}/").status_code in (403, 405)
    after = (
        list(InsuranceCheck.objects.values()),
        list(Message.objects.values()),
        list(DirectoryEntry.objects.values()),
    )
    assert (before, acts_done()) == (after, [])


def test_nothing_is_offered_where_it_would_not_help(client: Client, stuck: Affiliation) -> None:
    """No service to ask, a dead PIN, an entry that is being tried anyway."""
    assert offered(client, stuck) == ["send", "write"]
    Message.objects.get().pin.delete()  # type: ignore[union-attr] # It has one.
    DirectoryEntry.objects.update(state="waiting", error="")
    assert offered(client, stuck) == []


# ---- What they do ---------------------------------------------------------------------------------------


def test_the_amka_registry_is_asked_now_and_once(client: Client, stuck: Affiliation, service: GunetAmka) -> None:
    seen = {"seen": content(client.get(page_of(stuck))).partition('name="seen" value="')[2].partition('"')[0]}
    assert "confirms the number" in content(client.post(f"{page_of(stuck)}ask/", seen, follow=True))
    assert InsuranceCheck.objects.get().state == State.AGREED
    InsuranceCheck.objects.update(state=State.DISAGREED)
    # The second click of the same page asks nobody, whatever has become of the check since.
    assert "asked already" in content(client.post(f"{page_of(stuck)}ask/", seen, follow=True))
    assert len(service.calls) == 1
    event = AuditEvent.objects.get(act="insurance.asked_again")
    assert (event.actor, event.person) == (Account.objects.get(username="secretariat"), stuck.person)


@pytest.mark.parametrize(
    ("current", "state", "said"),
    [("", State.DISAGREED, "contradicts the number still"), (CURRENT, State.REPLACED, "has another number")],
)
def test_what_the_registry_says_is_said(
    stuck: Affiliation, service: GunetAmka, current: str, state: str, said: str
) -> None:
    if current:
        service.replaced[AMKA] = current
    else:
        service.people[AMKA] = (BORN, "Άλλη")
    page = content(do(member(roles.OPERATOR), stuck, "ask"))
    assert said in page
    assert [number for number in (AMKA, CURRENT) if number in page] == []
    assert InsuranceCheck.objects.get().state == state


def test_a_registry_that_is_away_is_asked_later(
    client: Client, stuck: Affiliation, service: GunetAmka, settings: Any
) -> None:
    settings.GUNET_AMKA_URL = f"http://127.0.0.1:{free_port()}/"
    assert "does not answer now" in content(do(client, stuck, "ask"))
    assert InsuranceCheck.objects.get().state == State.PENDING
    assert offered(client, stuck) == ["send", "write"]
    assert service.calls == []


def test_a_failed_message_is_sent_again_once(
    client: Client, stuck: Affiliation, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert "on its way again" in content(do(client, stuck, "send"))
        assert "can&#x27;t be sent again" in content(do(client, stuck, "send"))
    assert [message.to for message in InboxMessage.objects.all()] == [stuck.mobile]
    event = AuditEvent.objects.get(act="message.sent_again")
    assert event.person == stuck.person
    assert stuck.mobile not in str(event.details)


def test_nobody_sends_another_persons_message_by_its_key(client: Client, stuck: Affiliation) -> None:
    mine = AffiliationFactory.create(department=stuck.department)
    InsuranceCheck.objects.create(affiliation=mine)
    assert "can&#x27;t be sent again" in content(do(client, mine, "send"))
    assert Message.objects.get().state == Message.State.FAILED


def test_a_refused_entry_is_tried_again_once(client: Client, stuck: Affiliation) -> None:
    assert "being written again" in content(do(client, stuck, "write"))
    assert "Nothing is left to do" in content(do(client, stuck, "write"))
    entry = DirectoryEntry.objects.get()
    assert (entry.state, entry.wanted, entry.error) == ("waiting", 2, "")
    assert acts_done() == ["directory.retried"]
