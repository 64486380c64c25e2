"""Guard rails: what a person has to look at before it is applied."""

from django.conf import settings
from django.utils.translation import gettext as _

from registry.models import ImportRun

# That few changes are nobody's accident, whatever share of a small source they are.
FEW = 50


def objection(run: ImportRun, *, returned: int) -> str:
    """Why the plan has to be confirmed; "" when nothing is out of the ordinary.

    `returned` of the changed records had vanished and are back: nobody relied on what they said.
    """
    if run.complete and run.held_records and not run.rows_read:
        return _("The source is empty; every record would vanish.")
    shares = {"vanished": run.vanished, "held": run.held_records, "most": settings.IMPORT_MAX_VANISHED}
    if run.vanished * 100 > run.held_records * settings.IMPORT_MAX_VANISHED:
        return _("%(vanished)d of %(held)d records would vanish, more than %(most)d %%.") % shares
    changed = run.changed - returned
    if changed > FEW and changed * 100 > run.held_records * settings.IMPORT_MAX_CHANGED:
        shares = {"changed": changed, "held": run.held_records, "most": settings.IMPORT_MAX_CHANGED}
        return _("%(changed)d of %(held)d records would change, more than %(most)d %%.") % shares
    return ""
