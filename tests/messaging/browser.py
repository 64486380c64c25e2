"""A person's browser without JavaScript, over HTTP, that remembers how long each request took."""

import html
import re
import time

import requests

from tests.services.product import Product

PASSWORD = "correct horse 42 Battery"


class Browser:
    def __init__(self, product: Product) -> None:
        self.url = product.url
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "en"
        # Seconds, by what was asked for.
        self.took: list[tuple[str, float]] = []

    def get(self, path: str) -> requests.Response:
        return self._timed("GET", path)

    def post(self, path: str, **fields: str) -> requests.Response:
        """Follows no redirect."""
        token = self.session.cookies.get("csrftoken") or self.token_on(path)
        return self._timed("POST", path, data={"csrfmiddlewaretoken": token} | fields)

    def token_on(self, path: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).text)
        assert found
        return found[1]

    def _timed(self, method: str, path: str, **options: object) -> requests.Response:
        before = time.perf_counter()
        response = self.session.request(method, self.url + path, allow_redirects=False, timeout=60, **options)  # type: ignore[arg-type]
        self.took.append((f"{method} {path}", time.perf_counter() - before))
        return response

    # ---- Steps ----

    def ask_for_pin(self, *, mobile: str = "", email: str = "") -> None:
        assert self.post("/activation/", role="student").status_code == 302
        response = self.post("/activation/contact/", mobile=mobile, email=email)
        assert (response.status_code, response.headers.get("Location")) == (302, "/activation/pin/"), response.text

    def finish(self, pin: str) -> str:
        """From the PIN to the end; returns the username."""
        for path, fields in (
            ("/activation/pin/", {"pin": pin}),
            ("/activation/confirm/", {"decision": "agree"}),
            ("/activation/password/", {"password1": PASSWORD, "password2": PASSWORD, "accept_terms": "on"}),
        ):
            response = self.post(path, **fields)
            assert response.status_code == 302, response.text
        found = re.search(r'id="username"[^>]*>\s*([^<\s]+)', self.get("/activation/done/").text)
        assert found
        return found[1]

    def deliveries(self) -> str:
        """What the PIN page says of the messages, as text."""
        page = self.get("/activation/pin/").text
        found = re.search(r'<ul class="deliveries">(.*?)</ul>', page, re.DOTALL)
        assert found, page
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[1])).split())
