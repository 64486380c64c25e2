"""What a browser has to say against the pages it shows."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# The answer itself is looked at, with its address, see `_answered`.
ABOUT_ANSWERS = "Failed to load resource"
# A navigation that another one overtook: a double click, the back button.
OVERTAKEN = "net::ERR_ABORTED"


class Complaints:
    """Errors in the console (violations of the Content-Security-Policy among them), failed and refused requests.

    A page itself may well answer 4xx, which is what many journeys are about; what belongs to it may not.
    """

    def __init__(self) -> None:
        self.made: list[str] = []
        self.expected: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._said)
        context.on("weberror", self._thrown)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def expect(self, pattern: str) -> None:
        """Complaints in which the regular expression is found are part of the journey."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [made for made in self.made if not any(re.search(pattern, made) for pattern in self.expected)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(ABOUT_ANSWERS):
            self.made.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _thrown(self, error: WebError) -> None:
        self.made.append(f"exception: {error.error}")

    def _failed(self, request: Request) -> None:
        if request.failure != OVERTAKEN:
            self.made.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        least = 500 if response.request.is_navigation_request() else 400
        if response.status >= least:
            self.made.append(f"answer: {response.status} {response.request.method} {response.url}")
