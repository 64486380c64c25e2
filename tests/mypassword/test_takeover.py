"""The takeover matrix, first half: a recovery's PIN and session, and the sessions and contacts of an account."""

import pytest

from accounts.models import Account, Pin
from tests.activation.visitor import Visitor, pins_sent_to
from tests.factories import AffiliationFactory
from tests.mypassword.forgetful import CONTACTS, NEW_PIN, PASSWORD, PIN, VERIFY
from tests.mypassword.thief import NEW, Row, World, commit, link_of, other_than, rows, take

pytestmark = pytest.mark.django_db


# ---- A recovery's PIN ---------------------------------------------------------------------------------------------


def recovery_pin_for_another_account(world: World) -> None:
    world.maria.reach_pin()
    thief = world.thief(world.nikos).reach_pin()
    other_than(world.nikos.pin, world.maria.pin(), thief.reach_pin)
    thief.post(PIN, pin=world.maria.pin())
    take(thief)


def recovery_pin_for_a_contact(world: World) -> None:
    world.maria.reach_pin()
    pin = world.maria.pin()
    home = world.at_home(world.maria)
    home.change(mobile=NEW)
    if pins_sent_to(NEW)[0] != pin:
        home.post(VERIFY, pin=pin)


def recovery_pin_for_an_activation(world: World) -> None:
    world.maria.reach_pin()
    newcomer = Visitor(AffiliationFactory.create()).reach_pin()
    if newcomer.pin() != world.maria.pin():
        assert newcomer.post("pin", pin=world.maria.pin()).status_code == 200


def recovery_pin_in_another_browser(world: World) -> None:
    world.maria.reach_pin()
    thief = world.thief()
    thief.post(PIN, pin=world.maria.pin())
    take(thief)


def recovery_pin_in_another_recovery_of_the_same_account(world: World) -> None:
    world.maria.reach_pin(channel="email")
    first = world.maria.pin()
    thief = world.thief().reach_pin()
    other_than(lambda: pins_sent_to(str(world.maria.account.recovery_mobile))[0], first, thief.reach_pin)
    thief.post(PIN, pin=first)
    take(thief)


def recovery_pin_after_use(world: World) -> None:
    world.maria.reach_password()
    pin = world.maria.pin()
    old_cookie = world.maria.cookies()
    thief = world.thief().reach_pin()
    other_than(world.maria.pin, pin, thief.reach_pin)
    thief.post(PIN, pin=pin)
    take(thief)
    assert old_cookie


def recovery_pin_after_a_newer_pin(world: World) -> None:
    thief = world.thief().reach_pin()
    old = world.maria.pin()
    world.clock.shift(31)
    thief.post(NEW_PIN)
    if world.maria.pin() != old:
        thief.post(PIN, pin=old)
    take(thief)


def recovery_pin_after_a_newer_recovery(world: World) -> None:
    thief = world.thief().reach_pin(channel="email")
    old = world.maria.pin()
    world.maria.reach_pin(channel="sms")
    thief.post(PIN, pin=old)
    take(thief)


def recovery_pin_after_a_change_of_password(world: World) -> None:
    thief = world.thief().reach_pin()
    world.change_password()
    thief.post(PIN, pin=world.maria.pin())
    take(thief)


def recovery_pin_after_a_change_of_contact(world: World) -> None:
    thief = world.thief().reach_pin()
    pin = pins_sent_to(str(world.maria.account.recovery_mobile))[0]
    world.change_contact()
    thief.post(PIN, pin=pin)
    take(thief)


def recovery_pin_renewed_after_a_change_of_password(world: World) -> None:
    thief = world.thief().reach_pin()
    world.change_password()
    sent = len(pins_sent_to(str(world.maria.account.recovery_mobile)))
    world.clock.shift(31)
    thief.post(NEW_PIN)
    assert len(pins_sent_to(str(world.maria.account.recovery_mobile))) == sent
    assert Pin.objects.latest("pk").messages.get().decoy
    thief.post(PIN, pin=world.maria.pin())
    take(thief)


# ---- A recovery's session -----------------------------------------------------------------------------------------


def recovery_session_of_before_the_pin(world: World) -> None:
    world.maria.reach_pin()
    cookies = world.maria.cookies()
    world.maria.type_pin()
    take(world.thief().another_tab_with(cookies))


def recovery_session_after_a_change_of_password(world: World) -> None:
    thief = world.thief().reach_password()
    world.change_password()
    take(thief)


def recovery_session_after_a_change_of_contact(world: World) -> None:
    thief = world.thief().reach_password()
    world.change_contact()
    take(thief)


def recovery_session_after_another_recovery_was_proved(world: World) -> None:
    thief = world.thief().reach_password(channel="email")
    world.maria.reach_password(channel="sms")
    take(thief)


def recovery_session_after_use(world: World) -> None:
    thief = world.thief().reach_password()
    thief.set_password(PASSWORD)
    account = Account.objects.get(pk=world.maria.account.pk)
    # As if nothing had happened yet: what counts is what the second posting does.
    Account.objects.filter(pk=account.pk).update(password=world.maria.account.password)
    take(thief)


# ---- A session, a contact -----------------------------------------------------------------------------------------


def session_after_a_change_of_password(world: World) -> None:
    home = world.at_home(world.maria)
    world.browsers.append(home)
    world.change_password()
    home.post(CONTACTS, mobile=NEW, email="", removal_understood="on")


def session_after_a_change_of_contact(world: World) -> None:
    home = world.at_home(world.maria)
    world.browsers.append(home)
    world.change_contact()
    home.post(CONTACTS, mobile=NEW, email="", removal_understood="on")


def session_after_this_was_not_me(world: World) -> None:
    link = link_of(world)
    home = world.at_home(world.maria)
    world.browsers.append(home)
    world.maria.elsewhere().post(link)
    Account.objects.filter(pk=world.maria.account.pk).update(blocked_at=None)
    home.post(CONTACTS, mobile=NEW, email="", removal_understood="on")


def contact_of_another_account(world: World) -> None:
    thief = world.thief(world.nikos).reach_pin(contact=str(world.maria.account.recovery_mobile))
    assert pins_sent_to(str(world.maria.account.recovery_mobile)) == []
    thief.post(PIN, pin="123456")
    take(thief)


def contact_that_was_replaced(world: World) -> None:
    world.change_contact()
    thief = world.thief().reach_pin(channel="email", contact="changed@example.org")
    take(thief)


def contact_that_was_not_proved(world: World) -> None:
    world.at_home(world.maria).change(mobile=NEW)
    sent = len(pins_sent_to(NEW))
    thief = world.thief().reach_pin(contact=NEW)
    assert len(pins_sent_to(NEW)) == sent
    thief.post(PIN, pin=pins_sent_to(NEW)[0])
    take(thief)


ROWS = rows(globals(), "recovery", "session", "contact")


@pytest.mark.parametrize("misuse", ROWS, ids=lambda row: row.__name__)
def test_takeover(misuse: Row, no_limits: None) -> None:
    commit(misuse)


def test_the_matrix_would_notice(no_limits: None) -> None:
    """What the owner does with their own things does change the account."""
    with pytest.raises(AssertionError):
        commit(lambda world: take(world.maria.reach_password()))
