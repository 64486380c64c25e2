"""The queue of requests: who sees what, accept, decline, once, and what the person is told."""

from functools import partial
from typing import Any

import pytest
from django.test import Client, TestCase

from accounts.models import Account, AuditEvent, InboxMessage
from activation import decisions
from activation.models import CorrectionRequest
from activation.office import desk
from registry.models import Affiliation, Correction
from tests.activation.office.clerk import QUEUE, Clerk, clerk, requested
from tests.activation.visitor import LIMITED, OK, Visitor, goes_to, page, pins_sent_to
from tests.factories import AMKA, AffiliationFactory, DepartmentFactory, StaffFactory
from tests.races import race

pytestmark = pytest.mark.django_db
OTHER_AMKA = "21030500124"


def secretary(*codes: str, **fields: Any) -> Clerk:
    return clerk("secretariat", *[DepartmentFactory.create(code=code) for code in codes or ("100",)], **fields)


# ---- Who sees what --------------------------------------------------------------------------------------


def test_each_office_has_its_own_requests() -> None:
    own = requested(AffiliationFactory.create(last_name_en="Owned"))
    foreign = requested(AffiliationFactory.create(department=DepartmentFactory.create(code="200"), last_name_en="Not"))
    staff = requested(StaffFactory.create(last_name_en="Staff"))
    seen = {
        "secretary": (secretary(), [own]),
        "personnel": (clerk("personnel"), [staff]),
        "auditor": (clerk("auditor"), [own, foreign, staff]),
    }
    for visitor, expected in seen.values():
        screen = page(visitor.get(QUEUE))
        assert [one for one in (own, foreign, staff) if f"{QUEUE}{one.pk}/" in screen] == expected
        for one in (own, foreign, staff):
            assert visitor.get(f"{QUEUE}{one.pk}/").status_code == (OK if one in expected else 404)
    assert clerk("helpdesk", is_staff=True).get(QUEUE).status_code == 403


@pytest.mark.parametrize("role", ["auditor", "secretariat"])
def test_nobody_decides_about_records_of_others(role: str) -> None:
    asked = requested(AffiliationFactory.create(department=DepartmentFactory.create(code="200")))
    visitor = clerk(role, DepartmentFactory.create(code="100"))
    for act in ("accept", "decline", "reveal"):
        assert visitor.act(asked, act, reason="x", value="Παππά").status_code == 404
    asked.refresh_from_db()
    assert asked.state == "asked"
    assert "Accept" not in page(visitor.get(f"{QUEUE}{asked.pk}/"))


def test_filters_and_pages(django_assert_max_num_queries: Any) -> None:
    first, second = (
        requested(AffiliationFactory.create()),
        requested(AffiliationFactory.create(), field="gender", value="1"),
    )
    visitor = secretary()
    screen = page(visitor.get(f"{QUEUE}?field=gender"))
    assert f"{QUEUE}{second.pk}/" in screen
    assert f"{QUEUE}{first.pk}/" not in screen
    visitor.act(first, "decline", reason="No papers")
    assert f"{QUEUE}{first.pk}/" not in page(visitor.get(QUEUE))
    assert f"{QUEUE}{first.pk}/" in page(visitor.get(f"{QUEUE}?state=declined"))
    assert f"{QUEUE}{first.pk}/" in page(visitor.get(f"{QUEUE}?state=all&department={first.affiliation.department_id}"))
    assert visitor.get(f"{QUEUE}?state=nonsense&department=x&page=99").status_code == OK
    counts = []
    for _round in range(2):
        for _more in range(3):
            requested(AffiliationFactory.create())
        with django_assert_max_num_queries(30) as captured:
            visitor.get(QUEUE)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_first_page_says_how_many_wait() -> None:
    requested(AffiliationFactory.create())
    visitor = secretary()
    (link,) = [link for link in desk.links_for(visitor.account) if link.address == QUEUE]
    assert link.waiting == 1
    assert QUEUE in page(visitor.get("/admin/"))


# ---- Accept ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "changed"),
    [
        ("last_name", "Παππά", {"last_name_el": "Παππά"}),
        ("last_name", "Pappa", {"last_name_en": "Pappa"}),
        ("father_name", "Ιωάννης", {"father_name_el": "Ιωάννης"}),
        ("gender", "1", {"gender": 1}),
        ("amka", OTHER_AMKA, {"insurance_number": OTHER_AMKA}),
        ("insurance_country", "CY", {"insurance_country": "CY", "insurance_kind": "foreign"}),
    ],
)
def test_accepting_writes_a_kept_correction(field: str, value: str, changed: dict[str, Any]) -> None:
    record = AffiliationFactory.create()
    asked = requested(record, field=field, value=value)
    visitor = secretary()
    assert goes_to(visitor.act(asked, "accept")) == f"{QUEUE}{asked.pk}/"
    stored = Affiliation.objects.get(pk=record.pk)
    assert {name: getattr(stored, name) for name in changed} == changed
    kept = {one.field: one for one in Correction.objects.filter(affiliation=record)}
    assert set(changed) <= set(kept)
    assert {one.author for one in kept.values()} == {visitor.account.username}
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("accepted", visitor.account)
    event = AuditEvent.objects.get(act="correction.accepted")
    assert (event.actor, event.person) == (visitor.account, record.person)
    assert value not in event.details.values()


def test_the_office_may_write_another_value_in_due_form() -> None:
    asked = requested(AffiliationFactory.create(), field="birth_date", value="2005-03-22")
    visitor = secretary()
    assert "This is no date" in page(visitor.act(asked, "accept", value="40/3/2005"))
    visitor.act(asked, "accept", value="23/03/2005")
    assert Affiliation.objects.get().birth_date.isoformat() == "2005-03-23"  # type: ignore[union-attr] # It has one.


def test_what_the_source_alone_keeps_is_accepted_without_a_change() -> None:
    record = AffiliationFactory.create(username="")
    visitor = secretary()
    for field in ("username", "other"):
        asked = requested(record, field=field, value="", remark="Wrong department")
        assert "Mend it first in the system" in page(visitor.get(f"{QUEUE}{asked.pk}/"))
        visitor.act(asked, "accept")
    assert not Correction.objects.exists()
    newest = InboxMessage.objects.filter(to=record.email)[0].text
    assert "counts once the records have been read again" in newest


def test_the_person_is_told_without_values_and_goes_on_to_the_account() -> None:
    record = AffiliationFactory.create(birth_date=None)
    visitor = Visitor(record).begin()
    visitor.post("correction/start", **{"record-mobile": record.mobile, "record-email": record.email})
    visitor.type_pin()
    visitor.post("correction", "?field=birth_date", value="21/03/2005")
    secretary().act(CorrectionRequest.objects.get(), "accept", reason="As on your identity card")
    told = [InboxMessage.objects.filter(to=address)[0] for address in (record.mobile, record.email)]
    for message in told:
        assert not [value for value in ("2005", "21/03", "identity", record.last_name_en) if value in message.text]
        assert "/activation/answer/" in message.text
    link = told[1].text.split("/activation")[1].split()[0].rstrip("/")
    # Another browser, another day: the page says what was decided, and a PIN comes first.
    later = Visitor(record)
    screen = later.get(link.strip("/"))
    assert "As on your identity card" in page(screen)
    assert "has been corrected" in page(screen)
    assert "2005" not in page(screen).split("<main")[1].split("</main")[0]
    assert len(pins_sent_to(record.mobile)) == 1
    assert goes_to(later.post(link.strip("/"))) == "pin"
    assert goes_to(later.type_pin()) == "confirm"
    later.agree()
    assert goes_to(later.register()) == "done"
    assert Account.objects.filter(person=record.person).exists()


def test_who_has_disagreed_goes_on_where_they_stopped() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).reach_confirm()
    visitor.post("correction", "?field=last_name", value="Παππά")
    secretary().act(CorrectionRequest.objects.get(), "accept")
    link = answer_of(record)
    assert goes_to(visitor.post(link)) == "confirm"
    assert "Παππά" in page(visitor.get("confirm"))
    assert "(accepted)" in page(visitor.get("correction"))


@pytest.mark.parametrize("token", ["x", "ά", "a" * 200])
def test_a_link_that_is_none_says_so(token: str) -> None:
    answer = Visitor().get(f"answer/{token}")
    assert answer.status_code == 404
    assert "This link is too old" in page(answer)


def answer_of(record: Affiliation) -> str:
    text = InboxMessage.objects.filter(to=record.mobile)[0].text
    return "answer/" + text.split("/activation/answer/")[1].split()[0].strip("/")


# ---- Decline --------------------------------------------------------------------------------------------


def test_declining_needs_a_reason_which_the_person_reads_behind_the_link() -> None:
    record = AffiliationFactory.create()
    asked = requested(record)
    visitor = secretary()
    assert "Write why. The person is told." in page(visitor.act(asked, "decline", reason="  "))
    visitor.act(asked, "decline", reason="Your identity card says otherwise <b>")
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("declined", "Your identity card says otherwise <b>")
    assert not Correction.objects.exists()
    assert "identity card" not in InboxMessage.objects.filter(to=record.mobile)[0].text
    screen = page(Visitor().get(answer_of(record)))
    assert "Your identity card says otherwise &lt;b&gt;" in screen
    assert AuditEvent.objects.get(act="correction.declined").actor == visitor.account


def test_of_two_clicks_and_of_a_withdrawal_one_counts() -> None:
    asked = requested(AffiliationFactory.create())
    visitor = secretary()
    visitor.act(asked, "decline", reason="First")
    visitor.act(asked, "accept")
    assert "decided meanwhile" in page(visitor.get(f"{QUEUE}{asked.pk}/"))
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("declined", "First")
    withdrawn = requested(AffiliationFactory.create(), state="withdrawn")
    visitor.act(withdrawn, "accept")
    withdrawn.refresh_from_db()
    assert withdrawn.state == "withdrawn"


@pytest.mark.django_db(transaction=True)
def test_two_secretaries_at_once_decide_once() -> None:
    asked = requested(AffiliationFactory.create())
    accounts = [Account.objects.create_user(f"clerk{n}") for n in range(4)]

    def decide(account: Account) -> object:
        fresh = CorrectionRequest.objects.select_related("affiliation__person").get(pk=asked.pk)
        by = decisions.By(account, "127.0.0.1")
        if account.pk % 2:
            return decisions.decline(fresh, reason="no", by=by)
        return decisions.accept(fresh, value="Παππά", reason="", by=by)

    results = race(*[partial(decide, account) for account in accounts])
    assert sum(isinstance(result, decisions.AlreadyDecided) for result in results) == 3
    assert AuditEvent.objects.filter(act__startswith="correction.").count() == 1
    asked.refresh_from_db()
    assert Correction.objects.exists() is (asked.state == "accepted")


# ---- Whole numbers --------------------------------------------------------------------------------------


def test_an_amka_is_shown_whole_once_for_a_reason(limit: Any) -> None:
    limit("office:unmask", "1 per hour")
    asked = requested(AffiliationFactory.create(insurance_number=OTHER_AMKA), field="amka", value=AMKA)
    visitor = secretary()
    for path in (QUEUE, f"{QUEUE}{asked.pk}/"):
        assert not [number for number in (AMKA, OTHER_AMKA) if number in page(visitor.get(path))]
    assert AMKA not in page(visitor.act(asked, "reveal", reason=""))
    shown = visitor.act(asked, "reveal", reason="Compare with the certificate")
    assert AMKA in page(shown)
    assert OTHER_AMKA not in page(shown)
    assert AMKA not in page(visitor.get(f"{QUEUE}{asked.pk}/"))
    event = AuditEvent.objects.get(act="correction.unmasked")
    assert (event.actor, event.reason) == (visitor.account, "Compare with the certificate")
    assert visitor.act(asked, "reveal", reason="Again").status_code == LIMITED


def test_only_who_came_through_the_sign_in_gets_anywhere(client: Client) -> None:
    asked = requested(AffiliationFactory.create())
    for path in (QUEUE, f"{QUEUE}{asked.pk}/", f"{QUEUE}{asked.pk}/accept/"):
        with TestCase.captureOnCommitCallbacks(execute=True):
            assert client.get(path).status_code == client.post(path).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "asked"
