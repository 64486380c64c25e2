"""What must happen once happens once, however many ask at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts import access, second_factor
from accounts.models import Account, AuditEvent
from accounts.throttle import TooMany
from tests.mypassword.holder import holder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_limits")]

AT_ONCE = 8


def winners(act: Callable[[int], object]) -> int:
    """How many of those who act at once succeed."""

    def tried(number: int) -> bool:
        try:
            act(number)
        except (second_factor.CodeWrong, TooMany, access.Overtaken):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(tried, range(AT_ONCE)))


def test_a_recovery_code_opens_one_session() -> None:
    account = holder(app=True).account
    code = second_factor.make_codes(account, address="127.0.0.1")[0]
    assert winners(lambda _number: second_factor.check(account, code, address="127.0.0.1")) == 1
    assert second_factor.codes_left(account) == second_factor.CODES - 1
    assert AuditEvent.objects.filter(act="recovery_code.used").count() == 1


def test_a_code_of_the_app_opens_one_session() -> None:
    visitor = holder(app=True)
    code = visitor.code()
    assert winners(lambda _number: second_factor.check(visitor.account, code, address="127.0.0.1")) == 1


def test_a_password_is_changed_once() -> None:
    pk = holder().account.pk
    accounts = [Account.objects.get(pk=pk) for _number in range(AT_ONCE)]
    assert (
        winners(lambda number: access.change_password(accounts[number], password_hash="x", act="password.changed")) == 1
    )
    assert Account.objects.get(pk=pk).epoch == 1
    assert AuditEvent.objects.filter(act="password.changed").count() == 1
