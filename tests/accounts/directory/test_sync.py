"""What is wanted of the directory is written there, whatever happened to the entry meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.demo.models import EmbeddedEntry
from accounts.directory import Refused, claims, sync
from accounts.directory.line import line
from accounts.directory.names import dn_of
from accounts.models import Account, DirectoryEntry, Message
from registry.models import Affiliation
from tests.accounts.directory.entries import HASH, activated, due_now, entry_of, held, put, strangers

pytestmark = pytest.mark.django_db
State = DirectoryEntry.State


# ---- Each change leads to the entry ----------------------------------------------------------------------


def test_a_new_account_is_written_once_it_is_committed(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        account = activated(username="maria05")
        assert held("maria05") == {}
    entry = entry_of(account)
    assert held("maria05")["cn"] == ["Maria Papadopoulou"]
    assert held("maria05")["userPassword"] == ["{ARGON2}…"]
    assert (entry.state, entry.written, entry.password_due, entry.waiting_since) == (State.EQUAL, 1, False, None)
    assert entry.dn == dn_of("maria05")
    assert entry.entry_uuid == str(EmbeddedEntry.objects.get().uuid)
    assert entry.lease is None


def test_nothing_is_sent_when_the_entry_is_right() -> None:
    account = activated()
    assert sync.write_due() == 1
    with pytest.MonkeyPatch.context() as patch:
        made: list[Any] = []
        with line() as directory:
            patch.setattr(type(directory), "make", lambda self, changes: made.append(changes))
        sync.want([account.pk])
        assert sync.write_due() == 1
    assert made == []
    assert entry_of(account).written == 2
    assert sync.write_due() == 0


@pytest.mark.parametrize("act", ["password", "block", "deactivate", "close"])
def test_what_becomes_of_the_account_shows(act: str) -> None:
    account = activated()
    sync.write_due()
    before = entry_of(account).password_written
    if act == "password":
        access.change_password(account, password_hash=HASH.replace("c2Fs", "c2Ft"), act="password.changed")
    elif act == "block":
        access.block(account)
    elif act == "deactivate":
        access.set_active(account, active=False, actor=account)
    else:
        Account.objects.update(closed_at=timezone.now())
        sync.want([account.pk])
    assert sync.write_due() == 1
    assert ("userPassword" in held(account.username)) is (act == "password")
    assert entry_of(account).password_written != before


def test_unblocked_it_opens_again() -> None:
    account = activated()
    access.block(account)
    sync.write_due()
    assert "userPassword" not in held(account.username)
    access.unblock(account, actor=account)
    sync.write_due()
    assert held(account.username)["userPassword"] == ["{ARGON2}…"]


def test_accounts_of_nobody_have_no_entry() -> None:
    operator = Account.objects.create_user("operator")
    access.change_password(operator, password_hash=HASH, act="password.changed")
    assert not DirectoryEntry.objects.exists()


def test_an_account_without_a_row_gets_one() -> None:
    account = activated()
    DirectoryEntry.objects.all().delete()
    sync.want([account.pk])
    sync.write_due()
    assert entry_of(account).state == State.EQUAL


def test_many_at_once_in_few_statements(django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        for _each in range(count):
            activated()
        with django_assert_num_queries(9 + 3 * count):
            # The embedded directory takes three for each entry that it adds: a savepoint, the row, its release.
            assert sync.write_due() == count


# ---- By other hands --------------------------------------------------------------------------------------


def test_a_change_by_hand_is_undone_and_what_others_manage_stays() -> None:
    account = activated()
    sync.write_due()
    name = account.username
    classes = held(name)["objectClass"]
    put(name, cn=["Somebody"], mail=[], memberOf=["cn=vpn"], objectClass=[*classes, "posixAccount"], uidNumber=["7"])
    sync.want([account.pk])
    sync.write_due()
    now = held(name)
    assert now["cn"] == ["Maria Papadopoulou"]
    assert now["mail"]
    assert (now["memberOf"], now["uidNumber"], now["objectClass"]) == (["cn=vpn"], ["7"], [*classes, "posixAccount"])


def test_an_entry_deleted_by_hand_is_made_anew() -> None:
    account = activated()
    sync.write_due()
    EmbeddedEntry.objects.all().delete()
    sync.want([account.pk])
    sync.write_due()
    entry = entry_of(account)
    assert held(account.username)["userPassword"] == ["{ARGON2}…"]
    assert (entry.state, entry.entry_uuid) == (State.EQUAL, str(EmbeddedEntry.objects.get().uuid))


@pytest.mark.parametrize(
    "stranger", [{"creator": "cn=admin"}, {"created_at": timezone.now() - timedelta(days=30)}], ids=["by others", "old"]
)
def test_a_strangers_entry_is_a_conflict_until_it_is_gone(stranger: dict[str, Any], settings: Any) -> None:
    settings.OPERATOR_EMAIL = "operator@example.org"
    account = activated()
    strangers(account.username, **stranger)
    sync.write_due()
    entry = entry_of(account)
    assert (entry.state, entry.error, entry.written) == (State.CONFLICT, "conflict", 0)
    assert held(account.username)["cn"] == ["Stranger"]
    assert Message.objects.get(template="alarm").context["matter"] == "directory-conflict"
    EmbeddedEntry.objects.all().delete()
    assert sync.write_due() == 0, "not before its time"
    due_now(account)
    sync.write_due()
    assert entry_of(account).state == State.EQUAL


def test_an_entry_that_another_account_has_written_is_a_conflict() -> None:
    """It was made by us and lately, and yet is not this person's."""
    first, second = activated(), activated()
    sync.write_due()
    EmbeddedEntry.objects.filter(username=second.username).delete()
    # Somebody renames the first one's entry by hand.
    row = EmbeddedEntry.objects.get(username=first.username)
    EmbeddedEntry.objects.filter(pk=row.pk).update(username=second.username)
    put(second.username, uid=[second.username])
    sync.want([second.pk])
    sync.write_due()
    assert entry_of(second).state == State.CONFLICT


def test_an_addition_whose_answer_was_lost_is_ours() -> None:
    account = activated()
    strangers(account.username)
    sync.write_due()
    assert entry_of(account).state == State.EQUAL
    assert held(account.username)["cn"] == ["Maria Papadopoulou"]
    assert held(account.username)["userPassword"] == ["{ARGON2}…"]


# ---- Another username ------------------------------------------------------------------------------------


def rename(account: Account, username: str) -> None:
    Account.objects.filter(pk=account.pk).update(username=username)
    sync.want([account.pk])


def test_a_new_username_renames_the_entry() -> None:
    account = activated(username="maria05")
    sync.write_due()
    uuid = entry_of(account).entry_uuid
    rename(account, "maria06")
    sync.write_due()
    entry = entry_of(account)
    assert held("maria05") == {}
    assert held("maria06")["uid"] == ["maria06"]
    assert held("maria06")["eduPersonPrincipalName"] == ["maria06@uregister.example"]
    assert (entry.entry_uuid, entry.dn, entry.username, entry.state) == (uuid, dn_of("maria06"), "maria06", "equal")


def test_a_rename_whose_answer_was_lost() -> None:
    account = activated(username="maria05")
    sync.write_due()
    put("maria05", uid=["maria06"])
    EmbeddedEntry.objects.update(username="maria06")
    rename(account, "maria06")
    sync.write_due()
    assert entry_of(account).state == State.EQUAL
    assert EmbeddedEntry.objects.count() == 1


def test_a_new_username_that_a_stranger_has() -> None:
    account = activated(username="maria05")
    sync.write_due()
    strangers("maria06", creator="cn=admin")
    rename(account, "maria06")
    sync.write_due()
    assert entry_of(account).state == State.CONFLICT
    assert held("maria05")["cn"] == ["Maria Papadopoulou"]
    assert held("maria06")["cn"] == ["Stranger"]


# ---- What can't be written -------------------------------------------------------------------------------


def test_an_unfit_record_holds_up_nobody() -> None:
    good, bad = activated(), activated(last_name_el="", last_name_en="")
    assert sync.write_due() == 2
    assert entry_of(good).state == State.EQUAL
    assert (entry_of(bad).state, entry_of(bad).error) == (State.REFUSED, "unfit")
    Affiliation.objects.update(last_name_el="Παππά", last_name_en="Pappa")
    sync.want([bad.pk])
    sync.write_due()
    assert entry_of(bad).state == State.EQUAL


def refusing(patch: pytest.MonkeyPatch, code: str) -> None:
    with line() as directory:
        patch.setattr(type(directory), "make", lambda self, changes: [Refused(code, "said so") for _each in changes])


@pytest.mark.parametrize(
    ("code", "state"),
    [
        *((code, State.REFUSED) for code in ("quality", "history", "young", "locked", "syntax", "forbidden", "other")),
        *((code, State.WAITING) for code in ("busy", "exists")),
        ("missing", State.REFUSED),
    ],
)
def test_refusals_are_shown_and_never_given_up(code: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = activated()
    with pytest.MonkeyPatch.context() as patch:
        refusing(patch, code)
        sync.write_due()
        entry = entry_of(account)
        assert (entry.state, entry.error, entry.answer, entry.written) == (state, code, "said so", 0)
        assert entry.password_due
        assert timezone.now() < entry.due_at < timezone.now() + timedelta(hours=1)
        assert sync.write_due() == 0
    due_now(account)
    sync.write_due()
    assert (entry_of(account).state, entry_of(account).error) == (State.EQUAL, "")


def test_an_entry_that_exists_and_is_never_seen_becomes_a_conflict() -> None:
    account = activated()
    with pytest.MonkeyPatch.context() as patch:
        refusing(patch, "exists")
        for _turn in range(4):
            due_now(account)
            sync.write_due()
    assert entry_of(account).state == State.CONFLICT


# ---- Claims ----------------------------------------------------------------------------------------------


def test_an_entry_belongs_to_one_worker_at_a_time() -> None:
    activated()
    claimed = claims.claim(10)
    assert claimed
    assert claims.claim(10) is None


def test_passwords_come_first() -> None:
    first, second = activated(), activated()
    sync.write_due()
    sync.want([first.pk])
    sync.want([second.pk], password=True)
    claimed = claims.claim(1)
    assert claimed
    assert [entry.account_id for entry in claimed.entries] == [second.pk]


def test_what_is_wanted_while_it_is_written_is_due_again() -> None:
    account = activated()
    claimed = claims.claim(10)
    assert claimed
    sync.want([account.pk], password=True)
    assert claims.claim(10) is None, "it is still the first one's"
    claims.note(claimed, [claims.Outcome(claimed.entries[0])])
    entry = entry_of(account)
    assert (entry.state, entry.wanted, entry.written, entry.password_due) == (State.WAITING, 2, 1, True)
    assert claims.claim(10)


def test_a_worker_that_comes_too_late_has_it_looked_at_again() -> None:
    account = activated()
    late = claims.claim(10)
    assert late
    due_now(account)
    sync.write_due()
    assert entry_of(account).state == State.EQUAL
    claims.note(late, [claims.Outcome(late.entries[0])])
    assert (entry_of(account).state, entry_of(account).wanted) == (State.WAITING, 2)


def test_what_a_killed_worker_held_is_due_when_its_lease_has_run_out(settings: Any) -> None:
    settings.DIRECTORY_LEASE = 0
    account = activated()
    assert claims.claim(10)
    assert sync.write_due() == 1
    assert entry_of(account).state == State.EQUAL


def test_the_directory_is_never_asked_inside_a_transaction() -> None:
    activated()
    with transaction.atomic(), pytest.raises(RuntimeError):
        sync.write_due()
