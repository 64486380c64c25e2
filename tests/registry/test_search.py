"""Records are found by what somebody has at hand, by indexes, and by nothing less."""

import pytest

from registry import insurance
from registry.models import Affiliation
from registry.names import search_key
from registry.search import matching, matching_insurance
from tests.factories import AMKA, AffiliationFactory

pytestmark = pytest.mark.django_db


def person(**values: object) -> Affiliation:
    record = AffiliationFactory.create(**values)
    record.search_name = search_key(record.last_name_el, record.first_name_el)
    record.save(update_fields=["search_name"])
    return record


@pytest.mark.parametrize(
    "text",
    [
        *("παπαδοπουλου", "ΠΑΠΑΔΟΠΟΎΛΟΥ", "papadopoulou", "Papadopulu m", "μαρία παπαδοπούλου", "Παπαδοπο"),
        *("it2600001", "IT2600001", "Maria05", "6900000001", "+30 690 000 0001", "Maria@Example.org"),
    ],
)
def test_found(text: str) -> None:
    found = person(
        registration_number="it2600001", username="maria05", mobile="+306900000001", email="maria@example.org"
    )
    person(last_name_el="Γεωργίου")
    assert list(Affiliation.objects.filter(matching(text))) == [found]


@pytest.mark.parametrize("text", ["", "πα", "%", "_", "2600001", "maria@", "Γεωργίου"])
def test_not_found(text: str) -> None:
    person(registration_number="it2600001")
    assert not Affiliation.objects.filter(matching(text)).exists()


@pytest.mark.parametrize("text", [AMKA, f" {AMKA[:6]} {AMKA[6:]} ", f"{AMKA[:6]}-{AMKA[6:]}"])
def test_an_amka_is_found_whole(text: str) -> None:
    record = person()
    without_country = person(insurance_country="", insurance_digest=insurance.digest("", AMKA))
    person(insurance_number="21030500124")
    assert set(Affiliation.objects.filter(matching_insurance(text))) == {record, without_country}


@pytest.mark.parametrize("text", [AMKA[:10], "", AMKA + "0", "Παπαδοπούλου"])
def test_an_amka_is_not_found_by_its_parts(text: str) -> None:
    person()
    assert not Affiliation.objects.filter(matching_insurance(text)).exists()
