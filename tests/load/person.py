"""Somebody who activates their account: page, form, page, as far as the last one; told to come back, they do."""

import asyncio
import base64
import hashlib
import html
import json
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.load.browser import Answer, Browser
from tests.load.gateway import Gateway

FIRST, LAST = "/activation/", "/activation/done/"
USERNAME = re.compile(r'id="username"[^>]*>\s*([^<\s]+)')
CHALLENGE = re.compile(
    r'data-algorithm="([^"]+)" data-challenge="([^"]+)" data-salt="([^"]+)" data-signature="([^"]+)" data-max="(\d+)"'
)
# Seconds after which somebody who has got no PIN asks for another one.
PATIENCE = 90.0
# More pages than anybody needs who is told to come back a few times.
MOST_PAGES = 60


class Astray(Exception):
    """The product has shown what no person should see."""


@dataclass
class Person:
    """`thinks` is called for the seconds that pass before a form is sent; `comes_back` gets a 503's Retry-After."""

    number: str
    username: str
    browser: Browser
    gateway: Gateway
    thinks: Callable[[], float] = lambda: 0.0
    comes_back: Callable[[float], float] = lambda seconds: seconds
    # What they have met beside pages: told to come back, asked for a proof of work, had to begin anew, got no PIN and
    # asked for another one, typed the PIN of an earlier attempt.
    told_to_wait: int = 0
    proofs: int = 0
    began_anew: int = 0
    more_pins: int = 0
    other_pins: int = 0
    _known: int = 0
    _fields: dict[str, Callable[[str], Awaitable[dict[str, str]]]] = field(init=False)

    def __post_init__(self) -> None:
        chance = random.Random(self.username)
        self.password = "".join(chance.choices("abcdefghjkmnpqrstuvwxyz23456789", k=14)) + " Zx!"
        self._fields = {
            FIRST: self._role,
            "/activation/contact/": self._contact,
            "/activation/pin/": self._pin,
            "/activation/confirm/": self._agreement,
            "/activation/password/": self._new_password,
        }

    async def activate(self) -> None:
        """To the last page. Raises `Astray`, or an `OSError` where a line broke."""
        path, page = await self._page(FIRST)
        for _turn in range(MOST_PAGES):
            if path == LAST:
                self._see_the_end(page)
                await self._look_at(path, page)
                return
            path, page = await self._send(path, page)
        raise Astray(f"still at {path} after {MOST_PAGES} pages")

    # ---- Pages ----------------------------------------------------------------------------------------------

    async def _page(self, path: str) -> tuple[str, str]:
        """The page at this address, or where it leads."""
        while True:
            answer = await self._patiently(path)
            if answer.status == 302:
                path = answer.headers["location"]
                continue
            if answer.status != 200:
                raise Astray(f"GET {path}: {answer.status}")
            return path, answer.text

    async def _send(self, path: str, page: str) -> tuple[str, str]:
        if path not in self._fields:
            raise Astray(f"led to {path}")
        fields = await self._fields[path](page)
        if not fields:
            # No PIN has come: another one is asked for, unless that is too early.
            self.more_pins += 1
            await self._patiently("/activation/pin/new/", page, {})
            return await self._page("/activation/pin/")
        await self._look_at(path, page)
        answer = await self._patiently(path, page, fields)
        if answer.status == 302:
            return await self._page(answer.headers["location"])
        if answer.status == 200 and f'href="{FIRST}"' in answer.text and "<form" not in answer.text.split("<main")[1]:
            self.began_anew += 1
            return await self._page(FIRST)
        if answer.status == 200 and path == "/activation/pin/" and not self.other_pins:
            # A message of an earlier attempt came late.
            self.other_pins += 1
            self._known = len(self.gateway.pins[self.number])
            return path, answer.text
        raise Astray(f"POST {path}: {answer.status} {_errors(answer.text)}")

    async def _look_at(self, path: str, page: str) -> None:
        """Think; meanwhile the page's script asks again what became of message or entry, ever less often."""
        left, pause = self.thinks(), 2.0
        while left > pause and "data-watch" in page and "data-settled" not in page:
            await asyncio.sleep(pause)
            left, pause = left - pause, pause * 1.5
            page = (await self._patiently(path)).text
        await asyncio.sleep(left)

    async def _patiently(self, path: str, page: str = "", fields: dict[str, str] | None = None) -> Answer:
        """Ask for a page, or send a form of `page`; again after as long as a 503 says."""
        while (answer := await self._once(path, page, fields)).status == 503:
            if not answer.headers.get("retry-after", "").isdigit() or "back in a minute" not in answer.text:
                raise Astray("a 503 that does not say when to come back")
            self.told_to_wait += 1
            await asyncio.sleep(self.comes_back(float(answer.headers["retry-after"])))
        return answer

    async def _once(self, path: str, page: str, fields: dict[str, str] | None) -> Answer:
        if fields is None:
            return await self.browser.get(path)
        return await self.browser.post(path, page, **fields)

    def _see_the_end(self, page: str) -> None:
        found = USERNAME.search(page)
        if not found or found[1] != self.username:
            raise Astray("the last page names somebody else")

    # ---- Forms ----------------------------------------------------------------------------------------------

    async def _role(self, page: str) -> dict[str, str]:
        return {"role": "student"}

    async def _contact(self, page: str) -> dict[str, str]:
        self._known = len(self.gateway.pins[self.number])
        return {"mobile": self.number, "email": ""} | self._proof(page)

    async def _pin(self, page: str) -> dict[str, str]:
        pin = await self.gateway.pin_for(self.number, known=self._known, seconds=PATIENCE)
        return {"pin": pin} if pin else {}

    async def _agreement(self, page: str) -> dict[str, str]:
        return {"decision": "agree", "store_contacts": "on"}

    async def _new_password(self, page: str) -> dict[str, str]:
        return {"password1": self.password, "password2": self.password, "accept_terms": "on"}

    def _proof(self, page: str) -> dict[str, str]:
        """What the browser's script would compute where the page asks for it."""
        found = CHALLENGE.search(page)
        if not found:
            return {}
        self.proofs += 1
        algorithm, challenge, salt, signature, most = map(html.unescape, found.groups())
        number = next(n for n in range(int(most) + 1) if _sha256(f"{salt}{n}") == challenge)
        proof = {
            "algorithm": algorithm, "challenge": challenge, "salt": salt, "signature": signature, "number": number,
        }  # fmt: skip
        return {"proof": base64.b64encode(json.dumps(proof).encode()).decode()}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _errors(page: str) -> str:
    """What an error page or a refused form says, without its tags."""
    main = page.partition("<main")[2].partition("</main>")[0] or page
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())[:300]
