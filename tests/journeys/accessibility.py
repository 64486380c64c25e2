"""What axe finds on a page."""

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that another theme can change.
COLOURS = ["color-contrast", "link-in-text-block"]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WHOLE = {"runOnly": {"type": "tag", "values": TAGS}}
COLOURS_ONLY = {"runOnly": {"type": "rule", "values": COLOURS}}
# What a narrow window can break besides the width: what is near to what, what scrolls.
LAYOUT = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
# With `preload` axe would build anew the style sheets that others import, as inline styles, which the pages' policy
# forbids.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


def violations(page: Page) -> list[str]:
    """One paragraph for each rule that is broken, by theme; the page is left in its own theme.

    Playwright evaluates axe through the debugging protocol, so the page's Content-Security-Policy stays as it is.
    """
    page.wait_for_load_state()
    page.evaluate(AXE_SCRIPT)
    found = []
    for theme in THEMES:
        # Without motion no colour is measured half-way through a transition.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        # One that had begun before goes on to its end.
        page.evaluate("Promise.allSettled(document.getAnimations().map((animation) => animation.finished))")
        found += _broken(page, theme, WHOLE if theme == "light" else COLOURS_ONLY)
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return found


def violations_of_layout(page: Page, name: str) -> list[str]:
    """What is broken besides of a page that `violations` has looked at, now that its window is another one."""
    return _broken(page, name, LAYOUT)


def _broken(page: Page, name: str, rules: dict[str, Any]) -> list[str]:
    results = page.evaluate("options => axe.run(document, options)", OPTIONS | rules)
    return [described(name, violation) for violation in results["violations"]]


def described(name: str, violation: dict[str, Any]) -> str:
    lines = [f"{name}: {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        lines.append(f"  {' '.join(map(str, node['target']))}  {node['html'][:200]}")
        reasons = node["any"] + node["all"] + node["none"]
        lines += [f"    {reason['message']}" for reason in reasons]
    return "\n".join(lines)


def overflow(page: Page) -> int:
    """By how many CSS pixels the page is wider than the window (WCAG 1.4.10: none of them)."""
    # A locator waits for the element: right after an address is reached its document may still be empty.
    return int(page.locator("html").evaluate("root => root.scrollWidth - root.clientWidth"))
