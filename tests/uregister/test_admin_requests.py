"""What the administration answers to requests that none of its pages would send."""

import pytest
from django.contrib.contenttypes.models import ContentType

from accounts import roles
from accounts.models import Message
from tests.activation.office.staff import member

pytestmark = pytest.mark.django_db
NO_KEYS = ["", "x", "²", "1" * 30, "9" * 4301, "\0"]


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_selected_key_that_is_none(key: str) -> None:
    operator = member(roles.OPERATOR)
    lists = {
        "registry/insurancecheck": "ask_again",
        "accounts/directoryentry": "retry_now",
        "accounts/message": "send_again",
    }
    for path, action in lists.items():
        answer = operator.post(f"/admin/{path}/", {"action": action, "index": "0", "_selected_action": key})
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    ["accounts/directoryentry/?error=%00", "accounts/directoryentry/?state__exact=a%00b", "autocomplete/?term=%00"],
)
def test_a_filter_asked_for_nul(path: str) -> None:
    assert member(roles.OPERATOR).get(f"/admin/{path}").status_code == 400


@pytest.mark.parametrize("key", NO_KEYS[1:])
def test_the_address_of_an_import_that_is_none(key: str) -> None:
    answer = member(roles.OPERATOR).get(f"/admin/registry/importrun/{key}/change/".replace("\0", "%00"))
    assert answer.status_code == 404


def test_nothing_leads_from_a_table_and_a_key_to_a_record() -> None:
    """A message's key is a UUID: Django's redirection failed at any other."""
    messages = ContentType.objects.get_for_model(Message)
    assert member(roles.OPERATOR).get(f"/admin/r/{messages.pk}/26/").status_code == 404
