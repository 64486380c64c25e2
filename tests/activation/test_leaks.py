"""After a whole journey: where do the PIN, the password and the insurance number stand?"""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import InboxMessage
from tests.activation.visitor import PASSWORD, STEPS, Visitor, goes_to, page, path, wrong
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory
from tests.services.mail import MailServer

pytestmark = pytest.mark.django_db

FOREIGN = "XK77QW1234"


class Everything(logging.Handler):
    """Keeps each record in full: message, arguments, traceback, extra attributes."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.__dict__!r} {logging.Formatter().format(record)}")


@pytest.fixture
def logs() -> Iterator[Everything]:
    """Every logger there is, at its loudest."""
    handler = Everything()
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    # The tests' own mail server writes down all that it is sent.
    loggers = [logger for logger in loggers if not logger.name.startswith("mail.log")]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.propagate = True
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    for logger, level, propagate in before:
        logger.setLevel(level)
        logger.propagate = propagate


def stored() -> dict[str, str]:
    """Every table as it stands on the disk, past Django's fields."""
    with connection.cursor() as cursor:
        tables = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            tables[table] = repr(cursor.fetchall())
    return tables


def sessions() -> str:
    """What the session store says once it is decoded."""
    return json.dumps([session.get_decoded() for session in Session.objects.all()])


def addresses(visitor: Visitor) -> str:
    asked = [answer.wsgi_request.get_full_path() for answer in visitor.answers]
    return " ".join(asked + [answer.headers.get("Location", "") for answer in visitor.answers])


def journey(visitor: Visitor) -> tuple[set[str], set[str]]:
    """Wrong and right, up to the account; returns the secrets, and the PINs among them."""
    assert visitor.record
    visitor.begin()
    visitor.give_contact(mobile=visitor.record.mobile, email=visitor.record.email)
    visitor.post("insurance", amka="21030500067")
    visitor.post("insurance", "?other=1", country="CY", number=FOREIGN)
    visitor.post("insurance", amka=AMKA)
    pins = set(re.findall(r"(?<!\d)\d{6}(?!\d)", " ".join(message.text for message in InboxMessage.objects.all())))
    newest = visitor.pin(visitor.record.mobile)
    visitor.post("pin/new")
    visitor.type_pin(wrong(newest))
    assert goes_to(visitor.type_pin(newest)) == "confirm"
    visitor.agree()
    visitor.register("short-secret")
    visitor.register(PASSWORD, again="another secret 42!")
    visitor.register(PASSWORD, accept_terms="")
    assert goes_to(visitor.register()) == "done"
    for step in STEPS:
        visitor.get(step)
    return pins | {AMKA, "21030500067", FOREIGN, PASSWORD, "short-secret", "another secret 42!"}, pins


def test_no_secret_is_left_anywhere(logs: Everything) -> None:
    visitor = Visitor(WithoutAmkaFactory.create())
    with CaptureQueriesContext(connection) as queries:
        secrets, pins = journey(visitor)
    assert len(pins) == 2
    assert len(logs.lines) > 50
    # At this level the log holds every statement with its values: the database never saw a secret either.
    assert any("INSERT INTO" in line for line in logs.lines)
    places = stored() | {
        "logs": "\n".join(logs.lines),
        "statements": "\n".join(query["sql"] for query in queries.captured_queries),
        "sessions": sessions(),
        "addresses": addresses(visitor),
        "headers": "\n".join(repr(dict(answer.headers)) for answer in visitor.answers),
        "cookies": repr(visitor.cookies()),
    }
    assert len(places) > 15
    assert found(places, secrets) == []
    # The search would find what is there.
    assert visitor.record
    assert visitor.record.username in places["accounts_account"]
    assert path("pin") in places["addresses"]


def found(places: dict[str, str], secrets: set[str]) -> list[tuple[str, str]]:
    """Six digits count only where they stand alone: times and digests are full of digits."""

    def occurs(secret: str, content: str) -> bool:
        if re.fullmatch(r"\d{6}", secret):
            return re.search(rf"(?<![\da-zA-Z.]){secret}(?![\da-zA-Z])", without_times(content)) is not None
        return secret in content

    return [(place, secret) for place, content in places.items() for secret in secrets if occurs(secret, content)]


def without_times(content: str) -> str:
    """`datetime.datetime(…)` ends with microseconds, `msecs=` and `created=` are numbers of the log itself."""
    content = re.sub(r"datetime\.datetime\([^)]*\)", "", content)
    return re.sub(r"'(process|thread|lineno|msecs|relativeCreated|created|duration)': [\d.e-]+", "", content)


def test_what_was_asked_to_be_corrected_stands_nowhere_in_clear(logs: Everything) -> None:
    visitor = Visitor(AffiliationFactory.create(insurance_number="21030500124")).reach_confirm()
    visitor.post("correction", "?field=amka", value=AMKA, remark="Στο πιστοποιητικό γράφει άλλον")
    assert goes_to(visitor.answers[-1]) == path("correction")
    places = stored() | {"logs": "\n".join(logs.lines), "sessions": sessions(), "addresses": addresses(visitor)}
    assert found(places, {AMKA, "πιστοποιητικό"}) == []
    assert AMKA not in page(visitor.get("correction"))


def test_pages_show_no_secret_again(logs: Everything) -> None:
    visitor = Visitor(WithoutAmkaFactory.create())
    secrets, pins = journey(visitor)
    typed_again = {"21030500067"}  # A mistyped number is shown where it can be corrected.
    for answer in visitor.answers:
        content = answer.content.decode()
        shown = {secret for secret in secrets - pins if secret in content} - typed_again
        # A PIN that was mistyped stands in its field again; the right one never does.
        assert shown == set(), answer.wsgi_request.path
        assert not any(f">{pin}<" in content for pin in pins)


def test_a_failing_mail_server_puts_no_secret_into_the_log(logs: Everything, mail: MailServer, settings: Any) -> None:
    settings.EMAIL_GATEWAY, settings.EMAIL_HOST, settings.EMAIL_PORT = "email", "127.0.0.1", mail.port
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "django.core.mail.backends.smtp.EmailBackend", 1
    visitor = Visitor(WithoutAmkaFactory.create(resident_abroad=True))
    assert visitor.record
    mail.behave("drop")
    visitor.begin().give_contact(mobile=visitor.record.mobile, email=visitor.record.email)
    pin = visitor.pin(visitor.record.mobile)
    places = stored() | {"logs": "\n".join(logs.lines), "sessions": sessions()}
    assert "The mail server failed" in places["logs"]
    assert found(places, {pin}) == []
    assert visitor.record.email not in "\n".join(line for line in logs.lines if "mail server failed" in line)


def test_an_error_report_hides_what_was_typed(settings: Any, rf: Any) -> None:
    from django.views.debug import SafeExceptionReporterFilter

    from activation import views

    assert SafeExceptionReporterFilter
    for view, fields in ((views.pin, {"pin"}), (views.password, {"password1", "password2"})):
        request = rf.post("/", dict.fromkeys(fields, "secret"))
        request.session = {}
        view(request)
        assert set(request.sensitive_post_parameters) == fields
        reported = SafeExceptionReporterFilter()
        settings.DEBUG = False
        assert "secret" not in repr(reported.get_post_parameters(request))
