"""The first screens of MyPassword."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_visitor_is_sent_to_sign_in_and_no_further(client: Client) -> None:
    answer = client.get("/mypassword/", follow=True)
    assert answer.redirect_chain == [("/mypassword/login/?next=/mypassword/", 302)]
    assert answer.status_code == 200
