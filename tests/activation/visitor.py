"""A newcomer at a browser of their own, walking through the wizard."""

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.test import Client, TestCase
from django.test.html import Element, parse_html

from accounts.models import InboxMessage
from registry.models import Affiliation

STEPS = ("role", "contact", "clarify", "insurance", "pin", "confirm", "password", "done")
PASSWORD = "correct horse 42 Battery"
OK, REDIRECTED, LIMITED = 200, 302, 429


def path(step: str) -> str:
    return "/activation/" if step == "role" else f"/activation/{step}/"


class Visitor:
    """One browser. What is due on commit is done after each request, also in tests that roll back."""

    def __init__(self, record: Affiliation | None = None, *, language: str = "en", **environ: str) -> None:
        self.record = record
        self.client = Client(HTTP_ACCEPT_LANGUAGE=language, **environ)
        self.answers: list[Any] = []

    # ---- Requests ----

    def get(self, step: str, query: str = "") -> Any:
        return self._keep(self.client.get(path(step) + query))

    def post(self, step: str, query: str = "", **fields: str) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self._keep(self.client.post(path(step) + query, fields))

    def _keep(self, response: Any) -> Any:
        self.answers.append(response)
        return response

    # ---- Steps ----

    def begin(self, role: str = "student") -> "Visitor":
        assert goes_to(self.post("role", role=role)) == "contact"
        return self

    def give_contact(self, *, mobile: str = "", email: str = "") -> Any:
        if self.record and not (mobile or email):
            mobile = self.record.mobile
        return self.post("contact", mobile=mobile, email=email)

    def reach_pin(self, **contact: str) -> "Visitor":
        assert goes_to(self.begin(self.record.role if self.record else "student").give_contact(**contact)) == "pin"
        return self

    def type_pin(self, pin: str = "") -> Any:
        assert self.record or pin
        return self.post("pin", pin=pin or self.pin())

    def reach_confirm(self, **contact: str) -> "Visitor":
        assert goes_to(self.reach_pin(**contact).type_pin()) == "confirm"
        return self

    def agree(self, **fields: str) -> Any:
        return self.post("confirm", decision="agree", **({"store_contacts": "on"} | fields))

    def reach_password(self, **contact: str) -> "Visitor":
        assert goes_to(self.reach_confirm(**contact).agree()) == "password"
        return self

    def register(self, password: str = PASSWORD, again: str = "", **fields: str) -> Any:
        typed = {"password1": password, "password2": again or password, "accept_terms": "on"}
        return self.post("password", **(typed | fields))

    # ---- What they see ----

    def pin(self, address: str = "") -> str:
        """The PIN of the newest message to the address, or to the record's mobile or e-mail."""
        addresses = [address] if address else [self.record.mobile, self.record.email] if self.record else []
        return pins_sent_to(*addresses)[0]

    def cookies(self) -> dict[str, str]:
        return {name: morsel.value for name, morsel in self.client.cookies.items()}

    def another_tab_with(self, cookies: dict[str, str]) -> "Visitor":
        """A browser that holds these cookies: an old tab, or a thief."""
        other = Visitor(self.record, language=str(self.client.defaults["HTTP_ACCEPT_LANGUAGE"]))
        for name, value in cookies.items():
            other.client.cookies[name] = value
        return other


def pins_sent_to(*addresses: str) -> list[str]:
    """The PINs that were sent there, newest first."""
    texts = [message.text for message in InboxMessage.objects.filter(to__in=addresses).order_by("-pk")]
    return [found[0] for text in texts if (found := re.search(r"(?<!\d)\d{6}(?!\d)", text))]


def wrong(pin: str, turn: int = 1) -> str:
    """Six digits that are not the PIN; another six for each `turn`."""
    return f"{(int(pin) + turn) % 10**6:06}"


# ---- Answers ----------------------------------------------------------------------------------------------


def goes_to(response: HttpResponse) -> str:
    """The step that the answer redirects to; "" when it does not redirect."""
    if response.status_code != REDIRECTED:
        return ""
    location = response["Location"]
    return next((step for step in STEPS if path(step) == location), location)


def elements(response: HttpResponse, **attributes: str) -> list[Element]:
    """The elements with these attributes, in order."""

    def walk(element: Element | str) -> Iterator[Element]:
        if isinstance(element, str):
            return
        if attributes.items() <= dict(element.attributes).items():
            yield element
        for child in element.children:
            yield from walk(child)

    document = parse_html(response.content.decode())
    return list(walk(document)) if isinstance(document, Element) else []


def text(element: Element) -> str:
    parts = [part if isinstance(part, str) else text(part) for part in element.children]
    return " ".join(" ".join(parts).split())


def alerts(response: HttpResponse) -> str:
    """All that a screen reader is interrupted with."""
    return "\n".join(text(element) for element in elements(response, role="alert"))


def value_of(response: HttpResponse, field: str) -> str | None:
    """What stands in the field, None where there is no such field."""
    found = elements(response, name=field)
    return dict(found[0].attributes).get("value", "") if found else None


def page(response: HttpResponse) -> str:
    return str(response.content.decode())


def fields_in_parentheses(response: HttpResponse) -> dict[str, str]:
    """What the trouble's list shows: `Username (m•••••)`."""
    lists = elements(response, **{"class": "values"})
    lines = [text(item) for item in lists[0].children if not isinstance(item, str)] if lists else []
    return {line.rpartition(" (")[0]: line.rpartition(" (")[2].rstrip(")") for line in lines}
