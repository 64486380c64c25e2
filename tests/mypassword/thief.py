"""The world of the takeover matrix: Maria, Nikos, a clock, and thieves.

Each row of the matrix misuses one thing of Maria's (a PIN, a code, a link, a session, a contact) in one way: for
somebody or something else, in another browser, or too late. Afterwards neither account has changed, and no thief is
signed in.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import time_machine

from accounts import access
from accounts.models import Account
from tests.activation.visitor import pins_sent_to
from tests.mypassword.forgetful import CONTACTS, SET, VERIFY, Forgetful, forgetful, goes_to, links_sent_to

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NEW, NEWER = "+306900000777", "+306900000778"
THIEF_S_PASSWORD = "thief-77-Kolonaki"


class World:
    """Maria, Nikos, and a clock that only the row moves."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.maria, self.nikos = forgetful(), forgetful()
        self.browsers: list[Forgetful] = []

    def thief(self, owner: Forgetful | None = None) -> Forgetful:
        """A browser without cookies; signs in as nobody."""
        browser = (owner or self.maria).elsewhere()
        self.browsers.append(browser)
        return browser

    def at_home(self, owner: Forgetful) -> Forgetful:
        """The owner, signed in in a browser of their own."""
        browser = owner.elsewhere()
        assert goes_to(browser.sign_in()) == "/mypassword/"
        return browser

    # ---- What happens in between, done by the owner ----

    def change_password(self) -> None:
        account = Account.objects.get(pk=self.maria.account.pk)
        access.change_password(account, password_hash=account.password, act="password.changed")

    def change_contact(self) -> None:
        """And back, so that what is stored is the same as before."""
        home = self.at_home(self.maria)
        email = self.maria.account.recovery_email
        for new in ("changed@example.org", email):
            self.clock.shift(150)
            home.change(email=new)
            assert goes_to(home.post(VERIFY, pin=pins_sent_to(new)[0])) == CONTACTS
        self.maria.account.refresh_from_db()


def state_of(*owners: Forgetful) -> list[tuple[Any, ...]]:
    """Whatever a takeover would change."""
    fields = ("password", "recovery_mobile", "recovery_email", "blocked_at", "is_active")
    return list(
        Account.objects.filter(pk__in=[owner.account.pk for owner in owners]).order_by("pk").values_list(*fields)
    )


def take(browser: Forgetful) -> None:
    """All that a thief with a recovery under way would try next."""
    browser.post(SET, password1=THIEF_S_PASSWORD, password2=THIEF_S_PASSWORD)


def other_than(pins: Callable[[], str], used: str, again: Callable[[], Any]) -> None:
    """Once in a million two PINs are the same: then ask for another one."""
    while pins() == used:
        again()


def link_of(world: World) -> str:
    world.change_password()
    world.at_home(world.maria).change(mobile="", removal_understood="on")
    link = links_sent_to(world.maria.account.recovery_email)[0]
    Account.objects.filter(pk=world.maria.account.pk).update(recovery_mobile=world.maria.account.recovery_mobile)
    return link


Row = Callable[[World], None]


def rows(module: dict[str, Any], *things: str) -> list[Row]:
    """The functions of a module that are named after a thing, such as `reset_code_after_use`."""
    return [row for name, row in module.items() if name.startswith(tuple(f"{thing}_" for thing in things))]


def commit(misuse: Row) -> None:
    """Do what the row says, and look."""
    with time_machine.travel(NOON, tick=False) as clock:
        world = World(clock)
        before = state_of(world.maria, world.nikos)
        misuse(world)
        assert state_of(world.maria, world.nikos) == before
        assert not any(browser.is_signed_in() for browser in world.browsers)
