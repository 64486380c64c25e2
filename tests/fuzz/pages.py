"""Where requests begin: every address of the URL configuration, and the forms that its pages show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
UUID = "0b5f3f5e-3c7e-4a53-9d56-7d3f7e1f0a11"
# What an address may hold at a parameter, so that it leads somewhere; the others lead to a 404.
FILLINGS = {"uuid": UUID, "int": "1", "slug": "mobile_given", "str": "sms", "path": "1"}
# They ask the directory, which is refused inside the transaction that all requests share here.
OUTSIDE = "/demo/directory"
# On every page, so that they would crowd out the others.
EVERYWHERE = ("/setlang/", "/logout/")


@dataclass(frozen=True)
class Form:
    action: str
    method: str
    fields: tuple[tuple[str, str], ...]
    multipart: bool


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Of each address; not of the administration's end, which takes all others."""
    for part in (resolver or get_resolver()).url_patterns:
        route = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from routes(part, route)
        elif isinstance(part, URLPattern) and "(?P<" not in route:
            yield route


def addresses(keys: dict[str, list[str]]) -> list[str]:
    """Each address, once for each of the keys that its rows have: `keys` by the beginning of the route."""
    found = set()
    for route in routes():
        own = next((some for prefix, some in keys.items() if route.startswith(prefix)), [])
        for key in own[:3] if PARAMETER.search(route) and own else [""]:
            found.add("/" + PARAMETER.sub(lambda blank, key=key: _filling(blank, key), route))
    return sorted(address for address in found if not address.startswith(OUTSIDE))


def _filling(blank: re.Match[str], key: str) -> str:
    kind = blank["kind"] or "str"
    return key if key and kind in ("int", "path", "str") else FILLINGS[kind]


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[dict[str, Any]] = []
        self.selected = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(urljoin(self.address, given.get("action", "")))
            target = action.path + (f"?{action.query}" if action.query else "")
            self.forms.append({"action": target, "method": given.get("method", "get").upper(), "fields": []})
            self.forms[-1]["multipart"] = given.get("enctype", "").startswith("multipart")
        elif self.forms and tag in ("input", "button", "textarea", "select") and given.get("name"):
            self.selected = given["name"]
            if tag != "select":
                self.forms[-1]["fields"].append((given["name"], given.get("value", "")))
        elif self.forms and tag == "option" and self.selected:
            self.forms[-1]["fields"].append((self.selected, given.get("value", "")))


def forms_of(page: str, address: str) -> list[Form]:
    """The forms of an HTML page, with every value that its fields and options offer."""
    reader = _Reader(address)
    reader.feed(page)
    forms = [Form(one["action"], one["method"], tuple(one["fields"]), one["multipart"]) for one in reader.forms]
    return [form for form in forms if not form.action.endswith(EVERYWHERE)]
