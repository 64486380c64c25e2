"""The log tells an operator what happened and nobody who it happened to."""

import json
import logging
import socket
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.urls import resolve

from tests.services.product import Product, environment, web
from tests.uregister.test_environment_start import PRODUCTION
from uregister.logs import JsonFormatter, request_id

TOKEN = "tok3n-of-a-notice"


def line(**fields: Any) -> dict[str, Any]:
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Not Found: %s", ("/x",), None)
    vars(record).update(fields)
    found: dict[str, Any] = json.loads(JsonFormatter().format(record))
    return found


def test_a_line_is_one_json_object_with_greek_in_it() -> None:
    record = logging.LogRecord("registry", logging.INFO, __file__, 1, "Διαβάστηκαν %d\nγραμμές", (3,), None)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert "Διαβάστηκαν 3" in text
    assert json.loads(text).keys() == {"at", "level", "logger", "message"}


def test_the_request_stands_in_the_line() -> None:
    token = request_id.set("0123456789abcdef")
    assert line()["request"] == "0123456789abcdef"
    request_id.reset(token)
    assert "request" not in line()


def test_a_path_is_written_as_its_route() -> None:
    request = RequestFactory().get(f"/mypassword/not-me/{TOKEN}/")
    request.resolver_match = resolve(request.path)
    written = line(request=request, status_code=500)
    assert written["message"] == "500 GET /mypassword/not-me/<str:token>/"
    assert TOKEN not in json.dumps(written)


def test_a_path_without_a_route_is_not_written() -> None:
    request = RequestFactory().post(f"/{TOKEN}")
    assert line(request=request, status_code=404)["message"] == "404 POST /…"


def test_an_exception_shows_its_places_and_no_details() -> None:
    def fail() -> None:
        raise IntegrityError('duplicate key violates "account"\nDETAIL: Key (username)=(maria) exists.')

    with pytest.raises(IntegrityError) as caught:
        fail()
    written = line(exc_info=(caught.type, caught.value, caught.tb))
    assert written["error"] == 'IntegrityError: duplicate key violates "account"'
    assert written["stack"][-1].endswith(" fail")
    assert "maria" not in json.dumps(written)


# ---- Headers ----------------------------------------------------------------------------------------------------


def test_each_answer_bears_an_identifier_of_its_own() -> None:
    first, second = (Client().get("/healthz")["X-Request-ID"] for _turn in range(2))
    assert first != second
    assert len(first) == 32


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [(1, "proxy-id-00000001", True), (0, "proxy-id-00000001", False), (1, "bad id\t", False), (1, "x" * 65, False)],
)
def test_only_a_trusted_proxy_names_a_request(settings: Any, proxies: int, given: str, taken: bool) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert (Client().get("/healthz", headers={"x-request-id": given})["X-Request-ID"] == given) is taken


def test_pages_get_no_feature_they_do_not_use() -> None:
    response = Client().get("/")
    assert "camera=()" in response["Permissions-Policy"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "unsafe" not in response["Content-Security-Policy"]


def test_security_txt_says_where_to_write(settings: Any) -> None:
    settings.SECURITY_CONTACT = "Network centre <security@example.org>"
    response = Client().get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith("Contact: mailto:security@example.org\nExpires: 20")


def test_gunicorn_s_own_lines_tell_nobody_s_address(tmp_path: Path) -> None:
    chosen = PRODUCTION | {"HOSTS": "127.0.0.1", "STATIC_ROOT": str(tmp_path)}
    product = Product("", tmp_path, environment(tmp_path, **chosen), tmp_path / "log")
    with web(product):
        host, port = product.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as talk:
            talk.sendall(b"GET /activation/?s3cret HTTP/one\r\n\r\n")
            assert b"400 Bad Request" in talk.recv(1000)
    told = [json.loads(entry) for entry in product.log.read_text().splitlines()]
    assert {entry["logger"] for entry in told} == {"gunicorn.error"}
    assert "A request failed: InvalidHTTPVersion" in {entry["message"] for entry in told}
    assert not any("s3cret" in entry["message"] or "ip=" in entry["message"] for entry in told)
