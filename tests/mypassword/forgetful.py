"""Somebody who has forgotten the password, or changes their contacts, at a browser of their own."""

import itertools
import re
from typing import Any

from accounts.models import Account, InboxMessage
from tests.activation.visitor import pins_sent_to
from tests.mypassword.holder import PASSWORD, Holder, goes_to, holder

NEW_PASSWORD = "vrachos-19-Kallithea"
START = "/mypassword/forgotten/"
PIN, NEW_PIN, SET, DONE, CODE, USERNAME = (
    f"{START}{page}/" for page in ("pin", "pin/new", "password", "done", "code", "username")
)
CONTACTS, VERIFY, VERIFY_NEW = (f"/mypassword/contacts/{page}" for page in ("", "verify/", "verify/new/"))
numbers = itertools.count(1)


class Forgetful(Holder):
    def ask(self, *, channel: str = "sms", contact: str = "", username: str = "") -> Any:
        stored = str(self.account.recovery_mobile) if channel == "sms" else self.account.recovery_email
        field = "mobile" if channel == "sms" else "email"
        typed = {"username": username or self.account.username, "channel": channel, field: contact or stored}
        return self.post(START, **typed)

    def pin(self, address: str = "") -> str:
        return pins_sent_to(*([address] if address else addresses_of(self.account)))[0]

    def type_pin(self, pin: str = "") -> Any:
        return self.post(PIN, pin=pin or self.pin())

    def set_password(self, password: str = NEW_PASSWORD) -> Any:
        return self.post(SET, password1=password, password2=password)

    def reach_pin(self, **contact: str) -> "Forgetful":
        assert goes_to(self.ask(**contact)) == PIN
        return self

    def reach_password(self, **contact: str) -> "Forgetful":
        assert goes_to(self.reach_pin(**contact).type_pin()) == SET
        return self

    def recover(self, **contact: str) -> "Forgetful":
        assert goes_to(self.reach_password(**contact).set_password()) == DONE
        return self

    def cookies(self) -> dict[str, str]:
        return {name: morsel.value for name, morsel in self.client.cookies.items()}

    def elsewhere(self) -> "Forgetful":
        """Another browser, without any cookie."""
        return Forgetful(self.account)

    def another_tab_with(self, cookies: dict[str, str]) -> "Forgetful":
        """A browser that holds these cookies: an old tab, or a thief."""
        other = self.elsewhere()
        for name, value in cookies.items():
            other.client.cookies[name] = value
        return other

    def change(self, **contacts: str) -> Any:
        """Type into the contact details; what is not named stays as it is."""
        self.account.refresh_from_db()
        kept = {"mobile": str(self.account.recovery_mobile or ""), "email": self.account.recovery_email}
        return self.post(CONTACTS, **(kept | contacts))

    def is_signed_in(self) -> bool:
        return bool(self.get("/mypassword/").status_code == 200)


def forgetful(*, signed_in: bool = False, **fields: Any) -> Forgetful:
    """A student with an account, a mobile and an e-mail for recovery."""
    number = next(numbers)
    contacts = {"recovery_mobile": f"+3069000{number + 70000:05}", "recovery_email": f"own{number}@example.org"}
    person = Forgetful(holder(**(contacts | fields)).account)
    if signed_in:
        assert goes_to(person.sign_in()) == "/mypassword/"
    return person


def addresses_of(account: Account) -> list[str]:
    return [address for address in (str(account.recovery_mobile or ""), account.recovery_email) if address]


def password_is(account: Account, password: str) -> bool:
    return Account.objects.get(pk=account.pk).check_password(password)


def links_sent_to(*addresses: str) -> list[str]:
    """The paths of the links in the notices that went there, newest first."""
    texts = [message.text for message in InboxMessage.objects.filter(to__in=addresses).order_by("-pk")]
    return [found[0] for text in texts if (found := re.search(r"/mypassword/not-me/[\w-]+/", text))]


__all__ = ["NEW_PASSWORD", "PASSWORD", "Forgetful", "forgetful", "goes_to"]
