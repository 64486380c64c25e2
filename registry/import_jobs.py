"""Imports that workers do: of a view, on a schedule or at a button; of a file that was handed over.

A job is an `ImportRun`. Whoever works at it claims it in one statement and shows signs of life; one that shows none
any more is taken up again by the sweeper, or by a person where there is none.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from registry import queue, readings, uploads
from registry.importing import Refused, UnreadableSource, runs
from registry.models import ImportRun, Source, Upload
from registry.sources import Row, open_source, views

logger = logging.getLogger(__name__)
State, Origin = ImportRun.State, ImportRun.Origin
TASK = "registry.do_import"


def read_view(source: Source, *, by: str = "") -> ImportRun:
    """Have the system's view read and applied. Raises `Refused` when it is being read already."""
    run = runs.queue(source=source, name=settings.VIEWS[source]["NAME"], started_by=by, origin=Origin.VIEW)
    hand_over(run)
    return run


def read_due_views() -> None:
    """What the schedule does: begin the readings whose time has come."""
    for source in views.configured():
        if readings.is_due(source):
            # It may be read already, by a person or since the time before.
            with suppress(Refused):
                read_view(source)


@transaction.atomic
def take_in(file: "UploadedFile[bytes]", *, source: Source, extension: str, by: str, only_plan: bool) -> ImportRun:
    """Have a file that `uploads.check` let pass read, and applied unless `only_plan`."""
    run = runs.queue(source=source, name=file.name or "", started_by=by)
    uploads.keep(run, file, extension=extension, only_plan=only_plan)
    hand_over(run)
    return run


def hand_over(run: ImportRun) -> None:
    queue.hand_over(TASK, do, run.pk)


def do(key: int) -> None:
    """Read, plan and apply, as far as it goes without a person. What stops it is kept in the run.

    May be called again, also while another worker is at it: the steps of `runs` claim the row.
    """
    run = ImportRun.objects.get(pk=key)
    # Reasons are kept as text, and a worker knows nobody's language.
    with translation.override(settings.LANGUAGE_CODE):
        try:
            _advance(run)
        except UnreadableSource as error:
            logger.error("Import %d (%s) cannot be read: %s", key, run.source, error)  # noqa: TRY400 Its source's fault.
        except Refused as refusal:
            logger.warning("Import %d (%s) stopped: %s", key, run.source, refusal)
        finally:
            uploads.forget_what_was_read()
    if run.state == State.HELD:
        logger.error("Import %d (%s) waits for a confirmation: %s", key, run.source, run.reason)


def _advance(run: ImportRun) -> None:
    if run.state in (State.QUEUED, State.READING):
        runs.plan(run, _rows(run))
    if is_waiting(run):
        runs.apply(run)
    elif is_being_undone(run):
        try:
            runs.undo(run, by=run.undone_by)
        except Refused as refusal:
            ImportRun.objects.filter(pk=run.pk, state=State.APPLIED).update(undone_by="", reason=str(refusal))
            raise


def is_waiting(run: ImportRun) -> bool:
    """Whether it is planned, nobody has to look at it any more, and it is to be applied by a worker."""
    if run.state == State.APPLYING:
        return True
    wanted = run.confirmed_by or not Upload.objects.filter(run=run, only_plan=True).exists()
    return bool(run.state == State.PLANNED and wanted)


def confirm(run: ImportRun, *, by: str) -> None:
    """Let a plan pass that waits for somebody; a worker applies it. Raises `Refused`."""
    if run.state == State.HELD:
        runs.confirm(run, by=by)
    elif not ImportRun.objects.filter(pk=run.pk, state=State.PLANNED, confirmed_by="").update(confirmed_by=by):
        raise Refused(_("This import does not wait for a confirmation any more."))
    hand_over(run)


def can_be_undone(run: ImportRun) -> bool:
    """Only the import from which the mirror stems; not twice."""
    last = runs.last_applied(Source(run.source)) if run.state == State.APPLIED else None
    return last is not None and last.pk == run.pk and not run.undone_by


def undo(run: ImportRun, *, by: str) -> None:
    """Have what an import did taken back by a worker: that may take as long as it took. Raises `Refused`."""
    if not can_be_undone(run) or not _change(run, undone_by=by):
        raise Refused(_("Only the last import of a system can be undone."))
    hand_over(run)


def is_being_undone(run: ImportRun) -> bool:
    return bool(run.state == State.APPLIED and run.undone_by)


def is_stranded(run: ImportRun) -> bool:
    """Whether nobody has worked at it for so long that its worker must be gone, or the broker has lost it."""
    return _stranded().filter(pk=run.pk).exists()


def resume(run: ImportRun) -> None:
    """Hand a stranded import to a worker again. Raises `Refused` when somebody works at it."""
    begins_anew = run.state == State.READING
    if not is_stranded(run) or not _change(run, state=State.QUEUED if begins_anew else run.state):
        raise Refused(_("Somebody is working at this import."))
    hand_over(run)


def sweep() -> None:
    """Take up what a killed worker or a lost broker left behind; give up what has been taken up for hours."""
    uploads.forget_what_was_read()
    too_old = timezone.now() - runs.LOST
    for run in _stranded():
        if run.state in (State.QUEUED, State.READING, State.APPLYING) and run.started_at < too_old:
            reason = _("Its worker was stopped again and again.")
            _change(run, state=State.FAILED, reason=reason, finished_at=timezone.now())
        else:
            with suppress(Refused):
                resume(run)


def purge() -> dict[str, int]:
    """Forget plans by age, and what killed workers left behind; the numbers."""
    with translation.override(settings.LANGUAGE_CODE):
        return runs.clear_away()


def _change(run: ImportRun, **values: object) -> bool:
    """Change the row, with a sign of life, if it still is as it was read: the database decides."""
    values["touched_at"] = timezone.now()
    same = ImportRun.objects.filter(pk=run.pk, state=run.state, touched_at=run.touched_at)
    return bool(same.update(**values))


def _stranded() -> QuerySet[ImportRun]:
    planned = Q(state=State.PLANNED) & (~Q(confirmed_by="") | Q(upload=None) | Q(upload__only_plan=False))
    undoing = Q(state=State.APPLIED) & ~Q(undone_by="")
    active = Q(state__in=[State.QUEUED, State.READING, State.APPLYING]) | planned | undoing
    return ImportRun.objects.filter(active, touched_at__lt=timezone.now() - runs.QUIET)


def _rows(run: ImportRun) -> Iterator[Row]:
    """The rows of the run's source, which is opened with the first of them."""
    if run.origin == Origin.VIEW:
        reading = views.open_view(Source(run.source), since=readings.mark(Source(run.source)))
        run.complete, run.updated_until = reading.complete, reading.mark
        ImportRun.objects.filter(pk=run.pk).update(complete=run.complete, updated_until=run.updated_until)
        yield from reading
        return
    upload = Upload.objects.filter(run=run).first()
    if upload is None or not upload.pieces.exists():
        raise UnreadableSource(_("The file is not here any more; hand it over again."))
    with uploads.opened(upload) as path:
        yield from open_source(path, Source(run.source), extension=upload.extension)
