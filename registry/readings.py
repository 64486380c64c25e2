"""When the records are read: last, next, and whether it is time.

People who wait for a correction want to know it, so that they try again after the next reading and not before. Times
of the day are those of `settings.IMPORT_TIMES` in the installation's time zone. A missed time is made up for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from registry.models import ImportRun, Role, Source

State = ImportRun.State
TROUBLE = (State.HELD, State.UNREADABLE, State.FAILED)


@dataclass(frozen=True)
class Readings:
    """`last`: the state of the source that the mirror shows; `next`: when it will be read again. None if not known."""

    source: Source
    last: datetime | None
    next: datetime | None


def of_source(source: Source) -> Readings:
    """One query; another one where the source is a view."""
    applied = ImportRun.objects.filter(source=source, state=State.APPLIED).order_by("-started_at")
    last = applied.values_list("started_at", flat=True).first()
    return Readings(source, last, next_reading(source))


def of_role(role: str) -> Readings:
    """The readings of the system that holds the records of who has this role."""
    return of_source(Source.SIS if role == Role.STUDENT else Source.HRMS)


def next_reading(source: Source) -> datetime | None:
    """The next scheduled time; None for a source that is read by hand only, as all are without a queue and its beat."""
    if not settings.REDIS_URL or not settings.VIEWS[source] or is_suspended(source):
        return None
    now = timezone.now()
    return min((time for time in _times_around(now) if time > now), default=None)


def is_due(source: Source) -> bool:
    """Whether a scheduled time has passed since the view was read, or tried, for the last time."""
    if not settings.VIEWS[source] or is_suspended(source):
        return False
    now = timezone.now()
    latest = max((time for time in _times_around(now) if time <= now), default=None)
    begun = ImportRun.objects.filter(source=source, origin=ImportRun.Origin.VIEW).order_by("-started_at").first()
    return latest is not None and (begun is None or begun.started_at < latest)


def is_suspended(source: Source) -> bool:
    """Whether the schedule rests until a reading by hand, because it would bring back what somebody has just undone."""
    standing = (
        ImportRun.objects.filter(source=source, state__in=[State.APPLIED, State.UNDONE]).order_by("-turn").first()
    )
    return standing is not None and standing.state == State.UNDONE


def mark(source: Source) -> str:
    """Where a reading of the view may begin; "" when all of it has to be read.

    That is what the reading from which the mirror stems had seen last, unless too long ago: what has vanished shows
    in complete readings only.
    """
    standing = _standing(source)
    if standing is None or standing.state != State.APPLIED or standing.origin != ImportRun.Origin.VIEW:
        return ""
    since = timezone.now() - timedelta(hours=settings.IMPORT_FULL_HOURS)
    whole = ImportRun.objects.filter(source=source, state=State.APPLIED, origin=ImportRun.Origin.VIEW, complete=True)
    return standing.updated_until if whole.filter(started_at__gt=since).exists() else ""


def trouble(source: Source) -> ImportRun | None:
    """The latest reading of the system's view, when it needs somebody: it failed, or waits for a confirmation."""
    settled = ImportRun.objects.filter(source=source).exclude(state__in=[State.QUEUED, State.READING, State.APPLYING])
    latest = settled.order_by("-pk").first()
    return latest if latest and latest.origin == ImportRun.Origin.VIEW and latest.state in TROUBLE else None


def _standing(source: Source) -> ImportRun | None:
    """The import that was applied, or undone, last."""
    standing = ImportRun.objects.filter(source=source, state__in=[State.APPLIED, State.UNDONE])
    return standing.order_by("-turn", "-pk").first()


def _times_around(now: datetime) -> Iterator[datetime]:
    """All scheduled times from yesterday to tomorrow."""
    zone = timezone.get_default_timezone()
    today = timezone.localtime(now, zone).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        for hour, minute in settings.IMPORT_TIMES:
            for each in range(24) if hour is None else (hour,):
                yield datetime(day.year, day.month, day.day, each, minute, tzinfo=zone)
