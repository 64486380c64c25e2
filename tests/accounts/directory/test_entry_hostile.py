"""Whatever stands in a record: stored as it is, or refused clearly; nothing is ever read as something else."""

from hypothesis import given

from accounts.directory import Attributes
from accounts.directory.entry import MANAGED, Unfit, compose
from accounts.models import Account
from registry.models import Affiliation
from registry.syntax import tidy
from tests.accounts.directory.hostile import persons

Person = tuple[Account, list[Affiliation]]
# How many parts each URN has; consumers count them.
PARTS = {
    "schacPersonalUniqueID": {8},
    "schacPersonalUniqueCode": {9, 7},
    "schGrAcEnrollment": {10},
    "schGrAcPersonalLinkageID": {9, 10},
    "schacUserStatus": {6},
}


def composed(person: Person) -> Attributes | None:
    try:
        return compose(*person, profile="gunet")
    except Unfit:
        return None


@given(persons())
def test_every_value_is_text_that_ldap_holds(person: Person) -> None:
    for name, values in (composed(person) or {}).items():
        assert name in MANAGED["gunet"]
        assert values
        assert len(set(values)) == len(values)
        for value in values:
            assert value == value.strip() != ""
            assert value.isprintable()


@given(persons())
def test_names_are_the_record_s_own(person: Person) -> None:
    attributes = composed(person)
    if attributes is None:
        return
    named = next(record for record in person[1] if record.surname)
    for name, field in (("givenName", "first_name"), ("sn", "last_name")):
        greek, latin = tidy(getattr(named, f"{field}_el")), tidy(getattr(named, f"{field}_en"))
        assert attributes.get(f"{name};lang-el", ("",)) == (greek,)
        if latin:
            assert attributes[name] == attributes[f"{name};lang-en"] == (latin,)


@given(persons())
def test_nothing_in_a_value_shifts_the_parts_of_an_address_or_urn(person: Person) -> None:
    attributes = composed(person)
    if attributes is None:
        return
    for name, counts in PARTS.items():
        assert {len(value.split(":")) for value in attributes.get(name, ())} <= counts
    username = person[0].username
    assert attributes["uid"] == (username,)
    assert attributes["eduPersonPrincipalName"] == (f"{username}@uregister.example",)
    assert attributes["mail"][0].count("@") == 1


@given(persons())
def test_what_is_refused_has_a_reason_in_the_record(person: Person) -> None:
    """Without this the tests above would hold for a function that refuses everybody."""
    account, records = person
    sound = account.username in {"maria05", "a.b-c_d", "0"}
    fields = [f"{which}_name_{language}" for which in ("first", "last") for language in ("el", "en")]
    names = [getattr(record, field) for record in records for field in fields]
    if sound and all(name in {"Maria", "Μαρία"} for name in names):
        assert composed(person) is not None
