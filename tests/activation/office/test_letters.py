"""Activation letters of the offices: for whom, how many, by whom, and what stands on them."""

import re
import subprocess
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts import printed_codes, roles
from accounts.models import Account, AuditEvent
from activation import letters
from activation.models import ActivationLetter
from activation.office import letters as office
from registry.models import Affiliation, Department
from tests.activation.office.clerk import Clerk, clerk
from tests.activation.visitor import Visitor, goes_to, page
from tests.factories import AffiliationFactory, DepartmentFactory, StaffFactory
from tests.races import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
LETTERS = "/admin/office/letters/"
CODE = re.compile(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}\b")
TICKED = {"identified": "on"}
# In a domain of `settings.INSTITUTIONAL_DOMAINS`: nobody can read it before there is an account.
INTERNAL = "somebody@uregister.example"


def contactless(department: Department, **values: Any) -> Affiliation:
    nothing = {"mobile_given": "", "mobile": "", "email_given": "", "email": ""}
    return AffiliationFactory.create(department=department, **(nothing | values))


@pytest.fixture
def own() -> Department:
    return DepartmentFactory.create(code="100", name_el="Τμήμα Φιλολογίας", name_en="Department of Philology")


def text_of(answer: Any) -> str:
    """The PDF's text, as another program reads it."""
    assert answer["Content-Type"] == "application/pdf", page(answer)
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True)
    return done.stdout.decode()


def pages_of(answer: Any) -> list[str]:
    return text_of(answer).split("\f")[:-1]


def people_of(answer: Any, records: list[Affiliation]) -> list[Affiliation]:
    text = text_of(answer)
    return [record for record in records if record.registration_number in text]


def letter_of(visitor: Clerk, record: Affiliation) -> str:
    """The code of a letter that the office issues for one person."""
    [code] = set(CODE.findall(text_of(visitor.post(f"{LETTERS}{record.pk}/", **TICKED))))
    return str(code)


# ---- What stands on a letter ----------------------------------------------------------------------------


def test_a_letter_says_all_in_both_languages_on_one_page(own: Department) -> None:
    record = contactless(
        own, first_name_el="Ευθύμιος", last_name_el="Ψαρράς", first_name_en="Efthymios", last_name_en="Psarras"
    )
    visitor = clerk(roles.SECRETARIAT, own)
    answer = visitor.post(LETTERS, **TICKED)
    [sheet] = pages_of(answer)
    institutions = ("Πανεπιστήμιο Παραδείγματος", "Example University")
    names = ("Ευθύμιος Ψαρράς / Efthymios Psarras", "Τμήμα Φιλολογίας / Department of Philology")
    for text in (*institutions, *names, record.registration_number, "/activation/letter/", "Signature"):
        assert text in sheet, text
    letter = ActivationLetter.objects.get()
    [code] = CODE.findall(sheet)
    assert letter.digest == letters.digest(code)
    assert f"{timezone.localtime(letter.expires_at):%d/%m/%Y}" in sheet
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_letter_opens_the_activation(own: Department) -> None:
    record = contactless(own)
    code = letter_of(clerk(roles.SECRETARIAT, own), record)
    visitor = Visitor(record)
    fields = {"role": record.role.value, "registration_number": record.registration_number, "code": code}
    assert goes_to(visitor.post("letter", **fields)) == "confirm"


def test_long_names_stay_on_their_page(own: Department) -> None:
    values = {f"{part}_name_{language}": "Ω" * 100 for part in ("first", "last") for language in ("el", "en")}
    own.name_el = own.name_en = "Τμήμα " + "Πολυτεχνικών Σπουδών " * 9
    own.save()
    contactless(own, **values)
    contactless(own)
    first, second = pages_of(clerk(roles.SECRETARIAT, own).post(LETTERS, **TICKED))
    assert [len(CODE.findall(sheet)) for sheet in (first, second)] == [1, 1]


def test_a_letter_names_the_role_as_the_screen_offers_it(own: Department) -> None:
    text = " ".join(text_of(clerk(roles.SECRETARIAT, own).post(f"{LETTERS}{contactless(own).pk}/", **TICKED)).split())
    assert "«Είμαι φοιτητής»" in text
    assert "“I am a student”" in text


# ---- For whom -------------------------------------------------------------------------------------------


def test_letters_are_for_those_who_lack_only_a_usable_contact(own: Department) -> None:
    chosen = [
        contactless(own),
        contactless(own, mobile_given="6900000000"),
        contactless(own, email_given=INTERNAL, email=INTERNAL),
        contactless(own, email_given="no address"),
    ]
    activated = contactless(own)
    activated.person.activated_at = activated.created_at
    activated.person.save()
    others = [
        AffiliationFactory.create(department=own),
        contactless(own, username=""),
        contactless(own, birth_date=None),
        contactless(own, status="inactive"),
        contactless(own, registration_number=""),
        activated,
    ]
    visitor = clerk(roles.SECRETARIAT, own)
    assert {record.pk for record in office.due(visitor.account)} == {record.pk for record in chosen}
    for record in others:
        assert visitor.get(f"{LETTERS}{record.pk}/").status_code == 404
        assert visitor.post(f"{LETTERS}{record.pk}/", **TICKED).status_code == 404
        assert f"{LETTERS}{record.pk}/" not in page(visitor.get(f"/admin/office/records/{record.pk}/"))
    assert f"{LETTERS}{chosen[0].pk}/" in page(visitor.get(f"/admin/office/records/{chosen[0].pk}/"))
    assert len(CODE.findall(text_of(visitor.post(LETTERS, **TICKED)))) == 4


def test_nobody_issues_for_another_office(own: Department) -> None:
    foreign = DepartmentFactory.create(code="200")
    mine, theirs = contactless(own), contactless(foreign)
    nothing = {"mobile_given": "", "mobile": "", "email_given": "", "email": ""}
    employee = StaffFactory.create(department=own, **nothing)
    everybody = [mine, theirs, employee]
    secretary = clerk(roles.SECRETARIAT, own)
    for record in (theirs, employee):
        assert secretary.post(f"{LETTERS}{record.pk}/", **TICKED).status_code == 404
    refused = page(secretary.post(LETTERS, department=str(foreign.pk), **TICKED))
    assert theirs.registration_number not in refused
    assert ActivationLetter.objects.count() == 0
    assert people_of(secretary.post(LETTERS, **TICKED), everybody) == [mine]
    assert people_of(clerk(roles.PERSONNEL).post(LETTERS, **TICKED), everybody) == [employee]
    for role in (roles.OPERATOR, roles.AUDITOR, roles.HELPDESK):
        other = clerk(role)
        assert {other.get(LETTERS).status_code, other.post(LETTERS, **TICKED).status_code} == {403}
        assert other.post(f"{LETTERS}{theirs.pk}/", **TICKED).status_code == 403
    assert not ActivationLetter.objects.filter(affiliation=theirs).exists()


def test_one_of_ones_departments_is_chosen(own: Department) -> None:
    second = DepartmentFactory.create(code="300")
    records = [contactless(own), contactless(second)]
    visitor = clerk(roles.SECRETARIAT, own, second)
    assert people_of(visitor.post(LETTERS, department=str(second.pk), **TICKED), records) == records[1:]
    shown = page(visitor.get(f"{LETTERS}?department={own.pk}"))
    assert [record.registration_number in shown for record in records] == [True, False]


# ---- How many, and again --------------------------------------------------------------------------------


def test_batches_are_bounded_and_go_on(own: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "BATCH", 2)
    records = [contactless(own, last_name_el=name) for name in ("Α", "Β", "Γ")]
    visitor = clerk(roles.SECRETARIAT, own)
    assert "1 person then remains" in page(visitor.get(LETTERS))
    assert people_of(visitor.post(LETTERS, **TICKED), records) == records[:2]
    assert people_of(visitor.post(LETTERS, **TICKED), records) == records[2:]
    assert "Everybody here has a valid letter." in page(visitor.get(LETTERS))
    assert "Nothing was issued" in page(visitor.post(LETTERS, **TICKED))
    assert ActivationLetter.objects.count() == 3
    # Again, the oldest first: nobody is passed over.
    assert people_of(visitor.post(LETTERS, again="on", **TICKED), records) == records[:2]
    third = people_of(visitor.post(LETTERS, again="on", **TICKED), records)
    assert records[2] in third
    assert ActivationLetter.objects.open().count() == 3


def test_a_new_letter_kills_the_older_one(own: Department) -> None:
    record = contactless(own)
    visitor = clerk(roles.SECRETARIAT, own)
    codes = [letter_of(visitor, record), letter_of(visitor, record)]
    assert "A new one makes it invalid." in page(visitor.get(f"{LETTERS}{record.pk}/"))
    assert [one.digest for one in ActivationLetter.objects.open()] == [letters.digest(codes[1])]


@pytest.mark.django_db(transaction=True)
def test_two_secretaries_at_once_issue_one_letter_for_each(own: Department) -> None:
    for _number in range(4):
        contactless(own)
    accounts = [clerk(roles.SECRETARIAT, own).account for _number in range(3)]
    results = race(*[partial(office.print_batch, one, office.due(one), again=False, address=None) for one in accounts])
    printed = [result for result in results if isinstance(result, bytes)]
    assert [type(result) for result in results if not isinstance(result, bytes)] == [office.NobodyLeft] * 2
    assert len(printed) == 1
    assert ActivationLetter.objects.count() == ActivationLetter.objects.open().count() == 4


# ---- What is asked, kept and told -----------------------------------------------------------------------


def test_the_office_says_that_it_sees_identity_cards(own: Department) -> None:
    record = contactless(own)
    visitor = clerk(roles.SECRETARIAT, own)
    for address in (LETTERS, f"{LETTERS}{record.pk}/"):
        assert "only for being handed over in person" in page(visitor.post(address))
        assert visitor.get(f"{address}?identified=on").headers["Content-Type"].startswith("text/html")
    assert ActivationLetter.objects.count() == 0


def test_too_many_batches_are_put_off(own: Department, limit: Any) -> None:
    limit("office:letters", "1 per hour")
    record = contactless(own)
    visitor = clerk(roles.SECRETARIAT, own)
    visitor.post(LETTERS, **TICKED)
    for address in (LETTERS, f"{LETTERS}{record.pk}/"):
        answer = visitor.post(address, **TICKED)
        assert "Too many attempts." in page(answer)
        assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)


def test_each_letter_is_audited_and_its_code_kept_nowhere(own: Department) -> None:
    record = contactless(own)
    visitor = clerk(roles.SECRETARIAT, own)
    code = letter_of(visitor, record)
    event = AuditEvent.objects.get(act="letter.issued")
    assert (event.actor, event.person) == (Account.objects.get(pk=visitor.account.pk), record.person)
    kept = str([*ActivationLetter.objects.values(), *AuditEvent.objects.values()])
    assert code not in kept
    assert printed_codes.normalise(code) not in kept


def test_without_its_pdf_no_letter_is_valid(own: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing fails for want of the typeface, as where the installation is broken."""
    record = contactless(own)
    visitor = clerk(roles.SECRETARIAT, own)
    code = letter_of(visitor, record)
    monkeypatch.setattr("font_roboto.font_files", {})
    with pytest.raises(KeyError):
        office.print_batch(visitor.account, office.due(visitor.account), again=True, address=None)
    assert [one.digest for one in ActivationLetter.objects.open()] == [letters.digest(code)]
