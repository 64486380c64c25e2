"""Somebody at the helpdesk, and the people they help."""

import re
from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpResponse

from accounts.models import Account, AuditEvent, InboxMessage, Message
from mypassword.models import ResetCode
from registry.models import Affiliation, Department
from registry.names import search_key
from tests.activation.visitor import elements, pins_sent_to, text
from tests.factories import AffiliationFactory
from tests.mypassword.holder import PASSWORD, Holder, goes_to, with_app

DESK = "/mypassword/helpdesk/"
NOT_FOUND = 404
CODE_FORM = re.compile(r"\b(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}\b")
# What each act needs beside its reason.
FIELDS: dict[str, dict[str, str]] = {
    "caller": {"channel": "sms"},
    "reset-message": {"channel": "sms"},
    "reset-letter": {"identity_seen": "on"},
    "unmask": {"field": "recovery_mobile"},
    "end-sessions": {},
    "block": {},
    "unblock": {},
}
REASON = "Called from the number in the record, lost the password"


class Helper(Holder):
    """Signed in, with the second factor unless said otherwise."""

    def search(self, query: str) -> Any:
        return self.post(DESK, query=query)

    def see(self, record: Affiliation) -> Any:
        return self.get(f"{DESK}{record.person_id}/")

    def act(self, act: str, record: Affiliation, *, reason: str = REASON, **fields: str) -> Any:
        return self.post(f"{DESK}{record.person_id}/{act}/", reason=reason, **fields)


def helper(*departments: Department, name: str = "helper", second_factor: bool = True, **fields: Any) -> Helper:
    account = Account.objects.create_user(name, PASSWORD, **fields)
    account.user_permissions.add(Permission.objects.get(codename="help_accounts"))
    account.departments.set(departments)
    desk = Helper(account)
    if second_factor:
        with_app(account)
        desk.sign_in()
        assert goes_to(desk.give_code(desk.code())) == "/mypassword/"
    else:
        desk.sign_in()
    return desk


def student(*, account: bool = True, contacts: bool = True, **fields: Any) -> Affiliation:
    """A record as the importer would keep it, and, unless said otherwise, an account with stored contacts."""
    record = AffiliationFactory.create(**fields)
    record.search_name = search_key(record.last_name_el, record.first_name_el)
    record.save(update_fields=["search_name"])
    if account:
        stored = {"recovery_mobile": record.mobile, "recovery_email": record.email} if contacts else {}
        Account.objects.create_user(
            record.username, PASSWORD, person=record.person, affiliation=record, language="en", **stored
        )
    return record


def account_of(record: Affiliation) -> Account:
    return Account.objects.get(person=record.person)


def last_event(act: str) -> AuditEvent:
    return AuditEvent.objects.filter(act=act)[0]


def content(response: HttpResponse) -> str:
    return response.content.decode()


def sheet(record: Affiliation) -> str:
    return f"{DESK}{record.person_id}/"


def codes_in(answer: Any) -> list[str]:
    """The reset codes of a letter."""
    return [text(element) for element in elements(answer, id="reset-code")]


def code_sent_to(address: str) -> str:
    """The reset code of the newest message."""
    found = CODE_FORM.search(InboxMessage.objects.filter(to=address)[0].text)
    assert found
    return found[0]


def state_of(record: Affiliation) -> tuple[Any, ...]:
    """All that an act could have changed."""
    account = account_of(record)
    return (account.epoch, account.blocked_at, account.password, ResetCode.objects.count(), Message.objects.count())


def send_caller_code(desk: Helper, record: Affiliation, channel: str = "sms") -> str:
    assert goes_to(desk.act("caller", record, channel=channel)) == sheet(record)
    return pins_sent_to(record.mobile if channel == "sms" else record.email)[0]


def say(desk: Helper, record: Affiliation, code: str) -> Any:
    """Type what the caller says."""
    return desk.post(f"{sheet(record)}caller-code/", pin=code)
