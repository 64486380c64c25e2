"""Takes a picture of a page and makes it small."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import FloatRect, Page

from tests.screenshots import IMAGES

# A page longer than that is cut: what a guide speaks of stands above.
HIGHEST = 1_000
COLOURS = 64


def take(page: Page, name: str, *, part: str = "body", highest: int = HIGHEST) -> None:
    """Keep the page, or a part of it, as `name`.png, at most so many pixels high."""
    # What only the demo has, and what still moves.
    page.evaluate("document.querySelectorAll('.demo-strip').forEach(strip => strip.remove())")
    page.evaluate("document.fonts.ready")
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(part).first.bounding_box()
    assert box, f"{part} is not to be seen"
    clip = FloatRect(x=box["x"], y=box["y"], width=box["width"], height=min(box["height"], highest))
    shrunk(page.screenshot(full_page=True, clip=clip, animations="disabled")).save(
        IMAGES / f"{name}.png", optimize=True
    )


def shrunk(shot: bytes) -> Image.Image:
    """With a palette of few colours, seldom ones too, without dithering: pages are text and plain areas."""
    picture = Image.open(BytesIO(shot)).convert("RGB")
    return picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
