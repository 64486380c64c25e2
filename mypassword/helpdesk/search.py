"""Finds people by whatever the caller says: a username, a registration number, a name, a mobile, an e-mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db.models import Case, Min, Q, Value, When

from accounts.models import Account
from mypassword.helpdesk.reach import Subject, account_of, visible_records
from registry import search
from registry.models import Affiliation
from registry.names import fold

MOST = 20


@dataclass(frozen=True)
class Hit:
    subject: Subject
    in_reach: bool


@dataclass(frozen=True)
class Found:
    hits: list[Hit]
    more: bool


def find(helper: Account, text: str) -> Found:
    """At most `MOST` people whom the helper may see; five queries, however many they are."""
    text = " ".join(text.split())
    visible = visible_records(helper)
    matching = visible.filter(search.matching(text) | Q(person__in=_persons_of_accounts(text)))
    # A person with several records is one line. Names that begin as it was typed come before those that may be meant.
    people = matching.order_by().values("person").annotate(rank=Min(_rank(text)), name=Min("search_name"))
    people = people.order_by("rank", "name", "person")
    keys = [row["person"] for row in people[: MOST + 1]]
    subjects = _subjects(visible.filter(person__in=keys[:MOST]).order_by("person", "pk"))
    by_key = {subject.person.pk: subject for subject in subjects}
    accounts = [subject.account.pk for subject in subjects if subject.account]
    protected = set(Account.objects.with_rights().filter(pk__in=accounts).values_list("person", flat=True))
    hits = [Hit(by_key[key], in_reach=key not in protected) for key in keys[:MOST]]
    return Found(hits, more=len(keys) > MOST)


def _subjects(records: Iterable[Affiliation]) -> list[Subject]:
    found = []
    for _key, group in groupby(records, key=attrgetter("person_id")):
        of_person = list(group)
        person = of_person[0].person
        found.append(Subject(person, of_person, account_of(person)))
    return found


def _rank(text: str) -> Case:
    return Case(When(search_name__startswith=fold(text), then=Value(0)), default=Value(1))


def _persons_of_accounts(text: str) -> list[int]:
    email, mobile = search.email(text), search.mobile(text)
    matches = Q(username=text.lower())
    if email:
        matches |= Q(recovery_email=email)
    if mobile:
        matches |= Q(recovery_mobile=mobile)
    found = Account.objects.filter(matches, person__isnull=False).order_by("pk")
    return [key for key in found.values_list("person", flat=True)[: MOST + 1] if key is not None]
