"""When the records were read, when they will be, and whether it is time."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from registry import readings
from registry.models import ImportRun, Role, Source
from tests.activation.visitor import Visitor, page
from tests.services.processes import free_port

pytestmark = pytest.mark.django_db
# 14:20 in Athens, on the day after which clocks are set back.
NOW = datetime(2026, 10, 24, 11, 20, tzinfo=UTC)
State, Origin = ImportRun.State, ImportRun.Origin
VIEW = {"URL": "sqlite:////nowhere/sis.sqlite3", "NAME": "v_vd_sis", "TLS": "off", "CA": ""}


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def view(settings: Any) -> None:
    settings.VIEWS = {"sis": VIEW, "hrms": {}}
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    settings.IMPORT_TIMES = [(6, 30), (13, 0)]


def read(day: int, hour: int, *, state: str = State.APPLIED, origin: str = Origin.VIEW) -> ImportRun:
    """A reading that began then, in Athens' summer time."""
    run = ImportRun.objects.create(source=Source.SIS, state=state, origin=origin)
    run.turn = run.pk if state in (State.APPLIED, State.UNDONE) else 0
    run.save()
    ImportRun.objects.filter(pk=run.pk).update(started_at=datetime(2026, 10, day, hour - 3, tzinfo=UTC))
    return run


def test_files_have_a_last_reading_only() -> None:
    assert readings.of_role(Role.STUDENT) == readings.Readings(Source.SIS, None, None)
    read(23, 9, origin=Origin.FILE)
    read(24, 9, origin=Origin.FILE, state=State.UNREADABLE)
    assert readings.of_role(Role.STUDENT).last == datetime(2026, 10, 23, 6, tzinfo=UTC)
    assert readings.of_role(Role.STUDENT).next is None
    assert readings.of_role(Role.ASSOCIATE) == readings.Readings(Source.HRMS, None, None)


@pytest.mark.usefixtures("view")
def test_views_are_read_again_at_the_next_time() -> None:
    # 06:30 of the next day, in winter time by then.
    assert readings.of_source(Source.SIS).next == datetime(2026, 10, 25, 4, 30, tzinfo=UTC)
    assert readings.of_source(Source.HRMS).next is None


@pytest.mark.usefixtures("view")
def test_without_a_queue_nothing_is_read_by_itself(settings: Any) -> None:
    settings.REDIS_URL = ""
    assert readings.next_reading(Source.SIS) is None


@pytest.mark.usefixtures("view")
def test_every_hour(settings: Any) -> None:
    settings.IMPORT_TIMES = [(None, 15), (None, 45)]
    assert readings.next_reading(Source.SIS) == datetime(2026, 10, 24, 11, 45, tzinfo=UTC)


@pytest.mark.usefixtures("view")
@pytest.mark.parametrize(("hour", "due"), [(12, True), (13, False), (14, False)])
@pytest.mark.parametrize("state", [State.APPLIED, State.UNREADABLE, State.HELD])
def test_it_is_time_once_after_each_time(hour: int, due: bool, state: str) -> None:
    assert readings.is_due(Source.SIS)
    read(24, hour, state=state)
    assert readings.is_due(Source.SIS) is due


@pytest.mark.usefixtures("view")
def test_files_do_not_stand_for_the_view() -> None:
    read(24, 14, origin=Origin.FILE)
    assert readings.is_due(Source.SIS)


def test_without_a_view_it_is_never_time() -> None:
    assert not readings.is_due(Source.SIS)


@pytest.mark.usefixtures("view")
def test_what_was_undone_is_not_brought_back_by_the_schedule() -> None:
    read(23, 9)
    read(24, 9, state=State.UNDONE)
    assert readings.next_reading(Source.SIS) is None
    assert not readings.is_due(Source.SIS)
    read(24, 10, state=State.UNREADABLE)
    assert readings.is_suspended(Source.SIS)
    read(24, 10)
    assert readings.is_due(Source.SIS)


@pytest.mark.usefixtures("view")
def test_the_error_pages_tell_it() -> None:
    read(24, 9)
    shown = page(Visitor().begin("student").give_contact(mobile="6900000099"))
    assert "were last read on 24 October, 09:00 and will be read again on 25 October, 06:30." in shown
    assert "last read" not in page(Visitor().begin("staff").give_contact(mobile="6900000099"))
