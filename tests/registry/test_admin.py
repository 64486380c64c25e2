"""What the secretariat sees of AMKAs that have still to be settled."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.demo.models import CODE as FACTOR
from accounts.demo.models import DemoDevice
from accounts.models import Account
from registry.models import InsuranceCheck
from tests.factories import AMKA, AffiliationFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/insurancecheck/"
REPLACED_BY = "21030500124"


def secretary(*permissions: str) -> Client:
    account = Account.objects.create_user("secretary", "blue-ferry-harbour", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=[*permissions, "see_all_records"]))
    DemoDevice.objects.create(user=account, name="demo")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.post("/mypassword/login/", {"username": "secretary", "password": "blue-ferry-harbour"})
    client.post("/mypassword/login/code/", {"code": FACTOR})
    return client


def replaced() -> InsuranceCheck:
    record = AffiliationFactory.create(insurance_number=AMKA)
    return InsuranceCheck.objects.create(affiliation=record, state="replaced", current_number=REPLACED_BY)


def test_what_is_to_be_settled_is_listed_without_the_numbers() -> None:
    check = replaced()
    client = secretary("view_insurancecheck")
    for path in (LIST, f"{LIST}{check.pk}/change/"):
        page = client.get(path).content.decode()
        assert check.affiliation.registration_number in page
        assert "confirmed, but replaced by another number" in page
        assert "•••••••••24" in page
        assert AMKA not in page
        assert REPLACED_BY not in page


def test_after_a_correction_the_registry_is_asked_again() -> None:
    check = replaced()
    client = secretary("view_insurancecheck", "change_insurancecheck")
    client.post(LIST, {"action": "ask_again", "_selected_action": [check.pk]})
    check.refresh_from_db()
    assert (check.state, check.current_number) == ("pending", "")


def test_only_who_may_change_asks_again() -> None:
    check = replaced()
    secretary("view_insurancecheck").post(LIST, {"action": "ask_again", "_selected_action": [check.pk]})
    check.refresh_from_db()
    assert check.state == "replaced"


def test_more_rows_need_no_more_queries(django_assert_max_num_queries: object) -> None:
    client = secretary("view_insurancecheck")
    counts = []
    for _round in range(2):
        replaced()
        with django_assert_max_num_queries(30) as captured:  # type: ignore[operator] # pytest-django's factory.
            client.get(LIST)
        counts.append(len(captured))
    assert counts[0] == counts[1]
