"""What an import is to do, and what it did."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from registry.encryption import EncryptedTextField
from registry.models.vocabulary import Source


class ImportRun(models.Model):
    """One reading of a source and its life: read, planned, applied, perhaps undone.

    Whoever started, confirmed or undid it is kept as their username, since the registry knows no account; "" is the
    schedule or the command line. The counts are those of `registry.importing.Report`.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        READING = "reading", _("being read")
        PLANNED = "planned", _("planned")
        HELD = "held", _("waits for a confirmation")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("refused")
        UNREADABLE = "unreadable", _("cannot be read")
        FAILED = "failed", _("failed")
        UNDONE = "undone", _("undone")

    class Origin(models.TextChoices):
        FILE = "file", _("file")
        VIEW = "view", _("database view")

    source = models.CharField(_("source"), max_length=8, choices=Source)
    origin = models.CharField(
        _("kind of input"), max_length=8, choices=Origin, default=Origin.FILE, db_default=Origin.FILE
    )
    name = models.CharField(_("file or view"), max_length=200)
    # False where only the rows that have changed since an earlier reading were asked for: the others do not vanish.
    complete = models.BooleanField(_("all rows"), default=True, db_default=True)
    # The latest value of the view's column `updated` that was read, for the next reading to begin with.
    updated_until = models.CharField(max_length=64, blank=True, default="", db_default="")

    # What the version before knows as an import has been applied.
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED, db_default=State.APPLIED)
    # Why it waits, was refused or failed: one line in the language of whoever started it, without data of the source.
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    # Applying and undoing imports of a source take turns: which one this had, and the latest when it was planned.
    base = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    turn = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    started_by = models.CharField(_("started by"), max_length=150, blank=True, default="", db_default="")
    confirmed_by = models.CharField(_("confirmed by"), max_length=150, blank=True, default="", db_default="")
    undone_by = models.CharField(_("undone by"), max_length=150, blank=True, default="", db_default="")
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    # Of the last sign of life, so that one whose worker was killed is told from one that is being read.
    touched_at = models.DateTimeField(auto_now=True, db_default=Now())
    planned_at = models.DateTimeField(_("planned at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    rows_read = models.PositiveIntegerField(_("rows read"), default=0, db_default=0)
    rows_written = models.PositiveIntegerField(_("records written"), default=0, db_default=0)
    held_records = models.PositiveIntegerField(_("records held before"), default=0, db_default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    vanished = models.PositiveIntegerField(_("vanished"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    kept_corrections = models.PositiveIntegerField(_("corrections kept"), default=0)
    # Of how many records each field changes, and what the departments are called before and after.
    changed_fields = models.JSONField(_("changed fields"), default=dict, db_default={}, blank=True)
    departments = models.JSONField(default=dict, db_default={}, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        permissions = [("run_imports", _("May import records, confirm and undo imports"))]
        constraints = [
            # Whoever comes second, the schedule or a person, does not begin.
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(origin="view", state__in=["queued", "reading", "applying"]),
                name="one_reading_of_a_view",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.started_at:%Y-%m-%d %H:%M}"


class ImportItem(models.Model):
    """One line of an import's plan. The record is found by its key: a record to be added is not there yet.

    `details` is JSON, encrypted because insurance numbers are among the values. The rows of records that are added
    hold nothing but the key: what they say stands in the record.
    """

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        VANISHED = "vanished", _("vanished")
        REJECTED = "rejected", _("rejected")
        WARNING = "warning", _("warning")
        KEPT = "kept", _("correction kept")
        RELEASED = "released", _("correction no longer needed")
        JOINED = "joined", _("joined with another person")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="items", db_index=False, verbose_name=_("import"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    # In the source; 0 where there is none, since the row is missing.
    line = models.PositiveIntegerField(_("line"), default=0)
    system_id = models.CharField(_("identifier in the source"), max_length=64, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=64, blank=True)
    # The source's column of a finding, the record's field of a correction.
    column = models.CharField(_("column"), max_length=32, blank=True)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    details = EncryptedTextField(blank=True, editable=False)

    class Meta:
        ordering = ["line", "pk"]
        verbose_name = _("line of an import's plan")
        verbose_name_plural = _("lines of an import's plan")
        indexes = [models.Index(fields=["run", "kind", "line"], name="import_item_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.registration_number or self.system_id or self.line}"
