"""Who gives which role to whom, what follows from it at once, and that nobody gives anything to themselves."""

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import translation

from accounts import rights, roles
from accounts.demo.models import DemoDevice
from accounts.models import Account, AuditEvent, DirectoryEntry
from registry.models import Department
from registry.names import search_key
from tests.activation.office.staff import LIST as RECORDS
from tests.activation.office.staff import PASSWORD, content, enter, member
from tests.factories import AffiliationFactory, DepartmentFactory
from tests.races import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
LIST = "/admin/accounts/account/"
REASON = "Has left the university"


def root(name: str = "root") -> Client:
    return member("", name=name, is_superuser=True)


def manager() -> Client:
    """Somebody with nothing but the right to manage rights."""
    group = Group.objects.create(name="giving roles")
    group.permissions.set(Permission.objects.filter(codename="manage_rights"))
    return member(group.name, name="manager")


def account_of(name: str, **fields: Any) -> Account:
    """A person's account, as activation leaves it."""
    record = AffiliationFactory.create(username=name, **fields)
    record.search_name = search_key(record.last_name_el, record.first_name_el)
    record.save(update_fields=["search_name"])
    account = Account.objects.create_user(name, PASSWORD, person=record.person, affiliation=record)
    DirectoryEntry.objects.create(account=account, state=DirectoryEntry.State.EQUAL, password_due=False)
    return account


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def give(client: Client, account: Account, *names: str, departments: tuple[Department, ...] = ()) -> Any:
    form = {"groups": [group(name).pk for name in names], "departments": [one.pk for one in departments]}
    return client.post(page_of(account), form, follow=True)


def make(client: Client, account: Account, active: str, reason: str = REASON) -> str:
    return content(client.post(f"{LIST}{account.pk}/active/", {"active": active, "reason": reason}, follow=True))


def page_of(account: Account) -> str:
    return f"{LIST}{account.pk}/change/"


def listed(client: Client, query: str = "") -> list[str]:
    return [account.username for account in client.get(LIST + query).context["cl"].result_list]


def who(name: str) -> Account:
    return Account.objects.get(username=name)


# ---- Found ----------------------------------------------------------------------------------------------


def test_the_list_holds_staff_and_finds_anybody_by_the_whole_username() -> None:
    client = root()
    member(roles.SECRETARIAT, name="clerk")
    member(roles.HELPDESK, name="helper", is_staff=False)
    account_of("anna", last_name_el="Αναγνώστου", first_name_el="Άννα")
    assert listed(client) == ["clerk", "helper", "root"]
    assert listed(client, "?q=cler") == ["clerk"]
    assert listed(client, "?q=ann") == listed(client, "?q=anagnostou") == []
    assert listed(client, "?q=Anna") == ["anna"]
    who("anna").groups.add(group(roles.AUDITOR))
    assert listed(client, "?q=ΑΝΑΓΝΩΣΤΟΥ") == listed(client, "?q=anna anagnostu") == ["anna"]
    assert listed(client, f"?role={group(roles.AUDITOR).pk}") == ["anna"]
    assert listed(client, "?role=superuser") == ["root"]
    Account.objects.filter(username="clerk").update(is_active=False)
    assert listed(client, "?is_active__exact=0") == ["clerk"]


@pytest.mark.parametrize(
    "query",
    [
        "?password__startswith=argon2", "?password__regex=a", "?recovery_mobile__startswith=%2B30",
        "?person__affiliations__insurance_digest__startswith=a", "?groups__permissions__codename=help_accounts",
        "?_to_field=password", "?directory_password__startswith=a",
    ],
)  # fmt: skip
def test_no_question_but_the_lists_own_is_answered(query: str) -> None:
    """Else the list would tell a hash letter by letter, by who is on it."""
    client = root()
    assert client.get(LIST + query).status_code == 400
    assert client.get(f"{LIST}?role=nonsense&o=1.2.3").status_code == 200


def test_more_accounts_need_no_more_queries(django_assert_max_num_queries: Any) -> None:
    client, counts = root(), []
    for round_ in range(2):
        for number in range(3):
            account = account_of(f"clerk{round_}{number}")
            account.groups.set(Group.objects.all())
            account.departments.set([DepartmentFactory.create(code=f"{round_}{number}")])
        with django_assert_max_num_queries(30) as captured:
            client.get(LIST)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# ---- Given and taken ------------------------------------------------------------------------------------


def test_a_role_counts_at_once_and_is_kept_from_what_to_what() -> None:
    department = DepartmentFactory.create(code="100")
    anna = account_of("anna", department=department)
    DemoDevice.objects.create(user=anna, name="demo")
    visitor, client = enter(anna), manager()
    assert visitor.get(RECORDS).status_code != 200
    answer = give(client, anna, roles.SECRETARIAT, departments=(department,))
    assert "without departments" not in content(answer)
    assert visitor.get(RECORDS).status_code == 200
    give(client, anna, roles.HELPDESK)
    assert visitor.get(RECORDS, follow=True).redirect_chain[-1][0] == "/mypassword/helpdesk/"
    assert not who("anna").is_staff
    taken, given = AuditEvent.objects.filter(act="rights.changed", account=anna)
    assert (given.actor, given.person, given.address) == (who("manager"), anna.person, "127.0.0.1")
    assert given.details == {
        "roles": {"from": [], "to": ["secretariat"]},
        "departments": {"from": [], "to": ["100"]},
        "administration": {"from": False, "to": True},
    }
    assert taken.details["roles"] == {"from": ["secretariat"], "to": ["helpdesk"]}
    history = content(client.get(f"{LIST}{anna.pk}/history/"))
    assert [word for word in ("Secretariat", "Helpdesk", "Informatics", "manager") if word not in history] == []


def test_the_same_again_is_no_change() -> None:
    client, anna = manager(), account_of("anna")
    for _click in range(2):
        assert "sees no records" in content(give(client, anna, roles.SECRETARIAT))
    assert AuditEvent.objects.filter(act="rights.changed").count() == 1


@pytest.mark.parametrize(("language", "word"), [("en", "Personnel office"), ("el", "Γραφείο Προσωπικού")])
def test_roles_have_titles_in_both_languages(language: str, word: str) -> None:
    with translation.override(language):
        assert str(roles.title_of(roles.PERSONNEL)) == word
    client = manager()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    assert word in content(client.get(page_of(account_of("anna"))))


# ---- Active or not --------------------------------------------------------------------------------------


def test_an_inactive_account_opens_nothing_and_the_directory_follows() -> None:
    anna = account_of("anna")
    visitor, client = enter(anna), manager()
    assert visitor.get("/mypassword/").status_code == 200
    assert "Write why" in make(client, anna, "0", reason=" ")
    assert "sessions have ended" in make(client, anna, "0")
    assert visitor.get("/mypassword/").status_code == 302
    assert enter(anna).get("/mypassword/").status_code == 302
    entry = DirectoryEntry.objects.get(account=anna)
    assert (entry.wanted, entry.password_due) == (2, True)
    assert "It is so already" in make(client, anna, "0")
    assert "active again" in make(client, anna, "1")
    assert enter(anna).get("/mypassword/").status_code == 200
    events = AuditEvent.objects.filter(account=anna, actor=who("manager")).order_by("pk")
    assert [(event.act, event.reason) for event in events] == [
        ("account.deactivated", REASON),
        ("account.activated", REASON),
    ]


# ---- Guards ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["root", "manager"])
def test_nobody_changes_their_own_rights(name: str) -> None:
    client = {"root": root, "manager": manager}[name]()
    own = who(name)
    page = content(client.get(page_of(own)))
    assert "Nobody changes their own rights" in page
    assert 'name="groups"' not in page
    assert give(client, own, roles.AUDITOR).status_code == 403
    assert "Nobody changes their own rights" in make(client, own, "0")
    assert roles.AUDITOR not in own.groups.values_list("name", flat=True)
    assert who(name).is_active


def test_whoever_is_no_superuser_makes_nobody_mightier_than_themselves() -> None:
    """Neither by a role that leads to others nor by touching who has one."""
    client = manager()
    member("", name="root", is_superuser=True)
    member("giving roles", name="colleague")
    editors = Group.objects.create(name="editors of groups")
    editors.permissions.set(Permission.objects.filter(codename="change_group"))
    for name in ("root", "colleague"):
        assert give(client, who(name), roles.AUDITOR).status_code == 403
        assert "Only a superuser" in make(client, who(name), "0")
        assert who(name).is_active
    anna = account_of("anna")
    anna.groups.add(editors)
    page = content(client.get(page_of(anna)))
    assert "only a superuser can take away: editors of groups" in page
    give(client, anna, "giving roles")
    assert set(anna.groups.values_list("name", flat=True)) == {"editors of groups"}
    give(client, anna, roles.AUDITOR)
    assert set(anna.groups.values_list("name", flat=True)) == {"auditor", "editors of groups"}
    # A superuser may.
    give(root("other"), anna, "giving roles")
    assert set(anna.groups.values_list("name", flat=True)) == {"giving roles"}


@pytest.mark.django_db(transaction=True)
def test_of_two_superusers_who_deactivate_each_other_one_stays() -> None:
    one, other = (Account.objects.create_superuser(name, PASSWORD) for name in ("one", "other"))
    Account.objects.create_superuser("inactive", PASSWORD, is_active=False)

    def end(manager: Account, account: Account) -> object:
        return rights.set_active(account, active=False, manager=manager, reason=REASON)

    results = race(partial(end, one, other), partial(end, other, one))
    assert sorted(type(result).__name__ for result in results) == ["Refused", "bool"]
    assert Account.objects.filter(is_superuser=True, is_active=True).count() == 1


@pytest.mark.parametrize("role", [*roles.RIGHTS, ""])
def test_whoever_has_not_the_right_sees_and_changes_nothing(role: str) -> None:
    client, anna = member(role, name="somebody"), account_of("anna")
    for address in (LIST, page_of(anna), f"{LIST}{anna.pk}/history/", f"{LIST}{anna.pk}/active/"):
        assert client.get(address).status_code == 403
    assert give(client, anna, roles.AUDITOR).status_code == 403
    make(client, anna, "0")
    assert who("anna").is_active
    assert not anna.groups.exists()
    assert LIST not in content(client.get("/admin/"))


def test_nobody_adds_or_deletes_accounts_here() -> None:
    client, anna = root(), account_of("anna")
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{anna.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"password": "x", "is_superuser": "1", "username": "other", "recovery_mobile": "+306900000001"}
    client.post(page_of(anna), form)
    unchanged = who("anna")
    assert (unchanged.is_superuser, unchanged.recovery_mobile, unchanged.password) == (False, "", anna.password)
