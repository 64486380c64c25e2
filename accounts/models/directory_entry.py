"""What the directory should hold of an account, and what it holds."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account


class DirectoryEntry(models.Model):
    """The account's entry: which revision of it is wanted, and which one the directory has.

    The attributes are not stored: they are composed from the person, the records and the account when they are
    written, see `accounts.directory.entry`. Only accounts of persons have an entry.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        EQUAL = "equal", _("in the directory")
        # The name belongs to an entry that is not this person's: for the operator to sort out.
        CONFLICT = "conflict", _("conflict")
        # The directory will not take it as it is; tried again now and then, in case somebody mends it there.
        REFUSED = "refused", _("refused")

    account = models.OneToOneField(Account, models.CASCADE, related_name="directory_entry", verbose_name=_("account"))
    # Raised by each change that the directory has to learn of; the worker writes down which one it wrote.
    wanted = models.PositiveIntegerField(default=1, editable=False)
    written = models.PositiveIntegerField(default=0, editable=False)
    # A password waits to be written: such entries come first.
    password_due = models.BooleanField(_("password waits"), default=True)
    # Digest of the `userPassword` last written, since not every service account may read it.
    password_written = models.CharField(max_length=64, blank=True, editable=False)

    # Where the entry stands, under which name, and its `entryUUID` (RFC 4530), by which it is known again; empty until
    # it was written.
    username = models.CharField(max_length=64, blank=True, editable=False)
    dn = models.CharField(_("distinguished name"), max_length=512, blank=True)
    entry_uuid = models.CharField(_("entryUUID"), max_length=36, blank=True, editable=False)

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True, default=timezone.now)
    # When a worker may take it up: at once, after a pause, or when the lease of the one who has it runs out.
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    lease = models.UUIDField(null=True, editable=False)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    # One of the codes of `accounts.directory.Refused`, `away`, `conflict` or `unfit`, and the server's own words.
    error = models.CharField(_("error"), max_length=32, blank=True)
    answer = models.CharField(_("the directory's answer"), max_length=500, blank=True)
    written_at = models.DateTimeField(_("written at"), null=True, blank=True)

    class Meta:
        ordering = ["-waiting_since"]
        verbose_name = _("directory entry")
        verbose_name_plural = _("directory entries")
        indexes = [
            models.Index(
                fields=["-password_due", "due_at"],
                condition=~models.Q(state="equal"),
                name="directory_entry_due",
            ),
            # Whether the directory is away.
            models.Index(fields=["due_at"], condition=models.Q(error="away"), name="directory_entry_away"),
        ]

    def __str__(self) -> str:
        return self.dn or self.account.username
