"""What imports leave behind goes by age, by the clock and not only with the next import."""

import logging
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from registry import tasks
from registry.importing import Refused, runs
from registry.importing.staging import PREFIXES, Staging
from registry.models import Affiliation, ImportItem, ImportRun, Source
from tests.registry.mirror import run
from tests.registry.sheets import numbered, student

State = ImportRun.State
pytestmark = pytest.mark.django_db


def held(source: Source = Source.SIS) -> ImportRun:
    made = runs.queue(source=source, name="test")
    runs.plan(made, numbered(student(1)))
    ImportRun.objects.filter(pk=made.pk).update(state=State.HELD)
    return made


def age(made: ImportRun, **changes: object) -> None:
    long_ago = timezone.now() - timedelta(days=settings.KEEP_IMPORTS_DAYS, minutes=1)
    ImportRun.objects.filter(pk=made.pk).update(started_at=long_ago, touched_at=long_ago, **changes)
    ImportRun.objects.filter(pk=made.pk).exclude(planned_at=None).update(planned_at=long_ago)


def tables() -> list[str]:
    return [table for table in connection.introspection.table_names() if table.startswith(PREFIXES)]


def test_a_plan_that_nobody_confirms_is_given_up_and_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    old, young = held(), held(Source.HRMS)
    age(old)
    with caplog.at_level(logging.INFO):
        tasks.purge()
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.state, young.state) == (State.REFUSED, State.HELD)
    assert str(settings.KEEP_IMPORTS_DAYS) in old.reason
    assert tables() == [Staging(young.pk).staged]
    assert set(ImportItem.objects.values_list("run", flat=True)) == {young.pk}
    assert "'expired plans': 1" in caplog.text
    assert "'lines of plans': 1" in caplog.text
    with pytest.raises(Refused):
        runs.confirm(old, by="helen")
    assert Affiliation.objects.count() == 0


def test_what_a_killed_worker_left_goes_without_another_import() -> None:
    lost = held()
    age(lost, state=State.READING, planned_at=None)
    tasks.purge()
    lost.refresh_from_db()
    assert (lost.state, tables(), ImportItem.objects.count()) == (State.FAILED, [], 0)


def test_the_last_import_can_be_undone_however_old_it_is() -> None:
    for rows in ([student(1)], [student(1), student(2)]):
        run(*rows)
    for made in ImportRun.objects.all():
        age(made)
    tasks.purge()
    assert [item.system_id for item in ImportItem.objects.all()] == ["S2"]
