"""Entries in a real OpenLDAP: passwords that open and no longer open, other hands, lost answers, refusals."""

from typing import Any

import ldap
import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import access, opening
from accounts.directory import reconcile, sync
from accounts.directory.line import hang_up
from accounts.models import Account, DirectoryEntry
from registry.models import Affiliation
from tests.factories import AffiliationFactory
from tests.provisioning.lossy import ADDED, MODIFIED, RENAMED, lossy_line
from tests.races import race
from tests.services.openldap import BASE, PEOPLE, OpenLDAP

pytestmark = pytest.mark.django_db
State = DirectoryEntry.State
PASSWORD, OTHER, NEWER = "korifogrammi-79-thalassa", "another-one-52-pevko", "the-newest-11-platano"


def activated(**fields: Any) -> Account:
    return opening.open_account(AffiliationFactory(**fields), password_hash=make_password(PASSWORD))


def maria() -> Account:
    account = activated(username="maria05")
    sync.write_due()
    return account


def change(account: Account, password: str) -> None:
    account.refresh_from_db()
    access.change_password(account, password_hash=make_password(password), act="password.changed")


def entry_of(account: Account) -> DirectoryEntry:
    return DirectoryEntry.objects.get(account=account)


def due_now() -> None:
    DirectoryEntry.objects.update(due_at=timezone.now())


def test_the_password_opens_the_directory_and_the_old_one_no_longer(openldap: OpenLDAP) -> None:
    account = maria()
    assert entry_of(account).state == State.EQUAL
    assert openldap.accepts("maria05", PASSWORD)
    assert not openldap.accepts("maria05", OTHER)
    change(account, OTHER)
    sync.write_due()
    assert openldap.accepts("maria05", OTHER)
    assert not openldap.accepts("maria05", PASSWORD)
    access.block(account)
    sync.write_due()
    assert not openldap.accepts("maria05", OTHER)
    access.unblock(account, actor=account)
    sync.write_due()
    assert openldap.accepts("maria05", OTHER)


def test_groups_and_what_others_manage_are_left_alone(openldap: OpenLDAP) -> None:
    account = maria()
    person, group = f"uid=maria05,{PEOPLE}", f"cn=vpn,ou=groups,{BASE}"
    with openldap.manager() as line:
        line.add_s(f"ou=groups,{BASE}", [("objectClass", [b"organizationalUnit"]), ("ou", [b"groups"])])
        members = [("objectClass", [b"groupOfNames"]), ("cn", [b"vpn"]), ("member", [person.encode()])]
        line.add_s(group, members)
        line.modify_s(person, [(ldap.MOD_REPLACE, "telephoneNumber", [b"2310 1"]), (ldap.MOD_REPLACE, "cn", [b"X"])])
    try:
        sync.want([account.pk])
        sync.write_due()
        entry = openldap.entry("maria05")
    finally:
        with openldap.manager() as line:
            line.delete_s(group)
            line.delete_s(f"ou=groups,{BASE}")
    assert entry["cn"] == ["Maria Papadopoulou"]
    assert (entry["memberOf"], entry["telephoneNumber"]) == ([group], ["2310 1"])


def test_deleted_by_hand_or_a_strangers(openldap: OpenLDAP) -> None:
    account = maria()
    openldap.forget()
    assert reconcile.compare().missing == 1
    sync.want([account.pk])
    sync.write_due()
    assert openldap.accepts("maria05", PASSWORD)
    openldap.forget()
    stranger = [("objectClass", [b"inetOrgPerson"]), ("uid", [b"maria05"]), ("cn", [b"Stranger"]), ("sn", [b"S"])]
    with openldap.manager() as line:
        line.add_s(f"uid=maria05,{PEOPLE}", stranger)
    sync.want([account.pk])
    sync.write_due()
    assert (entry_of(account).state, openldap.entry("maria05")["cn"]) == (State.CONFLICT, ["Stranger"])
    counts = reconcile.compare().counts()
    assert counts == {"missing": 1, "different": 0, "foreign": 1, "equal": 0}


def test_a_renamed_account_keeps_its_entry(openldap: OpenLDAP) -> None:
    account = maria()
    uuid = openldap.entry("maria05")["entryUUID"]
    Account.objects.update(username="maria06")
    sync.want([account.pk])
    sync.write_due()
    entry = openldap.entry("maria06")
    assert (entry["entryUUID"], entry["uid"], openldap.usernames()) == (uuid, ["maria06"], {"maria06"})
    assert entry["eduPersonPrincipalName"][0].startswith("maria06@")
    assert openldap.accepts("maria06", PASSWORD)
    assert reconcile.compare().equal == 1


@pytest.mark.parametrize("answer", [ADDED, MODIFIED, RENAMED])
def test_an_answer_that_is_lost(openldap: OpenLDAP, settings: Any, answer: int) -> None:
    """The change is made, the answer does not come, the line is cut: the next look finds it right."""
    account = activated(username="maria05")
    name, password = "maria05", PASSWORD
    if answer != ADDED:
        sync.write_due()
    if answer == MODIFIED:
        Affiliation.objects.update(last_name_en="Pappa")
        password = OTHER
        change(account, OTHER)
    if answer == RENAMED:
        name = "maria06"
        Account.objects.update(username=name)
        sync.want([account.pk])
    with lossy_line(openldap.port) as line:
        settings.DIRECTORY_URLS = [line.url]
        hang_up()
        line.lose(answer)
        sync.write_due()
        hang_up()
    settings.DIRECTORY_URLS = [openldap.url]
    assert line.lost == 1
    assert entry_of(account).state == State.EQUAL
    assert openldap.usernames() == {name}
    assert openldap.accepts(name, password)
    assert reconcile.compare().equal == 1


def test_the_policys_refusal_holds_up_only_the_password(openldap: OpenLDAP) -> None:
    """Of all its refusals OpenLDAP makes only this one of a hash: that it can't look into it."""
    account = maria()
    openldap.policy(pwdCheckQuality="2")
    Affiliation.objects.update(last_name_en="Pappa")
    change(account, OTHER)
    sync.write_due()
    entry = entry_of(account)
    assert (entry.state, entry.error, entry.password_due) == (State.REFUSED, "quality", True)
    assert openldap.entry("maria05")["sn"] == ["Pappa"], "the rest is written"
    assert openldap.accepts("maria05", PASSWORD)
    openldap.policy(pwdCheckQuality="0")
    assert sync.write_due() == 0, "not before its time"
    change(account, NEWER)
    sync.write_due()
    assert entry_of(account).state == State.EQUAL
    assert openldap.accepts("maria05", NEWER)


def test_away_it_is_tried_again(openldap: OpenLDAP) -> None:
    account = maria()
    change(account, OTHER)
    openldap.stop()
    assert sync.write_due() == 0
    entry = entry_of(account)
    assert (entry.state, entry.error, entry.lease) == (State.WAITING, "away", None)
    # Meanwhile nobody else asks.
    other = activated()
    assert sync.write_due() == 0
    assert entry_of(other).tries == 0
    openldap.start()
    due_now()
    sync.write_due()
    sync.write_due()
    assert (entry_of(account).state, entry_of(other).state) == (State.EQUAL, State.EQUAL)
    assert openldap.accepts("maria05", OTHER)


@pytest.mark.django_db(transaction=True)
def test_workers_do_not_get_in_each_others_way(openldap: OpenLDAP, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "BATCH", 5)
    monkeypatch.setattr(sync, "wake", lambda: None)
    accounts = [activated() for _each in range(40)]

    def work() -> int:
        try:
            return sync.write_due(seconds=10)
        finally:
            hang_up()

    done = race(work, work, work)
    assert sum(each for each in done if isinstance(each, int)) == 40, done
    assert openldap.usernames() == {account.username for account in accounts}
    assert set(DirectoryEntry.objects.values_list("state", "tries")) == {(State.EQUAL, 0)}
