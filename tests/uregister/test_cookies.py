"""What stands in a cookie is anybody's to write."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ['"abcdefgh\\000"', "é" * 32, "a" * 31, "a" * 5000, "A" * 32, ""])
def test_a_session_s_key_that_is_none_is_no_session(key: str) -> None:
    client = Client(headers={"cookie": f"sessionid={key}"})
    assert client.get("/activation/contact/").status_code == 302
    assert client.get("/mypassword/").status_code == 302


def test_a_session_s_key_that_nobody_has_is_none_either() -> None:
    assert Client(headers={"cookie": f"sessionid={'a' * 32}"}).get("/mypassword/").status_code == 302
