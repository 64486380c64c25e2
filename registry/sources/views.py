"""Database views: which are configured, and the way to their rows."""

from django.conf import settings
from django.utils.translation import gettext as _

from registry.models import Source
from registry.sources.columns import Reading, UnreadableSource


def configured() -> list[Source]:
    """The systems that are read from a view."""
    return [source for source in Source if settings.VIEWS[source]]


def only_one() -> Source:
    """The system whose view is meant when none is named: the only one; raises `UnreadableSource` when there are two."""
    found = configured()
    if len(found) > 1:
        raise UnreadableSource(_("Both systems have a database view; --kind says which one is meant."))
    return found[0] if found else Source.SIS


def open_view(source: Source, *, since: str = "") -> Reading:
    """Open the system's view, with `since` (an earlier reading's mark) only what changed; iterate for its rows.

    The rows' lines are their places in this reading, from 1. Raises `UnreadableSource`, also during iteration; the
    message never holds the driver's words, which may show the address, the user, or a row.
    """
    view = settings.VIEWS[source]
    if not view:
        message = _("UREGISTER_%(system)s_URL is not set: there is no database view to read.")
        raise UnreadableSource(message % {"system": source.upper()})
    from registry.sources import view_rows  # noqa: PLC0415 # SQLAlchemy takes long to load, and pages never need it.

    rows = view_rows.read(view, source, since)
    opened = next(rows)
    assert isinstance(opened, view_rows.Opened)  # noqa: S101 The generator's first item; it keeps the connection for the rest.
    return Reading(source, rows, complete=opened.complete, mark=opened.mark)  # type: ignore[arg-type] # Only rows are left.
