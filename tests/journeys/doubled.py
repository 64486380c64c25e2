"""What a double click does where no script stops it: the form arrives twice, and nobody sees the first answer."""

from threading import Thread

import requests
from playwright.sync_api import Page, Route


def send_twice(page: Page, *, at_once: bool = False) -> None:
    """From now on every form of the page reaches the product twice with the same cookies.

    One after the other, or at once; the browser is given the answer to the second.
    """

    def twice(route: Route) -> None:
        if route.request.method == "POST":
            first = Thread(target=requests.post, kwargs=copy_of(page, route))
            first.start()
            if not at_once:
                first.join()
        route.continue_()

    page.route("**/*", twice)


def copy_of(page: Page, route: Route) -> dict[str, object]:
    """The request as the browser would send it, for `requests.post`."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    request = route.request
    return {
        "url": request.url,
        "data": request.post_data_buffer,
        "headers": request.headers,
        "cookies": cookies,
        "allow_redirects": False,
        "timeout": 20,
    }
