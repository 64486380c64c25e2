"""The product in production mode, over TLS: cookies, headers, the weight of a page."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.services.processes import private_directory
from tests.services.production import Production, Visitor, production

pytestmark = pytest.mark.slow

LINKED = re.compile(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="(/[^"]*)"')
KB = 1024


@pytest.fixture(scope="module")
def served() -> Iterator[Production]:
    with private_directory("production") as state, production(state) as running:
        yield running


# ---- Weight -----------------------------------------------------------------------------------------------------


def transferred(answer: requests.Response) -> int:
    """Bytes of the answer's head and of its body as it was sent, before anything unpacked it."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    return head + len(answer.raw.read(decode_content=False))


def weight(visitor: Visitor, path: str) -> tuple[int, int]:
    """Bytes over the wire of a page with all that it links to, and how many files these are."""
    options = {"headers": {"Accept-Encoding": "gzip, br"}, "stream": True, "allow_redirects": False}
    page = visitor.session.get(visitor.url + path, **options)
    assert page.status_code == 200
    total, text = transferred(page), visitor.get(path).text
    files = set(LINKED.findall(text))
    assert any(file.endswith(".css") for file in files)
    for file in files:
        answer = visitor.session.get(visitor.url + file, **options)
        assert answer.status_code == 200
        if file.endswith((".css", ".js")):
            assert answer.headers["Content-Encoding"] in ("gzip", "br")
            assert "immutable" in answer.headers["Cache-Control"]
        total += transferred(answer)
    return total, len(files)


def test_a_page_with_all_it_loads_weighs_less_than_40_kb(served: Production) -> None:
    at_pin, at_password = served.visitor(), served.visitor()
    at_pin.reach_pin()
    at_password.reach_password()
    newcomer = served.visitor()
    newcomer.post("/activation/", role="student")
    for visitor, path in (
        (served.visitor(), "/"),
        (newcomer, "/activation/contact/"),
        (at_pin, "/activation/pin/"),
        (at_password, "/activation/password/"),
    ):
        total, files = weight(visitor, path)
        assert total < 40 * KB, f"{path}: {total:,} bytes with {files} files"


# ---- Cookies and headers ----------------------------------------------------------------------------------------


def test_every_cookie_is_bound_to_the_host_and_hidden_from_scripts(served: Production) -> None:
    visitor = served.visitor()
    visitor.activate_and_sign_in()
    choice = {"csrfmiddlewaretoken": visitor.token_on("/"), "language": "en", "next": "/"}
    visitor.session.post(f"{served.url}/i18n/setlang/", data=choice)
    found = {cookie.name: cookie for cookie in visitor.session.cookies}
    assert set(found) == {"__Host-session", "__Host-csrf", "__Host-familiar", "__Host-language"}
    for cookie in found.values():
        assert (cookie.secure, cookie.path, cookie.domain_specified) == (True, "/", False)
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert cookie.get_nonstandard_attr("SameSite") == "Lax"


def test_what_the_administration_tells_stays_on_the_server(served: Production) -> None:
    visitor = served.visitor()
    visitor.sign_in_as_administrator()
    address = "/admin/auth/group/add/"
    assert visitor.post(address, name="Παραδειγματιστές").status_code == 302
    assert {cookie.name for cookie in visitor.session.cookies} <= {"__Host-session", "__Host-csrf", "__Host-familiar"}
    assert "Παραδειγματιστές" in visitor.get("/admin/auth/group/").text


@pytest.mark.parametrize("path", ["/", "/mypassword/login/", "/nowhere/", "/static/nowhere.css", "/admin/"])
def test_every_answer_is_hardened(served: Production, path: str) -> None:
    headers = served.visitor().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("accelerometer=()")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_files_of_the_pages_are_hardened_too(served: Production) -> None:
    logo = re.search(r'src="(/static/img/logo[^"]*)"', served.visitor().get("/").text)
    assert logo
    headers = served.visitor().get(logo[1]).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_another_host_is_refused(served: Production) -> None:
    """Also as a proxy would tell it: none is trusted to name the host."""
    session = served.visitor().session
    assert session.get(f"{served.url}/", headers={"Host": "example.net"}).status_code == 400
    forwarded = session.get(f"{served.url}/mypassword/", headers={"X-Forwarded-Host": "example.net"})
    assert "example.net" not in forwarded.url + forwarded.text
