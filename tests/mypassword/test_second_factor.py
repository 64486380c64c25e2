"""Setting up, renewing and removing the second factor."""

import re
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.models import Account, AuditEvent, InboxMessage, Notice
from tests.activation.visitor import LIMITED, OK, alerts, elements, page, text
from tests.mypassword.holder import NOON, PASSWORD, Holder, goes_to, holder, shown_by, with_app

pytestmark = pytest.mark.django_db

OVERVIEW, ENROL, CODES, REMOVE = (f"/mypassword/second-factor/{path}" for path in ("", "enrol/", "codes/", "remove/"))


def signed_in(**fields: Any) -> Holder:
    visitor = holder(**fields)
    visitor.sign_in()
    if fields.get("app"):
        visitor.give_code(visitor.code())
    return visitor


def new_device(visitor: Holder) -> TOTPDevice:
    device: TOTPDevice = TOTPDevice.objects.get(user=visitor.account, confirmed=False)
    return device


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def acts(visitor: Holder) -> list[str]:
    return [event.act for event in AuditEvent.objects.filter(account=visitor.account).order_by("pk")]


def printed(answer: Any) -> list[str]:
    return [text(item) for item in elements(answer, id="codes")[0].children if not isinstance(item, str)]


# ---- Setting up ---------------------------------------------------------------------------------------------------


def test_setting_up_from_the_overview_to_the_next_sign_in() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = signed_in(recovery_email="owner@example.org")
        assert ENROL in page(visitor.get(OVERVIEW))
        assert "such as" in page(visitor.get(ENROL))
        assert not TOTPDevice.objects.exists()
        assert goes_to(visitor.post(ENROL, start="1")) == ENROL
        device = new_device(visitor)
        answer = visitor.get(ENROL)
        assert elements(answer, id="secret")[0]
        assert second_factor.secret_to_type(device) in page(answer)
        assert re.search(r'<img class="qr" src="data:image/svg\+xml', page(answer))
        assert goes_to(visitor.post(ENROL, code=shown_by(device))) == CODES
        # This session has shown it and goes on; the next one is asked.
        assert "The second factor is set up" in page(visitor.get(CODES))
        other = visitor.in_another_browser()
        assert goes_to(other.sign_in()) == "/mypassword/login/code/"
        clock.shift(60)
        assert goes_to(other.give_code(visitor.code())) == "/mypassword/"
    assert "second_factor.enrolled" in acts(visitor)
    assert InboxMessage.objects.filter(to="owner@example.org").count() == 1


def test_setting_up_ends_the_other_sessions() -> None:
    visitor = signed_in()
    other = visitor.in_another_browser()
    other.sign_in()
    visitor.post(ENROL, start="1")
    visitor.post(ENROL, code=shown_by(new_device(visitor)))
    assert visitor.get(OVERVIEW).status_code == OK
    assert goes_to(other.get(OVERVIEW)).startswith("/mypassword/login/")


def test_nothing_is_asked_before_the_app_has_shown_a_right_code() -> None:
    visitor = signed_in()
    visitor.post(ENROL, start="1")
    device = new_device(visitor)
    answer = visitor.post(ENROL, code=wrong(shown_by(device)))
    assert "Wrong code" in alerts(answer)
    assert second_factor.secret_to_type(device) in page(answer)
    assert visitor.post(ENROL, code=shown_by(device)).status_code == LIMITED
    assert goes_to(visitor.in_another_browser().sign_in()) == "/mypassword/"
    assert "second_factor.enrolled" not in acts(visitor)


def test_a_secret_begun_in_another_session_is_not_shown_nor_confirmed() -> None:
    """A thief with an open session must not slip their own secret under the owner's confirmation."""
    visitor = signed_in()
    thief = visitor.in_another_browser()
    thief.sign_in()
    thief.post(ENROL, start="1")
    planted = new_device(visitor)
    assert second_factor.secret_to_type(planted) not in page(visitor.get(ENROL))
    visitor.post(ENROL, code=shown_by(planted))
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    visitor.post(ENROL, start="1")
    assert new_device(visitor).key != planted.key


def test_another_app_needs_a_code_of_the_present_one_and_takes_its_place() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = signed_in(app=True)
        old = TOTPDevice.objects.get()
        clock.shift(60)
        assert "Type a code." in alerts(visitor.post(ENROL, start="1", code=""))
        assert "Wrong code" in alerts(visitor.post(ENROL, start="1", code=wrong(visitor.code())))
        assert TOTPDevice.objects.get() == old
        clock.shift(60)
        assert goes_to(visitor.post(ENROL, start="1", code=visitor.code())) == ENROL
        assert goes_to(visitor.post(ENROL, code=shown_by(new_device(visitor)))) == CODES
        assert TOTPDevice.objects.get() != old
        # The session now stands on the new one.
        assert visitor.get(OVERVIEW).status_code == OK
        assert visitor.client.session["otp_device_id"] == TOTPDevice.objects.get().persistent_id


def test_the_operator_sets_up_and_enters_admin() -> None:
    visitor = Holder(Account.objects.create_superuser("operator", PASSWORD))
    visitor.sign_in(query="?next=/admin/")
    visitor.post(ENROL, start="1")
    assert goes_to(visitor.post(ENROL, code=shown_by(new_device(visitor)))) == CODES
    assert visitor.get("/admin/").status_code == OK


# ---- Recovery codes -----------------------------------------------------------------------------------------------


def test_recovery_codes_are_shown_once_and_kept_as_digests_only() -> None:
    visitor = signed_in(app=True, recovery_email="owner@example.org")
    assert not elements(visitor.get(CODES), id="codes")
    codes = printed(visitor.post(CODES))
    assert len(set(codes)) == second_factor.CODES == second_factor.codes_left(visitor.account)
    assert all(re.fullmatch(r"[a-z2-6]{5}-[a-z2-6]{5}", code) for code in codes)
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert stored.isdisjoint(code.replace("-", "") for code in codes)
    assert codes[0] not in page(visitor.get(CODES))
    assert "recovery_codes.renewed" in acts(visitor)
    assert InboxMessage.objects.filter(to="owner@example.org").count() == 1
    other = visitor.in_another_browser()
    other.sign_in()
    assert goes_to(other.give_code(codes[3])) == "/mypassword/"


def test_new_recovery_codes_kill_the_old_ones() -> None:
    visitor = signed_in(app=True)
    old = printed(visitor.post(CODES))[0]
    visitor.post(CODES)
    other = visitor.in_another_browser()
    other.sign_in()
    assert "Wrong code" in alerts(other.give_code(old))


def test_without_a_second_factor_there_are_no_recovery_codes() -> None:
    visitor = signed_in()
    for answer in (visitor.get(CODES), visitor.post(CODES), visitor.get(REMOVE), visitor.post(REMOVE)):
        assert goes_to(answer) == OVERVIEW
    assert not StaticToken.objects.exists()


# ---- Removing -----------------------------------------------------------------------------------------------------


def test_removing_needs_a_code_and_is_told() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = signed_in(app=True, recovery_email="owner@example.org")
        code = second_factor.make_codes(visitor.account, address="127.0.0.1")[0]
        other = visitor.in_another_browser()
        other.sign_in()
        other.give_code(code)
        clock.shift(60)
        for typed in ("", wrong(visitor.code())):
            assert alerts(visitor.post(REMOVE, code=typed))
            assert second_factor.is_enrolled(visitor.account)
        clock.shift(60)
        assert goes_to(visitor.post(REMOVE, code=visitor.code())) == OVERVIEW
        assert not second_factor.is_enrolled(visitor.account)
        assert "second_factor.removed" in acts(visitor)
        assert goes_to(visitor.get("/mypassword/")) == ""
        assert goes_to(other.get("/mypassword/")).startswith("/mypassword/login/")
        assert goes_to(visitor.in_another_browser().sign_in()) == "/mypassword/"


def test_an_account_with_rights_keeps_its_second_factor() -> None:
    visitor = Holder(Account.objects.create_superuser("operator", PASSWORD))
    with_app(visitor.account)
    with time_machine.travel(NOON, tick=False) as clock:
        visitor.sign_in()
        visitor.give_code(visitor.code())
        clock.shift(60)
        assert "cannot be without" in alerts(visitor.post(REMOVE, code=visitor.code()))
    assert second_factor.is_enrolled(visitor.account)
    with pytest.raises(second_factor.SecondFactorNeeded):
        second_factor.remove(visitor.account, address="127.0.0.1")
    assert REMOVE not in page(visitor.get(OVERVIEW))


@pytest.mark.parametrize("path", [ENROL, CODES, REMOVE])
def test_each_change_asks_for_the_password_after_ten_minutes(path: str) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = signed_in(app=True)
        clock.shift(601)
        before = set(StaticToken.objects.values_list("pk")), TOTPDevice.objects.count()
        assert goes_to(visitor.post(path, code=visitor.code(), start="1")) == f"/mypassword/login/again/?next={path}"
        assert before == (set(StaticToken.objects.values_list("pk")), TOTPDevice.objects.count())


def test_who_lost_it_gets_another_one_through_the_console() -> None:
    visitor = signed_in(app=True, is_staff=True, recovery_email="owner@example.org")
    with pytest.raises(CommandError, match="no account"):
        call_command("remove_second_factor", "nobody", reason="42")
    call_command("remove_second_factor", visitor.account.username, reason="Ticket 42, met in person", stdout=StringIO())
    assert not second_factor.is_enrolled(visitor.account)
    assert goes_to(visitor.get(OVERVIEW)).startswith("/mypassword/login/")
    assert AuditEvent.objects.get(act="second_factor.removed").reason == "Ticket 42, met in person"
    assert Notice.objects.filter(account=visitor.account, subject="second_factor_removed").exists()
    visitor.sign_in()
    assert "/second-factor/" in goes_to(visitor.get("/mypassword/contacts/"))
