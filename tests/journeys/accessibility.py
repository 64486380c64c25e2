"""What axe finds on a page."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# With `preload` axe would build anew the style sheets that others import, as inline styles, which the pages' policy
# forbids.
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def violations(page: Page) -> list[str]:
    """One paragraph for each rule that is broken, by theme; the page is left in its own theme.

    Playwright evaluates axe through the debugging protocol, so the page's Content-Security-Policy stays as it is.
    """
    page.wait_for_load_state()
    found = []
    for theme in THEMES:
        # Without motion no colour is measured half-way through a transition.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        # One that had begun before goes on to its end.
        page.evaluate("Promise.allSettled(document.getAnimations().map((animation) => animation.finished))")
        results = Axe().run(page, options=OPTIONS)
        found += [described(theme, violation) for violation in results.response["violations"]]
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return found


def described(theme: str, violation: dict[str, Any]) -> str:
    lines = [f"{theme}: {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        lines.append(f"  {' '.join(map(str, node['target']))}  {node['html'][:200]}")
        reasons = node["any"] + node["all"] + node["none"]
        lines += [f"    {reason['message']}" for reason in reasons]
    return "\n".join(lines)


def overflow(page: Page) -> int:
    """By how many CSS pixels the page is wider than the window (WCAG 1.4.10: none of them)."""
    # A locator waits for the element: right after an address is reached its document may still be empty.
    return int(page.locator("html").evaluate("root => root.scrollWidth - root.clientWidth"))
