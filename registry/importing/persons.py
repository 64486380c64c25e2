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
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from registry import insurance
from registry.importing.report import Finding
from registry.importing.spool import BATCH
from registry.models import Affiliation, Person


def assign_new(records: list[Affiliation]) -> None:
    """Give each new record its person: the one who has its identity, also within the batch, or a new one."""
    claims = [_identities(record) for record in records]
    owners = _owners(claim for claims_of_one in claims for claim in claims_of_one)
    persons = []
    for record, identities in zip(records, claims, strict=True):
        person = next((owners[identity] for identity in identities if identity in owners), None)
        if person is None:
            person = Person(identity=identities[0] if identities else None)
            persons.append(person)
            if person.identity:
                owners[person.identity] = person
        record.person = person
    Person.objects.bulk_create(persons)
    for record in records:
        # Set before the person had a key.
        record.person = record.person


def settle(lines: Mapping[int, int]) -> list[Finding]:
    """Put records whose identity has changed with the right persons; warnings where that needs a human decision.

    `lines` are the records' keys with the line that changed them. Identities that nobody claims any more are given up
    first, for all of them, so that two people whose numbers had been swapped do not meet half-way.
    """
    for chunk in _chunks(lines):
        _give_up(_cases(chunk))
    warnings: list[Finding] = []
    for chunk in _chunks(lines):
        warnings += _claim(_cases(chunk), lines)
    return warnings


@dataclass
class _Case:
    """A person and all of the person's records."""

    person: Person
    records: list[Affiliation]

    def claims(self) -> list[list[str]]:
        """What the records say, each under all keys, newest first; one entry for each different identity."""
        return [list(claim) for claim in dict.fromkeys(tuple(_identities(record)) for record in self.records) if claim]


def _identities(record: Affiliation) -> list[str]:
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


def _claim(cases: list[_Case], lines: Mapping[int, int]) -> list[Finding]:
    owners = _owners(identity for case in cases for claim in case.claims() for identity in claim)
    identified: list[Person] = []
    moved: list[Affiliation] = []
    warnings: list[Finding] = []
    for case in cases:
        claims = case.claims()
        if len(claims) > 1:
            warnings.append(_finding(case, lines, _("The records of one person disagree about who it is.")))
        if len(claims) != 1:
            continue
        owner = next((owners[identity] for identity in claims[0] if identity in owners), None)
        if owner is None or owner.pk == case.person.pk:
            # Also when it is the same under an older key: the newest takes its place.
            case.person.identity = claims[0][0]
            owners[claims[0][0]] = case.person
            identified.append(case.person)
        elif case.person.activated_at is None:
            moved += _hand_over(case.records, owner)
        elif owner.activated_at is None and len((other := _case_of(owner)).claims()) == 1:
            Person.objects.filter(pk=owner.pk).update(identity=None)
            moved += _hand_over(other.records, case.person)
            case.person.identity = claims[0][0]
            owners[claims[0][0]] = case.person
            identified.append(case.person)
        else:
            warnings.append(_finding(case, lines, _("Two persons, each with an account, seem to be one.")))
    Affiliation.objects.bulk_update(moved, ["person"], batch_size=500)
    Person.objects.bulk_create(identified, update_conflicts=True, unique_fields=["id"], update_fields=["identity"])
    return warnings


def _case_of(person: Person) -> _Case:
    return _Case(person, list(person.affiliations.order_by("pk")))


def _hand_over(records: list[Affiliation], owner: Person) -> list[Affiliation]:
    for record in records:
        record.person = owner
    return records


def _finding(case: _Case, lines: Mapping[int, int], reason: str) -> Finding:
    line = next((lines[record.pk] for record in case.records if record.pk in lines), 0)
    return Finding(line, "ssn", reason)
