"""One-time reset codes: printed by the helpdesk for somebody identified in person, or sent to the stored contact.

For the code itself see `accounts.printed_codes`. Only a keyed hash of it is stored, tied to the username. The database
uses it up in one statement.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts import printed_codes
from accounts.models import Account
from mypassword.models import ResetCode

LIFETIME = timedelta(hours=24)


class ResetCodeRefused(Exception):
    """Wrong, used, expired, somebody else's, or of a time before a change of the account: nobody is told which."""

    message = _("This username and code do not belong together, or the code has been used or is too old.")


@transaction.atomic
def create(account: Account, *, issued_by: Account, lifetime: timedelta = LIFETIME) -> tuple[ResetCode, str]:
    """A new code of the account and its text as printed, which is shown once; earlier codes die."""
    # Of two at once the later one waits here, sees the earlier and kills it.
    account = Account.objects.select_for_update().get(pk=account.pk)
    now = timezone.now()
    account.reset_codes.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    code = printed_codes.new_code()
    row = ResetCode.objects.create(
        account=account,
        epoch=account.epoch,
        digest=digest(account.username, code),
        issued_by=issued_by,
        expires_at=now + lifetime,
    )
    return row, code


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
    bound = f"{username.strip().lower()}:{printed_codes.normalise(code)}"
    return salted_hmac("mypassword.reset_codes", bound, algorithm="sha256").hexdigest()
