"""Everybody who may send a request, each in the middle of something, with what only they know."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.test import Client

from accounts import roles
from accounts.demo.models import CODE
from accounts.models import Account
from activation import letters
from tests.activation.office.staff import member
from tests.activation.visitor import Visitor
from tests.factories import AffiliationFactory, WithoutAmkaFactory
from tests.mypassword.forgetful import CONTACTS, Forgetful, forgetful
from tests.mypassword.holder import PASSWORD, holder
from tests.uregister.walk import Records, make_records

# Any 32 letters may be the secret of the cookie, and as they are the token of the form.
CSRF = "fuzzed" + "0123456789abcdefghijklmnop"


@dataclass
class Sender:
    """Whose cookies are sent, where they lead somewhere, and the values worth typing that only they know."""

    name: str
    cookies: dict[str, str]
    at: tuple[str, ...]
    knows: list[str] = field(default_factory=list)

    def may_try(self, address: str) -> bool:
        return address.startswith(self.at)

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def everybody() -> list[Sender]:
    """Their records and accounts are made here, in the test's transaction."""
    records = make_records()
    wizard = [_sender(name, ("/activation/", "/i18n/"), *make()) for name, make in WIZARD.items()]
    holders = [_sender(name, ("/mypassword/",), *make()) for name, make in HOLDERS.items()]
    return [*wizard, *holders, *_staff(records), Sender("anonymous", {"csrftoken": CSRF}, ("/",))]


def _sender(name: str, at: tuple[str, ...], client: Client, knows: list[str]) -> Sender:
    cookies = {key: morsel.coded_value for key, morsel in client.cookies.items()}
    return Sender(name, cookies | {"csrftoken": CSRF}, at, knows)


# ---- The activation -------------------------------------------------------------------------------------


def _at_contact() -> tuple[Client, list[str]]:
    record = AffiliationFactory.create()
    return Visitor(record).begin().client, [record.mobile, record.email]


def _at_clarify() -> tuple[Client, list[str]]:
    one, other = AffiliationFactory.create_batch(2, mobile="+306900005555")
    visitor = Visitor(one).begin()
    visitor.give_contact()
    return visitor.client, [one.registration_number, other.registration_number]


def _at_insurance() -> tuple[Client, list[str]]:
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    visitor.give_contact()
    return visitor.client, ["21030500066", "09010600078"]


def _at_pin() -> tuple[Client, list[str]]:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    return visitor.client, [visitor.pin()]


def _at_confirm() -> tuple[Client, list[str]]:
    return Visitor(AffiliationFactory.create()).reach_confirm().client, ["agree", "disagree"]


def _at_password() -> tuple[Client, list[str]]:
    return Visitor(AffiliationFactory.create()).reach_password().client, ["korydallos-72-Vrachos"]


def _refused() -> tuple[Client, list[str]]:
    visitor = Visitor(AffiliationFactory.create(birth_date=None)).begin()
    visitor.give_contact()
    return visitor.client, ["birth_date", "amka", "2005-03-21"]


def _done() -> tuple[Client, list[str]]:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    visitor.register()
    return visitor.client, []


def _with_letter() -> tuple[Client, list[str]]:
    record = AffiliationFactory.create(mobile="", mobile_given="", email="", email_given="")
    issuer = Account.objects.create_user("issuer", is_staff=True)
    letter = letters.issue([record], issued_by=issuer)[0]
    return Visitor(record).begin().client, [letter.code, record.registration_number]


WIZARD = {
    "at the contact": _at_contact, "before two records": _at_clarify, "at the insurance number": _at_insurance,
    "at the PIN": _at_pin, "at the confirmation": _at_confirm, "at the password": _at_password,
    "refused": _refused, "done": _done, "with a letter": _with_letter,
}  # fmt: skip


# ---- Holders of accounts --------------------------------------------------------------------------------


def _signed_in() -> tuple[Client, list[str]]:
    person = forgetful(signed_in=True)
    return person.client, [PASSWORD, str(person.account.recovery_mobile), person.account.recovery_email]


def _proving_a_contact() -> tuple[Client, list[str]]:
    person = forgetful(signed_in=True)
    person.change(email="another@example.org")
    return person.client, [person.pin("another@example.org"), CONTACTS]


def _owing_a_code() -> tuple[Client, list[str]]:
    person = holder(app=True)
    person.sign_in()
    return person.client, [person.code()]


def _recovering(reach: Callable[[Forgetful], Forgetful]) -> tuple[Client, list[str]]:
    person = reach(forgetful())
    return person.client, [person.pin(), PASSWORD, person.account.username]


HOLDERS = {
    "signed in": _signed_in,
    "proving a contact": _proving_a_contact,
    "owing a code": _owing_a_code,
    "recovering, at the PIN": lambda: _recovering(Forgetful.reach_pin),
    "recovering, at the password": lambda: _recovering(Forgetful.reach_password),
}


# ---- Staff ----------------------------------------------------------------------------------------------


def _staff(records: Records) -> list[Sender]:
    department = records["A"].department
    assert department is not None
    clients = {
        "secretariat": member(roles.SECRETARIAT, department, name="fuzzed-secretariat"),
        "personnel": member(roles.PERSONNEL, name="fuzzed-personnel"),
        "helpdesk": member(roles.HELPDESK, name="fuzzed-helpdesk"),
        "operator": member(roles.OPERATOR, name="fuzzed-operator"),
        "auditor": member(roles.AUDITOR, name="fuzzed-auditor"),
        "administrator": member("", name="fuzzed-administrator", is_superuser=True),
    }
    known = [CODE, *(value for record in records.values() for value in (str(record.pk), record.registration_number))]
    return [_sender(name, ("/admin/", "/mypassword/"), client, known) for name, client in clients.items()]
