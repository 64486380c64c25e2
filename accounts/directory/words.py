"""What people read of an account's entry in the directory: how it stands, who mends it, what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.directory.entry import Unfit
from accounts.models import DirectoryEntry

State = DirectoryEntry.State
Text = str | Promise

# It normally takes a second: only after so long is it worth saying since when.
USUAL = timedelta(seconds=15)

# What the password policy says to a password, and what its owner does then; by the codes of `Refused`.
PASSWORD_REFUSED: dict[str, tuple[Text, Text]] = {
    "quality": (
        gettext_lazy("your password is too simple for the directory"),
        gettext_lazy(
            "Choose another password, longer and of different kinds of characters. If that one is refused too, the "
            "fault is not yours: tell the helpdesk:"
        ),
    ),
    "short": (
        gettext_lazy("your password is too short for the directory"),
        gettext_lazy(
            "Choose a longer password. If that one is refused too, the fault is not yours: tell the helpdesk:"
        ),
    ),
    "history": (
        gettext_lazy("the directory does not take a password that you have had before"),
        gettext_lazy("Choose a password that you have never had here."),
    ),
}
# A server can't see these in a hash, and a policy that refuses all hashes answers the same.
UNSEEN = ("quality", "short")
# What the policy says that no other password would change.
HELD_UP: dict[str, tuple[Text, Text]] = {
    "young": (
        gettext_lazy("the directory does not take another password so soon after the last one"),
        gettext_lazy("You need not do anything: it is tried again. Until then the services take your former password."),
    ),
    "locked": (
        gettext_lazy("the directory has locked your account for a while"),
        gettext_lazy(
            "That comes from many wrong passwords, often of a telephone or computer that still has a former one. Put "
            "the right one there and wait; if it stays locked, ask the helpdesk:"
        ),
    ),
}


@dataclass(frozen=True)
class Words:
    """`state` is one of the entry's, for the style; `advice` may be empty.

    With `choose` another password is the way out, with `ask` the helpdesk is.
    """

    state: str
    text: Text
    advice: Text = ""
    choose: bool = False
    ask: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether looking again in a moment would tell nothing new."""
        return self.state != State.WAITING


def of_account(account: int) -> Words | None:
    """How the entry of this account (its key) stands; None where there is none to speak of. One query."""
    return _of(account=account)


def of_person(person: int) -> Words | None:
    """The same by the person's key."""
    return _of(account__person=person)


def _of(**whose: int) -> Words | None:
    entry = DirectoryEntry.objects.filter(**whose).first() if settings.DIRECTORY else None
    return describe(entry) if entry else None


def describe(entry: DirectoryEntry) -> Words:
    """In the reader's language; the same words for the owner and for the helpdesk, which reads what the owner does."""
    if entry.state == State.EQUAL:
        return Words(State.EQUAL, _("up to date"), _("All services know your username and your password."))
    if entry.state == State.CONFLICT:
        advice = _("Another entry has your username. We have been told and sort it out; questions:")
        return Words(State.CONFLICT, _("your account could not be written"), advice, ask=True)
    if entry.state == State.REFUSED:
        return _refused(entry)
    return Words(State.WAITING, _waiting(entry.waiting_since), _until_then(entry))


def _refused(entry: DirectoryEntry) -> Words:
    if entry.error in PASSWORD_REFUSED:
        return Words(State.REFUSED, *PASSWORD_REFUSED[entry.error], choose=True, ask=entry.error in UNSEEN)
    if entry.error in HELD_UP:
        return Words(State.REFUSED, *HELD_UP[entry.error], ask=entry.error == "locked")
    if entry.error == Unfit.code:
        advice = _(
            "A name or the username in your record is missing or not written as it should be. Ask the secretariat of "
            "your department (staff: the personnel office) to correct it; the rest goes by itself."
        )
        return Words(State.REFUSED, _("your account could not be written"), advice)
    advice = _("We have been told and put it right; you need not do anything. Questions:")
    return Words(State.REFUSED, _("your account could not be written"), advice, ask=True)


def _waiting(since: datetime | None) -> str:
    if since is None or timezone.now() - since < USUAL:
        return _("on its way")
    local = timezone.localtime(since)
    today = local.date() == timezone.localdate()
    moment = date_format(local, "H:i") if today else date_format(local, "d/m, H:i")
    return _("waiting since %(time)s, we keep trying") % {"time": moment}


def _until_then(entry: DirectoryEntry) -> str:
    if not entry.written:
        return _("The services know your account as soon as the directory has it. You need not wait here.")
    if entry.password_due:
        return _("Until the directory has your new password, the services take the former one.")
    return _("Your latest data are about to be written. You sign in as always.")
