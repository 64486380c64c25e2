"""Why a person cannot activate: the conditions, and what has happened so far."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.messages.send import REASONS
from accounts.models import Account, DirectoryEntry, Message
from accounts.models.message import Channel
from activation.models import Activation
from activation.office import letters, remedies
from activation.office.remedies import Remedies
from activation.steps import LABELS, NUMBERS, next_step
from registry import readiness, scope
from registry.admin.wording import surname_first
from registry.contacts import mask_email, mask_mobile
from registry.models import Affiliation, InsuranceCheck, Kind, Source
from registry.readiness import Condition, Hindrance, Mender
from registry.readings import Readings, of_source

Text = str | Promise
SHOWN = 10

# Which field of the form mends a condition; username and registration number come from the source.
FIELDS = {
    "insurance_number": "number",
    "insurance_country": "insurance_country",
    "birth_date": "birth_date",
    "amka": "number",
    "contact": "mobile_given",
    "mobile_prefix": "mobile_given",
    "email_valid": "email_given",
    "email_external": "email_given",
    "surname": "last_name_el",
    "names_fit": "last_name_el",
}
# What the person reads who meets it.
SAID: dict[Hindrance, Text] = {
    Hindrance.MISSING: _("The user does not have the required details filled in."),
    Hindrance.INSURANCE: _("The check of the AMKA failed."),
    Hindrance.CONTACT: _("No user was found with these details."),
    Hindrance.NONE: "",
}


@dataclass(frozen=True)
class Line:
    """A condition, who mends it and where."""

    text: Text
    holds: bool
    said: Text = ""
    mender: Text = ""
    address: str = ""


@dataclass(frozen=True)
class Attempt:
    at: datetime
    step: Text
    outcome: Text


@dataclass(frozen=True)
class Sent:
    """`key` is the message's own where it can be sent again."""

    key: UUID | None
    at: datetime
    purpose: Text
    to: str
    state: str
    state_text: Text
    why: Text


@dataclass(frozen=True)
class Other:
    """Another record that matters here; nameless where it belongs to another office."""

    name: str
    address: str


class Why:
    """The page of one record. `account` is who looks; nothing here tells of records out of their scope."""

    def __init__(self, record: Affiliation, *, account: Account) -> None:
        self.record, self.account = record, account
        self.visible = scope.visible_records(account)
        self.may_correct = remedies.keeps(account, record)
        self.form = reverse("admin:registry_affiliation_change", args=[record.pk])

    @property
    def name(self) -> str:
        return surname_first(self.record)

    # ---- Conditions ---------------------------------------------------------------------------------------

    @cached_property
    def readings(self) -> Readings:
        """When the system that the record comes from was read and will be next."""
        return of_source(Source(self.record.source))

    @cached_property
    def can_activate(self) -> bool:
        return readiness.can_activate(self.record)

    @cached_property
    def may_issue_letter(self) -> bool:
        """Only where nothing but a usable contact is missing: a letter stands for nothing else."""
        return letters.may_issue(self.account, self.record)

    @cached_property
    def lines(self) -> list[Line]:
        current = Line(
            readiness.CURRENT,
            holds=self.record.is_current,
            said=SAID[Hindrance.CONTACT],
            mender=_("the office, in the source's own system"),
        )
        return [current, *(self._line(condition) for condition in readiness.CONDITIONS)]

    def _line(self, condition: Condition) -> Line:
        if condition.holds(self.record):
            return Line(condition.text, holds=True)
        field = FIELDS.get(condition.code)
        address = f"{self.form}#id_{field}" if field and self.may_correct else ""
        return Line(
            condition.text,
            holds=False,
            said=SAID[condition.hindrance],
            mender=self._mender(condition, field),
            address=address,
        )

    def _mender(self, condition: Condition, field: str | None) -> Text:
        if condition.mender is Mender.PERSON:
            return _("the person")
        if field is None:
            return _("the office, in the source's own system")
        return _("the secretariat") if self.record.kind == Kind.STUDENT else _("the personnel office")

    # ---- Others -------------------------------------------------------------------------------------------

    @cached_property
    def sharing(self) -> list[Affiliation]:
        """Current records of others with the same mobile or e-mail, in the same role."""
        record, same = self.record, Q(pk__in=[])
        if record.mobile:
            same |= Q(mobile=record.mobile)
        if record.email:
            same |= Q(email=record.email)
        others = Affiliation.objects.current().of_role(record.role).filter(same)
        return list(others.exclude(person=record.person_id).order_by("pk")[: SHOWN + 1])

    @cached_property
    def shared_with(self) -> list[Other]:
        """Those of them that the viewer may see."""
        return self._named(self.sharing)

    @property
    def shared_elsewhere(self) -> int:
        return len(self.sharing) - len(self.shared_with)

    @cached_property
    def other_records(self) -> list[Other]:
        """The person's other records, as far as the viewer may see them."""
        return self._named(self.record.person.affiliations.exclude(pk=self.record.pk).order_by("pk"))

    def _named(self, records: Iterable[Affiliation]) -> list[Other]:
        pks = [record.pk for record in records]
        seen = self.visible.filter(pk__in=pks).select_related("department").order_by("pk")
        return [
            Other(
                f"{surname_first(record)} – {Kind(record.kind).label} {record.registration_number}",
                reverse("admin:office:why", args=[record.pk]),
            )
            for record in seen
        ]

    # ---- What has happened --------------------------------------------------------------------------------

    @cached_property
    def attempts(self) -> list[Attempt]:
        latest = Activation.objects.filter(affiliation=self.record).select_related("affiliation")[:SHOWN]
        return [_attempt(attempt) for attempt in latest]

    @cached_property
    def messages(self) -> list[Sent]:
        sent = Message.objects.filter(pin__person=self.record.person_id, decoy=False).select_related("pin")
        return [_sent(message, again=self.remedies.send) for message in sent[:SHOWN]]

    @cached_property
    def remedies(self) -> Remedies:
        """What the viewer may have done at once."""
        return remedies.offered(self.account, self.record)

    @cached_property
    def person_account(self) -> Account | None:
        return Account.objects.filter(person=self.record.person_id).first()

    @property
    def account_state(self) -> Text:
        account = self.person_account
        if account is None:
            return _("There is no account yet.")
        if account.closed_at is not None:
            return _("The account is closed, because no record of the person is current.")
        if not account.is_active:
            return _("The account was made inactive in the administration.")
        if account.blocked_at is not None:
            return _("The account is blocked; the helpdesk can unblock it.")
        if account.expires_at is not None:
            text = _("The account is active; it will be closed on %(day)s, because no record is current.")
            return text % {"day": date_format(account.expires_at, "j/n/Y")}
        return _("The account is active.")

    @cached_property
    def directory(self) -> DirectoryEntry | None:
        account = self.person_account
        return DirectoryEntry.objects.filter(account=account).first() if account else None

    @cached_property
    def check(self) -> InsuranceCheck | None:
        """What the AMKA registry said, where it had something to say."""
        return InsuranceCheck.objects.filter(affiliation=self.record).first()


def _attempt(attempt: Activation) -> Attempt:
    number = NUMBERS[next_step(attempt)]
    step = f"{min(number, len(LABELS))}/{len(LABELS)} {LABELS[min(number, len(LABELS)) - 1]}"
    return Attempt(attempt.created_at, step, _outcome(attempt))


def _outcome(attempt: Activation) -> Text:
    if attempt.finished_at is not None:
        return _("activated")
    if attempt.disagreed_at is not None:
        return _("the person disagreed with the data")
    return _("still open") if attempt.expires_at > timezone.now() else _("given up or too late")


def _sent(message: Message, *, again: Collection[UUID]) -> Sent:
    mask = mask_mobile if message.channel == Channel.SMS else mask_email
    failed = message.state == Message.State.FAILED
    return Sent(
        key=message.pk if message.pk in again else None,
        at=message.created_at,
        purpose=message.pin.get_purpose_display() if message.pin else "",
        to=mask(message.destination),
        state=message.state,
        state_text=Message.State(message.state).label,
        why=REASONS.get(message.error, message.error) if failed else "",
    )
