"""Tells each office by e-mail how good its records are: numbers and a link, never a person."""

from collections.abc import Collection
from datetime import datetime, time

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from accounts.messages.send import Destination, queue
from accounts.models.message import Channel
from activation.models import QualityReport
from registry import quality
from registry.models import Affiliation, Department, Kind
from registry.quality import Counts

# When a day, or a week's Monday, begins for offices.
FROM = time(7)


def send_due() -> int:
    """Send the reports that are due by `settings.QUALITY_REPORT` and were not sent yet; returns how many."""
    period = period_of(timezone.localtime())
    if not period:
        return 0
    told = set(QualityReport.objects.filter(period=period).values_list("department", flat=True))
    return _tell_secretariats(period, told) + _tell_personnel(period, told)


def _tell_secretariats(period: str, told: Collection[int | None]) -> int:
    waiting = [department for department in Department.objects.exclude(email="") if department.pk not in told]
    if not waiting:
        return 0
    students = Affiliation.objects.filter(kind=Kind.STUDENT, department__in=waiting)
    counts = {one.department.pk: one for one in quality.count(quality.reported(students)) if one.department}
    return sum(_tell(department.email, department, counts.get(department.pk), period) for department in waiting)


def _tell_personnel(period: str, told: Collection[int | None]) -> int:
    """The records of staff, of all departments together: they are one office's."""
    if not settings.PERSONNEL_EMAIL or None in told:
        return 0
    staff = Affiliation.objects.exclude(kind=Kind.STUDENT)
    return int(_tell(settings.PERSONNEL_EMAIL, None, quality.total(quality.count(quality.reported(staff))), period))


def period_of(now: datetime) -> str:
    """The period to be reported now: the day, the week, or "" when nothing is."""
    if now.time() < FROM and (settings.QUALITY_REPORT == "daily" or now.isoweekday() == 1):
        return ""
    if settings.QUALITY_REPORT == "daily":
        return f"{now:%Y-%m-%d}"
    return f"{now:%G-W%V}" if settings.QUALITY_REPORT == "weekly" else ""


def _tell(address: str, department: Department | None, counts: Counts | None, period: str) -> bool:
    """Keep the period's report, and queue it where something is to be mended; False when another worker was quicker."""
    try:
        with transaction.atomic():
            QualityReport.objects.create(department=department, period=period)
            failed = {code: number for code, number in (counts.failed if counts else {}).items() if number}
            if counts is None or not failed:
                return False
            with override(settings.LANGUAGE_CODE):
                findings = [[str(quality.CHECKS[code].text), number] for code, number in failed.items()]
                name = department.name if department else ""
            queue(
                [Destination(Channel.EMAIL, address)],
                template="quality",
                language=settings.LANGUAGE_CODE,
                context={
                    "department": name,
                    "pk": department.pk if department else None,
                    "records": counts.records,
                    "stopped": counts.stopped,
                    "findings": findings,
                },
            )
    except IntegrityError:
        return False
    return True
