"""Every account is compared with the directory, and what differs is repaired."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.demo.models import EmbeddedEntry
from accounts.directory import sync
from accounts.models import Account, DirectoryEntry
from tests.accounts.directory.entries import activated, entry_of, held, put, strangers

pytestmark = pytest.mark.django_db


@pytest.fixture
def drifted() -> dict[str, Account]:
    """Accounts whose entries are equal, missing, changed, a stranger's, and an entry of nobody."""
    accounts = {name: activated(username=f"{name}05") for name in ("equal", "missing", "changed", "stranger")}
    operator = Account.objects.create_user("operator")
    sync.write_due()
    EmbeddedEntry.objects.filter(username__in=["missing05", "stranger05"]).delete()
    put("changed05", cn=["Somebody"], mail=[], memberOf=["cn=vpn"])
    strangers("stranger05", creator="cn=admin")
    strangers("nobody", creator="cn=admin")
    assert operator.person is None
    return accounts


def reconcile(*options: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    try:
        call_command("reconcile_directory", "--json", *options, stdout=out)
    except CommandError as error:
        return error.returncode, json.loads(out.getvalue() or "{}")
    return 0, json.loads(out.getvalue())


def test_a_dry_run_tells_and_changes_nothing(drifted: dict[str, Account]) -> None:
    code, report = reconcile("--dry-run")
    assert code == 1
    assert {name: report[name] for name in ("missing", "different", "foreign", "equal")} == {
        "missing": 2, "different": 1, "foreign": 2, "equal": 1,
    }  # fmt: skip
    assert report["attributes"] == {"cn": 1, "mail": 1}
    findings = {(each["username"], each["is"]): each["attributes"] for each in report["findings"]}
    assert findings == {
        ("missing05", "missing"): [],
        ("stranger05", "missing"): [],
        ("changed05", "different"): ["cn", "mail"],
        ("stranger05", "foreign"): [],
        ("nobody", "foreign"): [],
    }
    assert held("missing05") == {}
    assert held("changed05")["cn"] == ["Somebody"]


def test_it_repairs_what_it_can_and_shows_the_rest(drifted: dict[str, Account]) -> None:
    code, report = reconcile()
    assert (code, report["unrepaired"]) == (1, 1)
    assert held("missing05")["cn"] == held("changed05")["cn"] == ["Maria Papadopoulou"]
    assert held("changed05")["memberOf"] == ["cn=vpn"]
    assert held("stranger05")["cn"] == held("nobody")["cn"] == ["Stranger"]
    assert entry_of(drifted["stranger"]).state == DirectoryEntry.State.CONFLICT
    EmbeddedEntry.objects.filter(username="stranger05").delete()
    code, report = reconcile()
    assert (code, report["missing"], report["equal"], report["foreign"]) == (0, 1, 3, 1)
    assert reconcile("--dry-run")[0] == 0


def test_what_bypassed_every_function_is_found(drifted: dict[str, Account]) -> None:
    reconcile()
    Account.objects.filter(username="equal05").update(username="other05", is_active=False)
    code, report = reconcile("--dry-run")
    assert code == 1
    (finding,) = [each for each in report["findings"] if each["is"] == "different"]
    assert finding["username"] == "other05"
    assert {"uid", "userPassword", "eduPersonPrincipalName"} <= set(finding["attributes"])
    reconcile()
    assert "userPassword" not in held("other05")
    assert held("equal05") == {}


def test_accounts_from_before_there_was_a_directory() -> None:
    activated(username="maria05")
    DirectoryEntry.objects.all().delete()
    assert reconcile()[1]["missing"] == 1
    assert held("maria05")["cn"] == ["Maria Papadopoulou"]


def test_few_statements_whatever_the_page(django_assert_num_queries: Any) -> None:
    from accounts.directory.reconcile import compare

    for count in (1, 3):
        for _each in range(count):
            activated()
        sync.write_due()
        with django_assert_num_queries(6):
            compare()


def test_without_a_directory(settings: Any) -> None:
    settings.DIRECTORY = ""
    assert reconcile() == (2, {})
