"""What the helpdesk sees of a person: masked data, the state of the account, what has happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import audit, notices, second_factor
from accounts.directory import words
from accounts.directory.words import Words
from accounts.messages.send import REASONS
from accounts.models import AuditEvent, Message
from accounts.models.message import Channel
from mypassword.helpdesk.reach import Subject
from registry import insurance, readiness
from registry.contacts import mask_date, mask_email, mask_mobile, mask_text
from registry.models import Affiliation, Kind, Status

Text = str | Promise
SHOWN = 10

# What each family of templates says, where a list of messages is read.
MESSAGES: dict[str, Text] = {
    "activation": _("PIN of the activation"),
    "correction": _("PIN to ask for a correction"),
    "correction_answer": _("Answer to a request for a correction"),
    "recovery": _("PIN for a forgotten password"),
    "contact": _("PIN for a new contact"),
    "caller": _("Code for the helpdesk"),
    "reset_code": _("Reset code"),
    "notice": _("Notice of a change"),
    "lifecycle": _("Notice of the account's closing or reopening"),
    "username": _("Reminder of the username"),
}


@dataclass(frozen=True)
class Secret:
    """A value that is shown masked, and in clear for a reason; `field` names it in a form."""

    field: str
    label: Text
    value: str
    masked: str


@dataclass(frozen=True)
class Fact:
    field: str
    label: Text
    value: Text


@dataclass(frozen=True)
class State:
    """Of the account, in a word for the style and in words for the reader."""

    code: str
    text: Text


@dataclass(frozen=True)
class Sent:
    """A message, with what became of it."""

    at: datetime
    text: Text
    to: str
    state: str
    state_text: Text
    why: Text


@dataclass(frozen=True)
class RecordSheet:
    title: str
    facts: list[Fact]
    can_activate: bool
    # What keeps the person from an account; what else is worth mending.
    in_the_way: list[Text]
    mending: list[Text]


class Sheet:
    """The page of a person. Read when it is rendered, and so after what the request has done."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    @property
    def name(self) -> str:
        return name_of(self.subject)

    @property
    def state(self) -> State:
        return state_of(self.subject)

    @property
    def account(self) -> list[Fact]:
        account = self.subject.account
        if account is None:
            return []
        enrolled = second_factor.is_enrolled(account)
        mobile, email = str(account.recovery_mobile or ""), account.recovery_email
        return [
            Fact("username", _("Username"), account.username),
            Fact("recovery_mobile", _("Mobile stored for recovery"), mask_mobile(mobile)),
            Fact("recovery_email", _("E-mail stored for recovery"), mask_email(email)),
            Fact("second_factor", _("Second factor"), _("set up") if enrolled else _("not set up")),
            Fact("activated", _("Activated"), f"{account.created_at:%d/%m/%Y}"),
        ]

    @cached_property
    def directory(self) -> Words | None:
        """What the person reads of the directory."""
        return words.of_account(self.subject.account.pk) if self.subject.account else None

    @property
    def records(self) -> list[RecordSheet]:
        return [_record_sheet(record) for record in self.subject.records]

    @cached_property
    def events(self) -> Sequence[AuditEvent]:
        """The latest; `act_text` says each act in words."""
        about = Q(person=self.subject.person)
        if self.subject.account is not None:
            about |= Q(account=self.subject.account)
        # Who has looked at the page before says nothing about the person.
        found = AuditEvent.objects.filter(about).exclude(act=audit.HELPDESK_VIEWED)
        events = list(found.select_related("actor")[:SHOWN])
        for event in events:
            event.act_text = audit.name_of(event.act)  # type: ignore[attr-defined]
        return events

    @cached_property
    def messages(self) -> list[Sent]:
        found = [*self._messages_with_pin(), *self._other_messages()]
        latest = sorted(found, key=lambda message: message.created_at, reverse=True)[:SHOWN]
        return [_sent(message) for message in latest]

    def _messages_with_pin(self) -> Iterable[Message]:
        return Message.objects.filter(pin__person=self.subject.person, decoy=False)[:SHOWN]

    def _other_messages(self) -> Iterable[Message]:
        """By the stored contacts, but only those about this account: siblings share a mobile."""
        account = self.subject.account
        contacts = [contact.address for contact in notices.contacts_of(account)] if account else []
        if account is None or not contacts:
            return []
        sent = Message.objects.filter(destination__in=contacts, pin=None, decoy=False)
        return sent.filter(context__username=account.username)[:SHOWN]


def name_of(subject: Subject) -> str:
    return subject.records[0].full_name


def state_of(subject: Subject) -> State:
    account = subject.account
    if account is None:
        return State("none", _("not activated yet"))
    if account.closed_at is not None:
        return State("closed", _("closed: the university has no current record of this person"))
    if account.blocked_at is not None:
        return State("blocked", _("blocked"))
    if not account.is_active:
        return State("disabled", _("disabled"))
    return State("active", pgettext_lazy("account", "active"))


def secrets_of(subject: Subject) -> list[Secret]:
    """Everything that is masked and there."""
    found = [secret for record in subject.records for secret in _secrets_of_record(record)]
    if subject.account is not None:
        mobile, email = str(subject.account.recovery_mobile or ""), subject.account.recovery_email
        found += [
            Secret("recovery_mobile", _("Mobile stored for recovery"), mobile, mask_mobile(mobile)),
            Secret("recovery_email", _("E-mail stored for recovery"), email, mask_email(email)),
        ]
    return [secret for secret in found if secret.value]


def _secrets_of_record(record: Affiliation) -> list[Secret]:
    born = f"{record.birth_date:%d/%m/%Y}" if record.birth_date else ""
    father = f"{record.father_name_el} {record.father_name_en}".strip()
    number = record.insurance_number
    mobile = mask_mobile(record.mobile) or mask_text(record.mobile_given)
    email = mask_email(record.email) or mask_text(record.email_given)
    values: list[tuple[str, Text, str, str]] = [
        ("father_name", _("Father's name"), father, mask_text(record.father_name_el or record.father_name_en)),
        ("birth_date", _("Birth date"), born, mask_date(record.birth_date)),
        ("insurance_number", _("AMKA or insurance number"), number, insurance.mask(number)),
        ("mobile", _("Mobile in the record"), record.mobile_given or record.mobile, mobile),
        ("email", _("E-mail in the record"), record.email_given or record.email, email),
    ]
    return [Secret(f"{name}-{record.pk}", label, value, masked) for name, label, value, masked in values]


def _record_sheet(record: Affiliation) -> RecordSheet:
    office = f" – {record.department.name}" if record.department else ""
    status: Text = Status(record.status).label if record.vanished_at is None else _("no longer in its source")
    facts = [
        Fact("registration_number", _("Registration number"), record.registration_number),
        Fact("names", _("Name in Greek"), f"{record.last_name_el} {record.first_name_el}".strip()),
        Fact("latin_names", _("Name in Latin letters"), f"{record.last_name_en} {record.first_name_en}".strip()),
        Fact("status", _("Status"), status),
        Fact("record_username", _("Username in the record"), record.username),
        *(Fact(secret.field, secret.label, secret.masked) for secret in _secrets_of_record(record)),
    ]
    title = f"{str(Kind(record.kind).label).capitalize()}{office}"
    stops = readiness.in_the_way(record)
    in_the_way: list[Text] = [] if record.is_current else [readiness.CURRENT]
    in_the_way += [condition.text for condition in stops]
    mending = [condition.text for condition in readiness.findings(record) if condition not in stops]
    return RecordSheet(title, facts, readiness.can_activate(record), in_the_way, mending)


def _sent(message: Message) -> Sent:
    mask = mask_mobile if message.channel == Channel.SMS else mask_email
    failed = message.state == Message.State.FAILED
    return Sent(
        at=message.created_at,
        text=MESSAGES.get(message.template, message.template),
        to=mask(message.destination),
        state=message.state,
        state_text=Message.State(message.state).label,
        why=REASONS.get(message.error, message.error) if failed else "",
    )
