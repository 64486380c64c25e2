"""Whose the records are: affiliations with the same identity belong to one `Person`, across all sources.

The identity (number, country, birth date) is what the records say after corrections. When records change:

- A person whose records no longer say the person's identity loses it; one whose records agree on a new identity gets
  it, unless another person has it already.
- Then the two are one human being. The one without an account hands its records over to the other; if both have one,
  nothing is moved and a warning asks for a human decision.
- A person whose records disagree with one another is left alone: which of them is right, nobody can tell here.
- Persons left without records stay, because attempts and messages may refer to them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from registry import insurance
from registry.importing.report import Finding
from registry.importing.staging import Record, Staging
from registry.importing.statements import defaults, execute, select
from registry.models import Affiliation, Person

# As many persons and their records are looked at a time.
BATCH = 2_000


def keep_older_identities(records: list[Record]) -> None:
    """While keys are being replaced, let new records join persons who are known under an older one."""
    if len(settings.DATA_KEYS) == 1:
        return
    claims = [
        insurance.identities(said["insurance_country"], said["insurance_number"], said["birth_date"])
        for said in (record.said for record in records)
    ]
    wanted = {identity for claim in claims for identity in claim}
    known = set(Person.objects.filter(identity__in=wanted).values_list("identity", flat=True))
    for record, claim in zip(records, claims, strict=True):
        record.identity = next((identity for identity in claim if identity in known), None)


def provide(staging: Staging) -> None:
    """See to it that each new record has its person: the one who has its identity, or a new one.

    Records of the same identity share one; each without an identity gets its own, see `Staging.nameless`.
    """
    staged = staging.staged
    joined = f"SELECT p.id FROM registry_person p JOIN {staged} s ON s.identity = p.identity WHERE s.record IS NULL"
    Person.objects.filter(pk__in=RawSQL(joined, [])).revise()
    values = defaults(Person, besides={"identity"})
    columns, blanks = ", ".join(["identity", *values]), ", ".join(["%s"] * len(values))
    execute(
        f"INSERT INTO registry_person ({columns}) SELECT s.identity, {blanks} FROM {staged} s "
        "WHERE s.record IS NULL AND s.identity IS NOT NULL ON CONFLICT (identity) DO NOTHING",
        *values.values(),
    )
    staging.name_nameless(_next_key())
    values = defaults(Person, besides=set())
    columns, blanks = ", ".join(["id", *values]), ", ".join(["%s"] * len(values))
    execute(
        f"INSERT INTO registry_person ({columns}) SELECT person, {blanks} FROM {staging.nameless}", *values.values()
    )


def _next_key() -> str:
    """An expression for the key of a person to be, one for each row."""
    if connection.vendor == "postgresql":
        return "nextval(pg_get_serial_sequence('registry_person', 'id'))"
    [(latest,)] = select("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'registry_person'")
    return f"{latest} + ROW_NUMBER() OVER (ORDER BY line)"


def changed_identities(staging: Staging) -> dict[int, int]:
    """The records that may be somebody else once they are written, with the line that says so."""
    rows = select(
        f"SELECT s.record, s.line FROM {staging.staged} s JOIN registry_affiliation a ON a.id = s.record "
        "WHERE a.insurance_digest <> s.insurance_digest OR a.insurance_country <> s.insurance_country "
        "OR COALESCE(a.birth_date, '0001-01-01') <> COALESCE(s.birth_date, '0001-01-01') ORDER BY s.line"
    )
    return dict(rows)


class Move(NamedTuple):
    """A record that goes from one person to another, by their keys."""

    record: Affiliation
    before: int
    after: int


@dataclass
class Settled:
    warnings: list[Finding] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


def settle(lines: Mapping[int, int]) -> Settled:
    """Put records whose identity has changed with the right persons; warnings where that needs a human decision.

    `lines` are the records' keys with the line that changed them. Identities that nobody claims any more are given up
    first, for all of them, so that two people whose numbers had been swapped do not meet half-way.
    """
    for chunk in _chunks(lines):
        _give_up(_cases(chunk))
    settled = Settled()
    for chunk in _chunks(lines):
        _claim(_cases(chunk), lines, settled)
    return settled


@dataclass
class _Case:
    """A person and all of the person's records."""

    person: Person
    records: list[Affiliation]

    def claims(self) -> list[list[str]]:
        """What the records say, each under all keys, newest first; one entry for each different identity."""
        said = dict.fromkeys(tuple(identities_of(record)) for record in self.records)
        return [list(claim) for claim in said if claim]


def identities_of(record: Affiliation) -> list[str]:
    """What the record says who its person is, under each key in use, newest first."""
    return insurance.identities(record.insurance_country, record.insurance_number, record.birth_date)


def _chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(keys)
    while chunk := list(islice(iterator, BATCH)):
        yield chunk


def _cases(keys: list[int]) -> list[_Case]:
    persons = Person.objects.select_for_update().filter(affiliations__in=keys).order_by("pk")
    cases = {person.pk: _Case(person, []) for person in persons}
    for record in Affiliation.objects.filter(person_id__in=list(cases)).order_by("pk"):
        cases[record.person_id].records.append(record)
    return list(cases.values())


def _give_up(cases: list[_Case]) -> None:
    stale = [
        case.person.pk
        for case in cases
        if case.person.identity and not any(case.person.identity in claim for claim in case.claims())
    ]
    Person.objects.filter(pk__in=stale).update(identity=None)


def _owners(identities: Iterable[str]) -> dict[str, Person]:
    wanted = set(identities)
    found = Person.objects.select_for_update().filter(identity__in=wanted).order_by("pk") if wanted else ()
    return {str(person.identity): person for person in found}


def _claim(cases: list[_Case], lines: Mapping[int, int], settled: Settled) -> None:
    owners = _owners(identity for case in cases for claim in case.claims() for identity in claim)
    identified: list[Person] = []
    moves: list[Move] = []
    for case in cases:
        claims = case.claims()
        if len(claims) > 1:
            settled.warnings.append(_finding(case, lines, _("The records of one person disagree about who it is.")))
        if len(claims) != 1:
            continue
        owner = next((owners[identity] for identity in claims[0] if identity in owners), None)
        if owner is None or owner.pk == case.person.pk:
            # Also when it is the same under an older key: the newest takes its place.
            case.person.identity = claims[0][0]
            owners[claims[0][0]] = case.person
            identified.append(case.person)
        elif case.person.activated_at is None:
            moves += _hand_over(case.records, owner)
        elif owner.activated_at is None and len((other := _case_of(owner)).claims()) == 1:
            Person.objects.filter(pk=owner.pk).update(identity=None)
            moves += _hand_over(other.records, case.person)
            case.person.identity = claims[0][0]
            owners[claims[0][0]] = case.person
            identified.append(case.person)
        else:
            settled.warnings.append(_finding(case, lines, _("Two persons, each with an account, seem to be one.")))
    Affiliation.objects.bulk_update([move.record for move in moves], ["person"], batch_size=500)
    Person.objects.filter(pk__in={person for move in moves for person in (move.before, move.after)}).revise()
    settled.moves += moves
    Person.objects.bulk_create(identified, update_conflicts=True, unique_fields=["id"], update_fields=["identity"])


def _case_of(person: Person) -> _Case:
    return _Case(person, list(person.affiliations.order_by("pk")))


def _hand_over(records: list[Affiliation], owner: Person) -> list[Move]:
    moves = [Move(record, record.person_id, owner.pk) for record in records]
    for record in records:
        record.person = owner
    return moves


def _finding(case: _Case, lines: Mapping[int, int], reason: str) -> Finding:
    line = next((lines[record.pk] for record in case.records if record.pk in lines), 0)
    return Finding(line, "ssn", reason)
