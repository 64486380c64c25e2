"""The takeover matrix, second half: a new contact's PIN, a code of the helpdesk, a link."""

import pytest
from django.test import TestCase

from accounts import pins
from accounts.messages.send import Destination
from accounts.models import Account
from mypassword import reset_codes
from tests.activation.visitor import pins_sent_to
from tests.factories import AccountFactory
from tests.mypassword.forgetful import CODE, PIN, SET, VERIFY, VERIFY_NEW, goes_to
from tests.mypassword.thief import NEW, NEWER, Row, World, commit, link_of, other_than, rows, take

pytestmark = pytest.mark.django_db


# ---- A contact's PIN ----------------------------------------------------------------------------------------------


def contact_pin_for_another_account(world: World) -> None:
    maria, nikos = world.at_home(world.maria), world.at_home(world.nikos)
    maria.change(mobile=NEW)
    nikos.change(mobile=NEWER)
    other_than(lambda: pins_sent_to(NEWER)[0], pins_sent_to(NEW)[0], lambda: nikos.change(mobile=NEWER))
    nikos.post(VERIFY, pin=pins_sent_to(NEW)[0])


def contact_pin_for_a_recovery(world: World) -> None:
    home = world.at_home(world.maria)
    home.change(mobile=NEW)
    thief = world.thief().reach_pin()
    other_than(world.maria.pin, pins_sent_to(NEW)[0], thief.reach_pin)
    thief.post(PIN, pin=pins_sent_to(NEW)[0])
    take(thief)


def contact_pin_in_another_session_of_the_same_account(world: World) -> None:
    home, other = world.at_home(world.maria), world.at_home(world.maria)
    home.change(mobile=NEW)
    other.post(VERIFY, pin=pins_sent_to(NEW)[0])


def contact_pin_without_a_session(world: World) -> None:
    world.at_home(world.maria).change(mobile=NEW)
    world.thief().post(VERIFY, pin=pins_sent_to(NEW)[0])


def contact_pin_after_a_newer_pin(world: World) -> None:
    home = world.at_home(world.maria)
    home.change(mobile=NEW)
    old = pins_sent_to(NEW)[0]
    world.clock.shift(31)
    home.post(VERIFY_NEW)
    if pins_sent_to(NEW)[0] != old:
        home.post(VERIFY, pin=old)


def contact_pin_after_a_newer_wish(world: World) -> None:
    home = world.at_home(world.maria)
    home.change(mobile=NEW)
    home.change(mobile=NEWER)
    if pins_sent_to(NEW)[0] != pins_sent_to(NEWER)[0]:
        home.post(VERIFY, pin=pins_sent_to(NEW)[0])


def contact_pin_after_a_newer_wish_in_another_session(world: World) -> None:
    home, other = world.at_home(world.maria), world.at_home(world.maria)
    home.change(mobile=NEW)
    other.change(mobile=NEWER)
    home.post(VERIFY, pin=pins_sent_to(NEW)[0])


def contact_pin_after_a_change_of_password(world: World) -> None:
    home = world.at_home(world.maria)
    home.change(mobile=NEW)
    world.change_password()
    home.post(VERIFY, pin=pins_sent_to(NEW)[0])
    home.sign_in()
    home.post(VERIFY, pin=pins_sent_to(NEW)[0])


def contact_pin_after_a_change_of_contact(world: World) -> None:
    home = world.at_home(world.maria)
    home.change(mobile=NEW)
    world.change_contact()
    home.post(VERIFY, pin=pins_sent_to(NEW)[0])
    home.sign_in()
    home.post(VERIFY, pin=pins_sent_to(NEW)[0])


# ---- A reset code -------------------------------------------------------------------------------------------------


def code_of(world: World) -> str:
    return reset_codes.create(world.maria.account, issued_by=AccountFactory.create())[1]


def try_code(world: World, code: str, username: str = "") -> None:
    thief = world.thief()
    thief.post(CODE, username=username or world.maria.account.username, code=code)
    take(thief)


def reset_code_for_another_account(world: World) -> None:
    try_code(world, code_of(world), world.nikos.account.username)


def reset_code_after_use(world: World) -> None:
    code = code_of(world)
    world.maria.post(CODE, username=world.maria.account.username, code=code)
    try_code(world, code)


def reset_code_after_a_newer_one(world: World) -> None:
    code = code_of(world)
    code_of(world)
    try_code(world, code)


def reset_code_after_a_change_of_password(world: World) -> None:
    code = code_of(world)
    world.change_password()
    try_code(world, code)


def reset_code_after_a_change_of_contact(world: World) -> None:
    code = code_of(world)
    world.change_contact()
    try_code(world, code)


def reset_code_s_session_after_a_change_of_password(world: World) -> None:
    thief = world.thief()
    assert goes_to(thief.post(CODE, username=world.maria.account.username, code=code_of(world))) == SET
    world.change_password()
    take(thief)


def reset_code_after_a_day(world: World) -> None:
    code = code_of(world)
    world.clock.shift(24 * 3600)
    try_code(world, code)


# ---- A link -------------------------------------------------------------------------------------------------------


def link_that_is_only_looked_at(world: World) -> None:
    world.thief().get(link_of(world))


def link_after_use(world: World) -> None:
    link = link_of(world)
    world.thief().post(link)
    Account.objects.filter(pk=world.maria.account.pk).update(blocked_at=None)
    world.thief().post(link)


def link_after_three_days(world: World) -> None:
    link = link_of(world)
    world.clock.shift(72 * 3600)
    world.thief().post(link)


def link_as_a_reset_code(world: World) -> None:
    try_code(world, link_of(world).split("/")[-2])


# ---- A code for the helpdesk ----------------------------------------------------------------------------------


def code_for_helpdesk(world: World) -> str:
    sms = Destination("sms", str(world.maria.account.recovery_mobile))
    with TestCase.captureOnCommitCallbacks(execute=True):
        pins.issue(
            purpose="caller", binding="c" * 64, person=world.maria.account.person, destinations=[sms], language="en"
        )
    return pins_sent_to(sms.address)[0]


def caller_code_for_a_recovery(world: World) -> None:
    thief = world.thief().reach_pin(channel="email")
    other_than(lambda: code_for_helpdesk(world), world.maria.pin(), lambda: None)
    thief.post(PIN, pin=pins_sent_to(str(world.maria.account.recovery_mobile))[0])
    take(thief)


def caller_code_for_a_contact(world: World) -> None:
    home = world.at_home(world.maria)
    home.change(mobile=NEW)
    other_than(lambda: code_for_helpdesk(world), pins_sent_to(NEW)[0], lambda: None)
    home.post(VERIFY, pin=pins_sent_to(str(world.maria.account.recovery_mobile))[0])


ROWS = rows(globals(), "contact_pin", "reset_code", "link", "caller_code")


@pytest.mark.parametrize("misuse", ROWS, ids=lambda row: row.__name__)
def test_takeover(misuse: Row, no_limits: None) -> None:
    commit(misuse)
