"""`python -m tests.screenshots`: forget the old pictures and take new ones."""

import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from django.conf import settings
from playwright.sync_api import ViewportSize, sync_playwright

from tests import environment
from tests.screenshots import IMAGES
from tests.services import chromium
from tests.services.processes import private_directory
from tests.services.product import Product, loose_limits, prepared, web

CLOCK = Path(__file__).parent / "clock"


def main() -> None:
    with ExitStack() as resources:
        environment.prepare(resources)
        state = resources.enter_context(private_directory("screenshots"))
        # The clock of the product alone: the browser's driver needs the true one.
        os.environ["PYTHONPATH"] = str(CLOCK)
        take_all(resources.enter_context(web(prepared(state, LIMITS=loose_limits(settings.LIMITS)))))


def take_all(product: Product) -> None:
    """Whatever pictures there were are gone afterwards."""
    # These read models: only after `prepare`.
    from tests.screenshots.scenes import play

    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.png"):
        old.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PROGRAM, args=chromium.FLAGS)
        window = ViewportSize(width=1280, height=900)
        play(partial(browser.new_context, locale="el-GR", viewport=window, base_url=product.url), product)
        browser.close()


if __name__ == "__main__":
    main()
