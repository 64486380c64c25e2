"""The WSGI application itself, without a client of Django's that would catch what it lets through."""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from tests.fuzz.mutations import Request

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    # What was logged as an error, and what views let through.
    errors: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        """What an answer to whatever request must never be."""
        found = list(self.errors)
        if not 100 <= self.status < 500:
            found.append(f"status {self.status}")
        if b"Traceback (most recent call last)" in self.body:
            found.append("a traceback in the page")
        for name, value in self.headers.items():
            if not (name + value).isprintable():
                found.append(f"a header that breaks the answer: {name}: {value!r}")
        return found


class Errors(logging.Handler):
    """Keeps the errors that were logged; refused hosts and the like are the sender's."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("django.security"):
            self.kept.append(f"{record.name}: {record.getMessage()}")


@contextmanager
def in_one_transaction() -> Iterator[None]:
    """Between requests Django would close the connection, on which the test's transaction is open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class Application:
    def __init__(self) -> None:
        self.wsgi: WSGI = get_wsgi_application()

    def __call__(self, request: Request) -> Answer:
        answer, errors = Answer(), Errors()

        def note(**_signal: Any) -> None:
            answer.errors.append(traceback.format_exc())

        def start_response(status: str, headers: list[tuple[str, str]], *_more: Any) -> None:
            answer.status, answer.headers = int(status.split(maxsplit=1)[0]), dict(headers)

        got_request_exception.connect(note)
        logging.getLogger().addHandler(errors)
        try:
            response = self.wsgi(environ_of(request), start_response)
            try:
                answer.body = b"".join(response)
            finally:
                response.close()
        except Exception:  # noqa: BLE001 Whatever comes out here is what the test looks for.
            answer.errors.append(traceback.format_exc())
        finally:
            logging.getLogger().removeHandler(errors)
            got_request_exception.disconnect(note)
        answer.errors += errors.kept
        return answer


def environ_of(request: Request) -> dict[str, Any]:
    """As gunicorn makes it (PEP 3333): bytes as Latin-1, the path decoded."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"), "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(request.body),
        "wsgi.errors": BytesIO(), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.decode("latin-1")
    if request.told:
        environ["CONTENT_LENGTH"] = request.told.decode("latin-1")
    return environ
