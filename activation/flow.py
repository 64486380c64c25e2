"""The journey of an activation: what each step does.

The `Activation` row is the truth. Every function that changes it decides in one statement whether it may, so a double
click or a second tab does no harm.
"""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from accounts import audit, opening, passwords, pins, proof_of_work, throttle
from accounts.messages.send import Destination
from accounts.models import Pin
from accounts.models.message import Channel
from activation import attempts, letters, progress
from activation.models import Activation, ActivationLetter, Reached
from activation.refusals import DetailsChanged, LetterReplaced, Overtaken, RecordChanged, RecordRefused
from activation.steps import Step, is_proved, next_step
from registry import amka_service, insurance, insurance_checks, lookup, readiness
from registry.corrections import Insurance
from registry.models import Affiliation, InsuranceKind, Person

Facts = dict[str, Any]
NO_INSURANCE: Facts = {
    "insurance_kind": "",
    "insurance_number": "",
    "insurance_country": "",
    "insurance_source": "",
    "insurance_current": "",
}


def purpose_of(activation: Activation) -> Pin.Purpose:
    """What the attempt's PIN is for: one that proves who asks for a correction leads to no account."""
    return Pin.Purpose.ACTIVATION if activation.correcting_at is None else Pin.Purpose.CORRECTION


# ---- 1/4 Contact ----------------------------------------------------------------------------------------


def give_contact(request: HttpRequest, activation: Activation, *, mobile: str, email: str) -> None:
    """Find the record of a contact; then a PIN goes there, unless something must be asked before.

    Raises `TooMany`, `lookup.NotFound`, `RecordRefused`, `opening.AlreadyActivated`, `Overtaken`.
    """
    throttle.count("lookup:address", throttle.network(throttle.client_address(request)))
    proof_of_work.ensure(request, "lookup")
    for contact in filter(None, (mobile, email)):
        throttle.count("lookup:contact", contact)
    record: Affiliation | None
    checked: Facts = {}
    try:
        record = lookup.find_record(role=activation.role, mobile=mobile, email=email)
    except lookup.Shared:
        record = None
    else:
        checked = ensure_ready(record)
    if _is_unchanged(activation, mobile=mobile, email=email, record=record):
        return
    facts = {"mobile": mobile, "email": email, "affiliation": record, "contact_at": timezone.now(), "letter": None}
    _change(request, activation, facts | NO_INSURANCE | checked | {"correcting_at": None})


def clarify(request: HttpRequest, activation: Activation, *, registration_number: str) -> None:
    """Tell apart the persons who share a contact. Raises as `give_contact`."""
    throttle.count("clarify:address", throttle.network(throttle.client_address(request)))
    for contact in filter(None, (activation.mobile, activation.email)):
        throttle.count("clarify:contact", contact)
    try:
        record = lookup.find_record(
            role=activation.role,
            mobile=activation.mobile,
            email=activation.email,
            registration_number=registration_number,
        )
    except lookup.Shared:
        raise lookup.NotFound from None
    _change(request, activation, ensure_ready(record) | {"affiliation": record})


def begin_correction(
    request: HttpRequest, activation: Activation, *, mobile: str = "", email: str = "", registration_number: str = ""
) -> None:
    """Turn the attempt to the office of the record that was refused; a PIN goes to the contact that was typed.

    What is not typed again is what the attempt has. Nothing to do where a PIN has proved the person already.
    Raises `TooMany`, `lookup.NotFound`, `opening.AlreadyActivated`, `Overtaken`.
    """
    typed = {"mobile": mobile, "email": email} if mobile or email else {}
    contact = typed or {"mobile": activation.mobile, "email": activation.email}
    record = activation.affiliation
    if typed or record is None:
        record = _record_to_correct(request, role=activation.role, registration_number=registration_number, **contact)
    same = record == activation.affiliation and contact == {"mobile": activation.mobile, "email": activation.email}
    if same and (is_proved(activation) or activation.correcting_at is not None):
        return
    facts: Facts = {"affiliation": record, "correcting_at": timezone.now()}
    given: Facts = {"contact_at": timezone.now(), "letter": None}
    _change(request, activation, facts | (contact | NO_INSURANCE | given if typed else {}))


def _record_to_correct(
    request: HttpRequest, *, role: str, mobile: str, email: str, registration_number: str
) -> Affiliation:
    """Found under the limits of the screen on which it was refused. Raises as `begin_correction`."""
    screen = "clarify" if registration_number else "lookup"
    throttle.count(f"{screen}:address", throttle.network(throttle.client_address(request)))
    for address in filter(None, (mobile, email)):
        throttle.count(f"{screen}:contact", address)
    try:
        record = lookup.find_record(role=role, mobile=mobile, email=email, registration_number=registration_number)
    except lookup.Shared:
        raise lookup.NotFound from None
    if record.person.activated_at is not None:
        raise opening.AlreadyActivated(record)
    return record


def ensure_ready(record: Affiliation) -> Facts:
    """What the AMKA service said of the record.

    Raises `opening.AlreadyActivated` or `RecordRefused` when this record can't lead to an account.
    """
    try:
        opening.ensure_none(record)
    except opening.UsernameTaken:
        raise RecordRefused(record, readiness.Hindrance.MISSING) from None
    if hindrance := readiness.first_hindrance(record):
        raise RecordRefused(record, hindrance)
    if record.insurance_kind != InsuranceKind.AMKA or not record.insurance_number:
        return {}
    verdict = _verdict(record, record.insurance_number)
    if not verdict.agrees:
        raise RecordRefused(record, readiness.Hindrance.INSURANCE)
    return {"insurance_source": verdict.source, "insurance_current": verdict.current_number}


def _verdict(record: Affiliation, number: str) -> amka_service.Verdict:
    return amka_service.verify(
        number=number, surname=record.surname, birth_date=record.birth_date, gender=record.gender
    )


def _is_unchanged(activation: Activation, *, mobile: str, email: str, record: Affiliation | None) -> bool:
    """The same form sent again leads on to the step that is due, and takes nothing back."""
    same_contact = (activation.mobile, activation.email) == (mobile, email)
    goes_on = activation.contact_at is not None and activation.correcting_at is None
    return goes_on and same_contact and activation.affiliation == record


def _change(request: HttpRequest, activation: Activation, facts: Facts) -> None:
    """Write facts of a step, clear those of the later ones, and send a PIN if that is what is due now.

    Decided by `contact_at` and `insurance_number` as they were read: of two simultaneous submissions one goes
    through, the other raises `Overtaken`.
    """
    unchanged = Activation.objects.filter(
        pk=activation.pk, contact_at=activation.contact_at, affiliation=activation.affiliation, finished_at=None,
        insurance_kind=activation.insurance_kind, key_digest=activation.key_digest,
        correcting_at=activation.correcting_at,
    )  # fmt: skip
    had_pin, purpose = activation.affiliation is not None, purpose_of(activation)
    facts = facts | {"pin_verified_at": None, "confirmed_at": None}
    for field, value in facts.items():
        setattr(activation, field, value)
    pin_is_due = next_step(activation) is Step.PIN
    if activation.affiliation is not None:
        is_sent = pin_is_due and activation.correcting_at is None
        facts["met"] = activation.affiliation
        facts["reached"] = progress.adding(Reached.STARTED, Reached.SENT if is_sent else Reached(0))
    with transaction.atomic():
        # The PIN before the attempt, as when a PIN is checked: two orders of locks would wait for each other.
        if had_pin:
            pins.revoke(purpose=purpose, binding=activation.key_digest)
        if not unchanged.update(**facts):
            raise Overtaken
        if pin_is_due:
            _send_pin(request, activation)


# ---- 2/4 Insurance number -------------------------------------------------------------------------------


def give_insurance(request: HttpRequest, activation: Activation, *, supplied: Insurance) -> None:
    """Keep the number that the person typed, if it can be theirs. Raises `RecordRefused`, `TooMany`, `Overtaken`."""
    record = activation.record
    throttle.count("insurance:person", str(record.person_id))
    refused = RecordRefused(record, readiness.Hindrance.INSURANCE, typed_number=supplied.number)
    if _is_somebody_elses(record, supplied):
        raise refused
    checked: Facts = {}
    if supplied.kind == InsuranceKind.AMKA:
        verdict = _verdict(record, supplied.number)
        if not verdict.agrees:
            raise refused
        checked = {"insurance_source": verdict.source, "insurance_current": verdict.current_number}
    if (activation.insurance_number, activation.insurance_country) == (supplied.number, supplied.country):
        return
    facts = {
        "insurance_kind": supplied.kind,
        "insurance_number": supplied.number,
        "insurance_country": supplied.country,
    }
    _change(request, activation, facts | checked)


def _is_somebody_elses(record: Affiliation, supplied: Insurance) -> bool:
    """Whether another person's record has this number: only an office may say that they are one person."""
    identity = insurance.identity(supplied.country, supplied.number, record.birth_date)
    return Person.objects.filter(identity=identity).exclude(pk=record.person_id).exists()


# ---- 2/4 PIN --------------------------------------------------------------------------------------------


def latest_pin(activation: Activation) -> Pin | None:
    return pins.latest(purpose=purpose_of(activation), binding=activation.key_digest)


def renew_pin(request: HttpRequest, activation: Activation) -> None:
    """Send a new PIN in place of the last one. Raises `pins.RenewalTooEarly` or `TooMany`."""
    pin = latest_pin(activation)
    if pin is None:
        _send_pin(request, activation)
        return
    if not (due := pins.renewal(pin)).allowed:
        raise pins.RenewalTooEarly(due.seconds)
    _send_pin(request, activation, replacing=pin)


def _send_pin(request: HttpRequest, activation: Activation, *, replacing: Pin | None = None) -> None:
    record = activation.record
    destinations = _destinations(activation)
    throttle.count("pin-send:address", throttle.network(throttle.client_address(request)))
    throttle.count("pin-send:person", str(record.person_id))
    for destination in destinations:
        throttle.count("pin-send:destination", destination.address)
    pins.issue(
        purpose=purpose_of(activation),
        binding=activation.key_digest,
        person=record.person,
        destinations=destinations,
        language=get_language() or activation.language,
        replacing=replacing,
    )


def _destinations(activation: Activation) -> list[Destination]:
    contacts = ((Channel.SMS, activation.mobile), (Channel.EMAIL, activation.email))
    return [Destination(channel, address) for channel, address in contacts if address]


def verify_pin(request: HttpRequest, activation: Activation, *, pin: str) -> None:
    """Prove the person. From here on the attempt has another key, in another session.

    Raises a `pins.PinRefused` or `TooMany`.
    """
    _count_try(request, activation)
    refusal: pins.PinRefused | None = None
    with transaction.atomic():
        try:
            pins.check(
                pin, purpose=purpose_of(activation), binding=activation.key_digest, person=activation.record.person
            )
        except pins.PinRefused as refused:
            # Raised only after the transaction, which has counted the wrong try.
            refusal = refused
        else:
            activation.pin_verified_at = timezone.now()
            activation.previous_key_digest = activation.key_digest
            attempts.change_key(request, activation)
    if refusal is not None:
        raise refusal


def _count_try(request: HttpRequest, activation: Activation) -> None:
    throttle.count("pin-try:address", throttle.network(throttle.client_address(request)))
    throttle.count("pin-try:person", str(activation.record.person_id))


def repeated(request: HttpRequest, *, pin: str) -> bool:
    """Whether this is the second click with the PIN that the first has just used: then it gets the new key too.

    Counts as a try, or the old cookie could guess without end. Raises `TooMany`.
    """
    activation = attempts.just_proved(request)
    if activation is None:
        return False
    _count_try(request, activation)
    since = timezone.now() - attempts.REPEAT_GRACE
    if not pins.was_used(pin, purpose=purpose_of(activation), binding=activation.previous_key_digest, since=since):
        return False
    attempts.change_key(request, activation)
    return True


def give_letter(request: HttpRequest, *, role: str, registration_number: str, code: str) -> Activation:
    """Prove the person by an activation letter in place of contact and PIN: a new attempt, in a new session.

    The letter is not used up by it, so that it may be typed again after a lost session; the account that it opens
    uses it up. Raises `LetterRefused`, `RecordRefused`, `opening.AlreadyActivated`, `TooMany`.
    """
    throttle.count("letter:address", throttle.network(throttle.client_address(request)))
    throttle.count("letter:number", f"{role}:{registration_number.lower()}")
    letter = letters.find(code, role=role, registration_number=registration_number)
    checked = ensure_ready(letter.affiliation)
    return attempts.start_proved(request, role=role, letter=letter, **checked)


# ---- 3/4 Confirmation -----------------------------------------------------------------------------------


def confirm(activation: Activation, *, store_contacts: bool, agrees: bool) -> None:
    """Keep the person's word on the data shown. Disagreeing finishes nothing and may be taken back.

    Raises `Overtaken` when another tab has meanwhile gone on to another record: its data were not shown.
    """
    now = timezone.now()
    shown = Activation.objects.filter(
        pk=activation.pk, key_digest=activation.key_digest, affiliation=activation.affiliation,
        pin_verified_at=activation.pin_verified_at, letter=activation.letter, finished_at=None,
    )  # fmt: skip
    activation.store_contacts = store_contacts
    activation.confirmed_at = now if agrees else None
    activation.disagreed_at = activation.disagreed_at if agrees else now
    facts = {fact: getattr(activation, fact) for fact in ("store_contacts", "confirmed_at", "disagreed_at")}
    if not shown.update(**facts, reached=progress.adding(Reached.CONFIRMED if agrees else Reached.DISAGREED)):
        raise Overtaken


# ---- 4/4 Password ---------------------------------------------------------------------------------------


def finish(request: HttpRequest, activation: Activation, *, password: str) -> None:
    """Open the account. Nothing more happens when another request of this attempt has just done so.

    One statement ends the attempt, if every step still holds and the record is the one that was confirmed.
    Raises `opening.OpeningRefused`, `RecordRefused` or `RecordChanged`, and then nothing has changed; or
    `DetailsChanged`, and then the person has to confirm anew.
    """
    record = activation.record
    throttle.count("password:address", throttle.network(throttle.client_address(request)))
    if hindrance := readiness.first_hindrance(record):
        raise RecordRefused(record, hindrance)
    if activation.confirmed_at is None or record.updated_at > activation.confirmed_at:
        Activation.objects.filter(pk=activation.pk, finished_at=None).update(confirmed_at=None)
        raise DetailsChanged
    # Hashing takes long and holds no lock.
    hashes = passwords.hashes(password)
    activation.finished_at = timezone.now()
    facts = {"finished_at": activation.finished_at, "reached": progress.adding(Reached.DONE)}
    with transaction.atomic():
        if not _still_holds(activation, record).update(**facts):
            if Activation.objects.filter(pk=activation.pk, finished_at__isnull=False).exists():
                return
            raise RecordChanged
        if activation.letter is not None:
            _spend_letter(activation.letter, record)
        opening.open_account(
            record,
            **hashes,
            supplied=_supplied(activation),
            address=throttle.client_address(request),
            language=get_language() or activation.language,
            recovery_mobile=activation.mobile if activation.store_contacts else "",
            recovery_email=activation.email if activation.store_contacts else "",
        )
        insurance_checks.note(
            record, verdict_source=activation.insurance_source, current_number=activation.insurance_current
        )


def _spend_letter(letter: ActivationLetter, record: Affiliation) -> None:
    """Only now, so that a lost session or a second try with the same letter does no harm."""
    if not letters.spend(letter):
        opening.ensure_none(record)
        raise LetterReplaced
    audit.record("letter.used", person=record.person)


def _still_holds(activation: Activation, record: Affiliation) -> QuerySet[Activation]:
    unchanged = Affiliation.objects.current().filter(pk=record.pk, updated_at=record.updated_at)
    return Activation.objects.filter(
        Q(pin_verified_at__isnull=False) | Q(letter__isnull=False),
        pk=activation.pk, key_digest=activation.key_digest, finished_at=None, expires_at__gt=timezone.now(),
        confirmed_at__isnull=False, affiliation__in=unchanged, letter=activation.letter, correcting_at=None,
    )  # fmt: skip


def _supplied(activation: Activation) -> Insurance | None:
    if not activation.insurance_number:
        return None
    kind = InsuranceKind(activation.insurance_kind)
    return Insurance(kind=kind, number=activation.insurance_number, country=activation.insurance_country)
