"""Who reaches the helpdesk, whom it finds, and how much it sees."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import notices
from accounts.demo.staff import HELPDESK, SECRETARIAT, create_users
from accounts.models import Account, AuditEvent, Message, Pin
from mypassword.helpdesk.search import MOST, find
from mypassword.helpdesk.sheet import MESSAGES
from mypassword.views.helpdesk import ACTS
from registry.models import Affiliation
from registry.names import search_key
from tests.activation.visitor import LIMITED, OK, REDIRECTED, alerts, elements, text
from tests.factories import AMKA, AffiliationFactory, DepartmentFactory
from tests.mypassword.desk import DESK, REASON, Helper, account_of, content, helper, last_event, student
from tests.mypassword.holder import PASSWORD, goes_to, holder

pytestmark = pytest.mark.django_db

NOT_FOUND = 404
# What goes to the operator and to offices: about nobody's account.
OF_NOBODY = {"alarm", "quality"}


def addresses(record: Affiliation) -> list[str]:
    page = f"{DESK}{record.person_id}/"
    return [DESK, page, *(f"{page}{act.slug}/" for act in ACTS), f"{DESK}999999/", f"{page}no-such-act/"]


def names(response: Any) -> list[str]:
    """Whom a search has found."""
    return [text(heading) for heading in elements(response) if heading.name == "h3"]


# ---- Who gets in ----------------------------------------------------------------------------------------------------


def test_a_visitor_is_sent_to_sign_in_whatever_the_address(client: Client) -> None:
    for address in addresses(student()):
        for answer in (client.get(address), client.post(address, {"query": "Papadopoulou", "reason": REASON})):
            assert (answer.status_code, answer["Location"]) == (REDIRECTED, f"/mypassword/login/?next={address}")


def test_for_everybody_else_there_is_no_such_page() -> None:
    record = student()
    secretary = holder(is_staff=True, app=True)
    secretary.sign_in()
    secretary.give_code(secretary.code())
    ordinary = holder()
    ordinary.sign_in()
    for visitor in (secretary, ordinary):
        answers = [visitor.get(address) for address in addresses(record)]
        answers += [visitor.post(address, query="Papadopoulou", reason=REASON) for address in addresses(record)]
        answers.append(visitor.get("/mypassword/no-such-page/"))
        assert {answer.status_code for answer in answers} == {NOT_FOUND}
        assert not any(record.last_name_el in content(answer) for answer in answers)
    assert not AuditEvent.objects.filter(act__startswith="helpdesk").exists()


def test_without_a_second_factor_the_way_leads_to_setting_it_up() -> None:
    record = student()
    desk = helper(second_factor=False)
    for address in addresses(record):
        for answer in (desk.get(address), desk.post(address, query="Papadopoulou", reason=REASON)):
            assert goes_to(answer) == "/mypassword/second-factor/enrol/"
    assert not AuditEvent.objects.filter(act__startswith="helpdesk").exists()


def test_whoever_loses_the_permission_loses_the_desk() -> None:
    record = student()
    desk = helper()
    assert desk.see(record).status_code == OK
    desk.account.user_permissions.clear()
    assert {desk.get(address).status_code for address in addresses(record)} == {NOT_FOUND}


def test_the_demo_has_a_helpdesk_and_a_secretariat_without_that_right() -> None:
    create_users()
    create_users()
    assert Account.objects.get(username=HELPDESK.username).has_perm("accounts.help_accounts")
    assert not Account.objects.get(username=SECRETARIAT.username).has_perm("accounts.help_accounts")
    assert not Account.objects.get(username=HELPDESK.username).departments.exists()


# ---- Search ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "Παπαδοπούλου", "παπαδοπουλου μαρια", "ΠΑΠΑΔΟΠΟΥΛΟΥ", "papadopulu", "papadopoulou maria", "maria papadopoulou",
        "παπαδοπο", "papad", "it12345", "IT12345", "mpapa", "MPAPA", "+306900001234", "6900001234", "690 000 1234",
        "maria@example.org", "Maria@Example.org ", "0030 6900001234", "stored@example.org", "+306900009999",
    ],
)  # fmt: skip
def test_somebody_is_found_by_whatever_they_say(query: str) -> None:
    record = student(registration_number="it12345", username="mpapa", mobile="+306900001234", email="maria@example.org")
    Account.objects.update(recovery_email="stored@example.org", recovery_mobile="+306900009999")
    student(last_name_el="Γεωργίου", first_name_el="Άννα", username="ageorgiou")
    answer = helper().search(query)
    assert names(answer) == ["Maria Papadopoulou"]
    assert f'href="{DESK}{record.person_id}/"' in content(answer)


@pytest.mark.parametrize(
    "query", ["Γε", "Nobody", "it1234", "maria@example.o", "+30690000123", "%", "_", "a' OR 1=1", "•"]
)
def test_a_part_of_anything_but_a_name_finds_nobody(query: str) -> None:
    student(registration_number="it12345", username="mpapa", mobile="+306900001234", email="maria@example.org")
    student(last_name_el="Γεωργίου", first_name_el="Άννα", username="ageorgiou")
    answer = helper().search(query)
    assert answer.status_code == OK
    assert names(answer) == []


def test_nothing_typed() -> None:
    answer = helper().search("  ")
    assert "Type whom you are looking for." in alerts(answer)


def test_what_was_searched_for_stands_in_no_address_and_in_no_trail() -> None:
    student()
    desk = helper()
    answer = desk.search("Παπαδοπούλου")
    assert answer.request["QUERY_STRING"] == ""
    event = last_event("helpdesk.searched")
    assert (event.actor, event.details["found"], event.outcome) == (desk.account, 1, "done")
    assert "Παπαδοπούλου" not in str(event.details)
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_at_most_twenty_and_it_is_said_that_there_are_more() -> None:
    for _number in range(MOST):
        student(account=False)
    desk = helper()
    answer = desk.search("papadopoulou")
    assert len(names(answer)) == MOST
    assert "There are more" not in content(answer)
    student(account=False)
    answer = desk.search("papadopoulou")
    assert len(names(answer)) == MOST
    assert "There are more" in content(answer)


def test_names_as_typed_come_first() -> None:
    """`παπαδο` may become `παπαδοι…`, which sounds like Παπαδημητρίου."""
    student(last_name_el="Παπαδημητρίου", last_name_en="Papadimitriou", account=False)
    student(account=False)
    assert names(helper().search("παπαδο")) == ["Maria Papadopoulou", "Maria Papadimitriou"]


def test_a_person_with_two_records_is_one_line() -> None:
    record = student()
    other = AffiliationFactory.create(person=record.person, registration_number="phd1", search_name=record.search_name)
    answer = helper().search("papadopoulou")
    assert names(answer) == ["Maria Papadopoulou"]
    assert record.registration_number in content(answer)
    assert other.registration_number in content(answer)


def test_names_in_latin_letters_that_are_others_are_found_too() -> None:
    AffiliationFactory.create(
        last_name_el="Σμιτ", first_name_el="Ζαν", last_name_en="Schmidt", first_name_en="Jean",
        search_name=search_key("Σμιτ", "Ζαν"), search_name_latin=search_key("Schmidt", "Jean"),
    )  # fmt: skip
    desk = helper()
    assert names(desk.search("schmidt")) == names(desk.search("Σμιτ")) == ["Jean Schmidt"]


def test_the_number_of_queries_does_not_grow_with_the_people() -> None:
    desk = helper()
    student()
    with CaptureQueriesContext(connection) as one:
        assert len(find(desk.account, "papadopoulou").hits) == 1
    for _number in range(2):
        student()
    with CaptureQueriesContext(connection) as three:
        assert len(find(desk.account, "papadopoulou").hits) == 3
    assert len(one) == len(three) <= 5


def test_a_search_uses_indexes() -> None:
    """PostgreSQL only: a large table is never read as a whole. SQLite serves the demo."""
    desk = helper()
    records = AffiliationFactory.build_batch(3000, person=None, department=None)
    people = [record.person for record in (student() for _number in range(3))]
    for number, record in enumerate(records):
        record.person, record.search_name = people[number % 3], f"name{number:05} maria"
    Affiliation.objects.bulk_create(records)
    with CaptureQueriesContext(connection) as queries:
        find(desk.account, "papadopoulou maria")
        find(desk.account, "it12345")
        find(desk.account, "6900001234")
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_affiliation")
        for query in queries.captured_queries:
            if "GROUP BY" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "affiliation_by_name" in plan or "affiliation_by_number" in plan, plan
                assert "Seq Scan on registry_affiliation" not in plan, plan


def test_searching_is_limited(limit: Any) -> None:
    limit("helpdesk:search", "1 per hour")
    student()
    desk = helper()
    assert names(desk.search("papadopoulou"))
    answer = desk.search("papadopoulou")
    assert answer.status_code == LIMITED
    assert answer["Retry-After"]
    assert "Too many attempts." in alerts(answer)
    assert names(answer) == []


# ---- What is seen ---------------------------------------------------------------------------------------------------


def test_the_page_of_a_person_masks_what_is_theirs_alone() -> None:
    record = student(birth_date=date(2005, 3, 21))
    desk = helper()
    for answer in (desk.see(record), desk.search(record.username)):
        shown = content(answer)
        for secret in (AMKA, record.mobile, record.email, "21/03/2005", "Γεώργιος", "Georgios"):
            assert secret not in shown
        assert f"•••••{record.mobile[-3:]}" in shown
        assert "••/••/2005" in shown
        assert "•••••••••66" in shown
    shown = content(desk.see(record))
    for seen in ("Παπαδοπούλου Μαρία", record.registration_number, "Department of Informatics", record.username):
        assert seen in shown
    assert "p•••••@example.org" in shown
    assert "not set up" in shown


@pytest.mark.parametrize(
    ("fields", "state"),
    [({}, "active"), ({"blocked_at": timezone.now()}, "blocked"), ({"is_active": False}, "disabled")],
)
def test_the_state_of_the_account(fields: dict[str, Any], state: str) -> None:
    record = student()
    Account.objects.filter(person=record.person).update(**fields)
    answer = helper().see(record)
    assert text(elements(answer, id="state")[0]) == state


def test_somebody_without_an_account_and_why() -> None:
    record = student(account=False, username="", birth_date=None)
    answer = helper().see(record)
    assert text(elements(answer, id="state")[0]) == "not activated yet"
    assert "The record has a username" in content(answer)
    assert "The record has a birth date" in content(answer)
    assert "The record has an AMKA" not in content(answer)
    offered = {
        form.attributes and dict(form.attributes).get("action") for form in elements(answer) if form.name == "form"
    }
    assert f"{DESK}{record.person_id}/unmask/" in offered
    assert f"{DESK}{record.person_id}/block/" not in offered
    assert "can activate the account now" in content(helper(name="other").see(student(account=False)))


def test_recent_events_and_messages_with_their_fate() -> None:
    record = student()
    account = account_of(record)
    notices.tell(account, subject="password_changed")
    Message.objects.filter(channel="sms").update(state="failed", error="refused")
    sibling = student(mobile=record.mobile)
    notices.tell(account_of(sibling), subject="contact_changed")
    desk = helper()
    desk.act("block", record)
    shown = content(desk.see(record))
    assert "Account blocked" in shown
    assert REASON in shown
    assert shown.count("Notice of a change") == 4  # Of the password and of the block, each twice; not the sibling's.
    assert "does not know this address or number" in shown


def test_the_page_needs_as_many_queries_whatever_has_happened() -> None:
    record = student()
    desk = helper()
    with CaptureQueriesContext(connection) as few:
        desk.see(record)
    for _number in range(3):
        desk.act("end-sessions", record)
    desk.see(record)  # Also shows what the acts have said, and has the session forget it.
    with CaptureQueriesContext(connection) as many:
        desk.see(record)
    assert len(many) == len(few) < 35


# ---- Out of reach ---------------------------------------------------------------------------------------------------


def everything(desk: Helper, record: Affiliation) -> set[int]:
    """The answers to every address and act of a person."""
    fields = {"channel": "sms", "field": "recovery_mobile", "pin": "123456", "identity_seen": "on"}
    answers = [desk.see(record), *(desk.act(act.slug, record, **fields) for act in ACTS)]
    assert not any(record.registration_number in content(answer) for answer in answers)
    return {answer.status_code for answer in answers}


@pytest.mark.parametrize("rights", ["is_staff", "is_superuser", "permission", "group"])
def test_accounts_with_rights_are_out_of_reach(rights: str) -> None:
    record = student()
    account = account_of(record)
    if rights == "permission":
        account.user_permissions.set(helper(name="model").account.user_permissions.all())
    elif rights == "group":
        create_users()
        account.groups.set(Account.objects.get(username=HELPDESK.username).groups.all())
    else:
        Account.objects.filter(pk=account.pk).update(**{rights: True})
    assert Account.objects.get(pk=account.pk).has_rights
    assert Account.objects.with_rights().filter(pk=account.pk).exists()
    desk = helper()
    assert everything(desk, record) == {NOT_FOUND}
    answer = desk.search("papadopoulou")
    assert "only the administrator can help" in content(answer)
    assert f"{DESK}{record.person_id}/" not in content(answer)
    assert "•" not in content(answer)
    unchanged = Account.objects.get(pk=account.pk)
    assert (unchanged.epoch, unchanged.blocked_at, unchanged.reset_codes.count()) == (0, None, 0)
    assert not Message.objects.exists()


def test_ordinary_accounts_have_no_rights() -> None:
    account = account_of(student())
    assert not account.has_rights
    assert not Account.objects.with_rights().filter(pk=account.pk).exists()


def test_departments_limit_whom_a_helper_sees() -> None:
    own, foreign = DepartmentFactory(code="100"), DepartmentFactory(code="200")
    ours = student(department=own)
    theirs = student(department=foreign)
    gone = student(department=own, vanished_at=timezone.now())
    both = student(department=foreign)
    AffiliationFactory.create(person=both.person, department=own, registration_number="ours2")
    desk = helper(own)
    shown = content(desk.search("papadopoulou"))
    assert ours.registration_number in shown
    for record in (theirs, gone):
        assert record.registration_number not in shown
        assert names(desk.search(record.username)) == names(desk.search(record.mobile)) == []
        assert everything(desk, record) == {NOT_FOUND}
    shown = content(desk.see(both))
    assert "ours2" in shown
    assert both.registration_number not in shown
    assert PASSWORD not in shown


def test_every_message_to_a_person_is_called_by_name() -> None:
    folder = settings.BASE_DIR / "templates/messages"
    families = {path.name.partition(".")[0] for path in folder.glob("*.subject.txt")}
    assert set(Pin.Purpose.values) <= families
    assert set(MESSAGES) == families - OF_NOBODY
