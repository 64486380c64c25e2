"""One-time reset codes: printed by the helpdesk for somebody identified in person, or sent to the stored contact.

A code is four groups of four letters and digits such as `ACDE-3467-FHJK-9MNP`: 71 bits. Only a keyed hash of it is
stored, tied to the username. The database uses it up in one statement.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from mypassword.models import ResetCode

LIFETIME = timedelta(hours=24)
# Without those that are taken for one another on paper: 0 O, 1 I L, 2 Z, 5 S, 8 B, 6 G, U V, Q O.
ALPHABET = "ACDEFHJKMNPRTVWXY34679"
GROUPS, GROUP_LENGTH = 4, 4
LENGTH = GROUPS * GROUP_LENGTH
# What a Greek keyboard writes for the same shapes.
SHAPES = str.maketrans("ΑΕΗΚΜΝΡΤΧΥ", "AEHKMNPTXY")


class ResetCodeRefused(Exception):
    """Wrong, used, expired, somebody else's, or of a time before a change of the account: nobody is told which."""

    message = _("This username and code do not belong together, or the code has been used or is too old.")


def normalise(text: str) -> str:
    """The code without what does not count: case, dashes, spaces, the keyboard's language."""
    return "".join(filter(str.isalnum, text.upper())).translate(SHAPES)


def grouped(code: str) -> str:
    """The code as printed, in groups with dashes."""
    return "-".join(code[start : start + GROUP_LENGTH] for start in range(0, len(code), GROUP_LENGTH))


@transaction.atomic
def create(account: Account, *, issued_by: Account, lifetime: timedelta = LIFETIME) -> tuple[ResetCode, str]:
    """A new code of the account and its text as printed, which is shown once; earlier codes die."""
    # Of two at once the later one waits here, sees the earlier and kills it.
    account = Account.objects.select_for_update().get(pk=account.pk)
    now = timezone.now()
    account.reset_codes.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    row = ResetCode.objects.create(
        account=account,
        epoch=account.epoch,
        digest=digest(account.username, code),
        issued_by=issued_by,
        expires_at=now + lifetime,
    )
    return row, grouped(code)


def use(username: str, code: str) -> ResetCode:
    """Use up a code. Raises `ResetCodeRefused`; the limits are the caller's.

    A plain column is compared with the account's epoch, not a join: PostgreSQL would read the joined row anew only
    for the first of two simultaneous statements, and both would win.
    """
    now = timezone.now()
    epoch = Account.objects.filter(pk=OuterRef("account_id")).values("epoch")
    key = digest(username, code)
    alive = ResetCode.objects.filter(digest=key, used_at=None, expires_at__gt=now, epoch=Subquery(epoch))
    if not alive.update(used_at=now):
        raise ResetCodeRefused
    return ResetCode.objects.select_related("account__person", "account__affiliation").get(digest=key)


def digest(username: str, code: str) -> str:
    bound = f"{username.strip().lower()}:{normalise(code)}"
    return salted_hmac("mypassword.reset_codes", bound, algorithm="sha256").hexdigest()
