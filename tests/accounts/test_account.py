"""The account itself."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account

pytestmark = pytest.mark.django_db


def test_a_name_is_kept_in_small_letters_as_who_signs_in_is_looked_for() -> None:
    call_command("createsuperuser", username="Admin.NOC", interactive=False, verbosity=0)
    assert Account.objects.get_by_natural_key("ADMIN.noc").username == "admin.noc"
    with pytest.raises(CommandError, match="taken"):
        call_command("createsuperuser", username="ADMIN.NOC", interactive=False, verbosity=0)
