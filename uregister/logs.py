"""Log lines for machines: one JSON object each, with the request that it belongs to and without personal data.

What is not ours may hold values that people typed: the paths that Django logs (a token of a notice), the details that
PostgreSQL adds to an error (the key that was there twice). A path is therefore written as its route, and of an
exception only the first line and the places that it came through.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

# The identifier of the request that this thread serves; "" outside a request.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    """`{"at", "level", "logger", "message", "request", "error", "stack"}`; what does not apply is left out."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "request": request_id.get(),
        }
        if record.exc_info and record.exc_info[1]:
            entry |= _failure(record.exc_info[1])
        return json.dumps({name: value for name, value in entry.items() if value}, ensure_ascii=False)


class WithoutRequests(logging.Filter):
    """Takes out of gunicorn's lines what names somebody: of a request that failed, its address, line and path.

    What was wrong with it is said by the class of the exception that gunicorn is handling.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(("Invalid request from", "Error handling request")):
            error = sys.exc_info()[0]
            record.msg, record.args = f"A request failed: {error.__name__ if error else 'unknown'}", ()
        return True


def _message(record: logging.LogRecord) -> str:
    """The message; of a request that went wrong its method, route and status instead of its path."""
    request = getattr(record, "request", None)
    if request is None or not hasattr(record, "status_code"):
        return record.getMessage()
    match = getattr(request, "resolver_match", None)
    return f"{record.status_code} {request.method} /{match.route if match else '…'}"


def _failure(error: BaseException) -> dict[str, Any]:
    first_line = (str(error).splitlines() or [""])[0]
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": f"{error.__class__.__name__}: {first_line}".removesuffix(": "),
        "stack": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
