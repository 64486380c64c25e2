"""Who gets into an account: its password, its sessions, its being blocked.

Each of these acts begins a new epoch of the account, which ends every session, recovery, reset code and unproved
contact of the older ones; the view that acted keeps its own session with `update_session_auth_hash`.
"""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit, notices
from accounts.directory import sync
from accounts.messages import alarm
from accounts.models import Account, ContactChange, Notice, Pin


class Overtaken(Exception):
    message = _("Your account was changed meanwhile, perhaps by a second click. Sign in and look.")


@transaction.atomic
def change_password(
    account: Account,
    *,
    password_hash: str,
    directory_password: str = "",
    act: str,
    actor: Account | None = None,
    address: str | None = None,
) -> None:
    """Give the account a new password; `act` is the audit trail's word, such as `password.changed`.

    The hashes (see `passwords.hashes`) were made before the transaction, since that takes long. A recovered password
    opens a blocked account again. Only in the epoch in which `account` was read, when the caller made sure that it
    may: raises `Overtaken`.
    """
    same = Account.objects.filter(pk=account.pk, epoch=account.epoch)
    new = {"password": password_hash, "directory_password": directory_password, "blocked_at": None}
    if not same.update(**new, epoch=F("epoch") + 1):
        raise Overtaken
    account.refresh_from_db(fields=["password", "directory_password", "blocked_at", "epoch"])
    sync.want([account.pk], password=True)
    audit.record(act, actor=actor or account, account=account, person=account.person, address=address)
    notices.tell(account, subject=act.replace(".", "_"))


def begin_epoch(account: Account) -> None:
    """End all sessions and kill everything that is open."""
    Account.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
    account.refresh_from_db(fields=["epoch"])


@transaction.atomic
def end_sessions(account: Account, *, actor: Account, reason: str = "", address: str | None = None) -> None:
    begin_epoch(account)
    audit.record("sessions.ended", actor=actor, account=account, person=account.person, reason=reason, address=address)


@transaction.atomic
def block(account: Account, *, actor: Account | None = None, reason: str = "", address: str | None = None) -> None:
    """Nobody signs in until the password is recovered or the helpdesk unblocks."""
    account.blocked_at = timezone.now()
    account.save(update_fields=["blocked_at"])
    begin_epoch(account)
    sync.want([account.pk], password=True)
    audit.record("account.blocked", actor=actor, account=account, person=account.person, reason=reason, address=address)


@transaction.atomic
def unblock(account: Account, *, actor: Account, reason: str = "", address: str | None = None) -> None:
    account.blocked_at = None
    account.save(update_fields=["blocked_at"])
    sync.want([account.pk], password=True)
    audit.record(
        "account.unblocked", actor=actor, account=account, person=account.person, reason=reason, address=address
    )


@transaction.atomic
def set_active(account: Account, *, active: bool, actor: Account, reason: str = "", address: str | None = None) -> None:
    """What whoever manages rights decides: an account that is not active opens nothing, whatever the records say."""
    account.is_active = active
    account.save(update_fields=["is_active"])
    if not active:
        begin_epoch(account)
    sync.want([account.pk], password=True)
    act = "account.activated" if active else "account.deactivated"
    audit.record(act, actor=actor, account=account, person=account.person, reason=reason, address=address)


@transaction.atomic
def disown(notice: Notice, *, address: str | None = None) -> None:
    """ "This was not me": undo the change of contact and all later ones, block the account, wake the operator.

    The later ones too, since whoever changed the password may have changed a contact next and would recover the
    account with it; the links of later notices, which may have gone to that contact, die with them. Of two clicks one
    counts. Raises `notices.NoticeSpent`.
    """
    now = timezone.now()
    if not Notice.objects.filter(pk=notice.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        raise notices.NoticeSpent
    account = Account.objects.select_for_update().get(pk=notice.account_id)
    account.notices.filter(used_at=None, created_at__gte=notice.created_at).update(used_at=now)
    since = notice.contact_change.made_at if notice.contact_change else notice.created_at
    changes = ContactChange.objects.filter(account=account, made_at__gte=since, undone_at=None)
    for change in changes.order_by("-made_at", "-pk"):
        undo_contact_change(change, account)
    if account.person is not None:
        Pin.objects.filter(person=account.person, used_at=None, replaced_at=None).update(replaced_at=now)
    block(account, reason="this was not me", address=address)
    alarm.ring(f"not-me-{account.pk}", "Somebody said that a change of their account was not their own.")


def undo_contact_change(change: ContactChange, account: Account) -> None:
    """Put the old contact back, whatever has come after it: the notice went to who held it before."""
    setattr(account, f"recovery_{change.kind}", change.old)
    account.save(update_fields=[f"recovery_{change.kind}"])
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    audit.record("contact.restored", account=account, person=account.person, details={"kind": change.kind})
