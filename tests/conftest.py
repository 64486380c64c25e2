"""Fixtures for every test; the environment is prepared before anything imports a model."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from tests import environment
from tests.services.mail import MailServer, mail_server
from tests.services.openldap import OpenLDAP
from tests.services.openldap import openldap as running_openldap

resources = ExitStack()
atexit.register(resources.close)
environment.prepare(resources)

TESTS = Path(__file__).parent
# Where SQL of the product's own is tested.
OF_STATEMENTS = {TESTS / "registry", TESTS / "activation/office"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_unconfigure() -> None:
    resources.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if TESTS / "journeys" in item.path.parents:
            item.add_marker("journey")
        if databases_differ(item):
            item.add_marker("both")
    # What takes minutes begins first, or one process would wait for the other at the end.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def databases_differ(item: pytest.Item) -> bool:
    """Whether the two databases may each answer in its own way: to SQL of the product's own, to locks, to commits."""
    mark = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    if mark is None and not fixtures & DATABASE_FIXTURES:
        return False
    commits = (mark is not None and mark.kwargs.get("transaction", False)) or "transactional_db" in fixtures
    return bool(commits or OF_STATEMENTS.intersection(item.path.parents))


@pytest.fixture(autouse=True)
def _limits_start_anew() -> Iterator[None]:
    """What one test tried is not counted against the next."""
    from accounts import throttle

    yield
    throttle.forget_all()


@pytest.fixture(autouse=True)
def _language_is_the_default() -> Iterator[None]:
    """The language that a request has left is not that of the next test."""
    yield
    translation.deactivate()


@pytest.fixture
def limit(settings: Any) -> Iterator[Callable[[str, str], None]]:
    """`limit("pin-send:person", "2 per day")` sets one limit for the test."""
    from accounts import throttle

    def change(rule: str, rate: str) -> None:
        settings.LIMITS = settings.LIMITS | {rule: rate}
        throttle._limit.cache_clear()

    yield change
    throttle._limit.cache_clear()


@pytest.fixture
def no_limits(settings: Any) -> Iterator[None]:
    """For tests that try more often than anybody may."""
    from accounts import throttle

    settings.LIMITS = dict.fromkeys(settings.LIMITS, "1000000 per second")
    throttle._limit.cache_clear()
    yield
    throttle._limit.cache_clear()


@pytest.fixture
def beside_the_request(monkeypatch: pytest.MonkeyPatch, _nothing_beside_the_request: None) -> None:
    """For tests that commit: work without a broker is done by threads, as it is outside tests."""
    monkeypatch.undo()


@pytest.fixture(autouse=True)
def _nothing_beside_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread sees nothing of a test that rolls back: its work is done at once, and later tries are not made."""
    from accounts.messages import broker
    from registry import queue

    def at_once(work: Callable[..., object], *keys: UUID, countdown: float = 0) -> None:
        if not countdown:
            work(*keys)

    monkeypatch.setattr(broker, "run_here", at_once)
    monkeypatch.setattr(queue, "run_here", lambda work, key: work(key))


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def mail(_mail_server: MailServer) -> MailServer:
    """A real mail server, empty and well-behaved."""
    _mail_server.forget()
    return _mail_server


@pytest.fixture(scope="session")
def _openldap() -> Iterator[OpenLDAP]:
    with running_openldap() as server:
        yield server


@pytest.fixture
def openldap(_openldap: OpenLDAP, settings: Any) -> Iterator[OpenLDAP]:
    """A real directory server with nobody in it, which the product is set to."""
    from accounts.directory.line import hang_up

    for name, value in _openldap.settings.items():
        setattr(settings, name, value)
    hang_up()
    yield _openldap
    hang_up()
    _openldap.reset()
