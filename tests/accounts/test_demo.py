"""The demo's users and pages: they work in the demo, and are nowhere else."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings

from accounts.demo import staff
from accounts.demo.models import CODE, DemoDevice
from accounts.management.commands.load_demo import table
from accounts.models import Account, InboxMessage
from registry.models import Affiliation
from tests.factories import AffiliationFactory
from tests.services.product import environment, manage

PAGES = [f"/demo/{page}" for page in ("", "people.json", "inbox/", "inbox.json", "directory/", "directory.json")]
PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": "a-secret-of-this-test-that-protects-nothing-0123456789-ABCDEFGHIJ",
    "DATA_KEYS": "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtMDA=",
    "HOSTS": "account.example.org",
    "SCOPE": "example.org",
    "DATABASE_URL": "sqlite:////nonexistent/uregister.sqlite3",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "EMAIL_FROM": "noreply@example.org",
}


# ---- Users ----------------------------------------------------------------------------------------------


def sign_in(user: staff.DemoUser, *, code: str = CODE) -> Client:
    client = Client()
    client.post("/mypassword/login/", {"username": user.username, "password": user.password})
    client.post("/mypassword/login/code/", {"code": code})
    return client


def is_inside(client: Client, desk: str = "/admin/") -> bool:
    return client.get(desk).status_code == 200


@pytest.mark.django_db
def test_users_sign_in_with_the_same_code_again_and_again() -> None:
    staff.create_users()
    for user in (*staff.USERS, *staff.USERS):
        assert is_inside(sign_in(user), user.desk)


@pytest.mark.django_db
def test_the_administration_leads_the_helpdesk_to_its_own_desk() -> None:
    staff.create_users()
    answer = sign_in(staff.HELPDESK).get("/admin/accounts/message/", follow=True)
    assert answer.redirect_chain[-1] == (staff.HELPDESK.desk, 302)
    assert answer.status_code == 200


@pytest.mark.django_db
def test_a_wrong_code_or_none_does_not_sign_in() -> None:
    staff.create_users()
    assert not is_inside(sign_in(staff.ADMINISTRATOR, code="000000"))
    assert not is_inside(sign_in(staff.ADMINISTRATOR, code=""))
    # Nobody is locked out by it.
    assert is_inside(sign_in(staff.ADMINISTRATOR))


@pytest.mark.django_db
def test_the_password_alone_asks_for_the_code() -> None:
    staff.create_users()
    user = staff.SECRETARIAT
    client = Client()
    answer = client.post("/mypassword/login/", {"username": user.username, "password": user.password})
    assert answer["Location"].startswith("/mypassword/login/code/")
    assert not is_inside(client)


@pytest.mark.django_db
def test_each_desk_has_its_rights() -> None:
    staff.create_users()
    rights = {account.username: (account.is_staff, account.is_superuser) for account in Account.objects.all()}
    assert rights == {"secretariat": (True, False), "helpdesk": (False, False), "administrator": (True, True)}
    members = {group.name: [account.username for account in group.user_set.all()] for group in Group.objects.all()}
    assert {name: names for name, names in members.items() if names} == {
        "secretariat": ["secretariat"],
        "helpdesk": ["helpdesk"],
    }


@pytest.mark.django_db
def test_users_that_are_there_stay_as_they_are() -> None:
    staff.create_users()
    account = Account.objects.get(username="helpdesk")
    account.set_password("another password")
    account.save()
    staff.create_users()
    account.refresh_from_db()
    assert account.check_password("another password")
    assert Account.objects.count() == DemoDevice.objects.count() == 3


@pytest.mark.django_db
@override_settings(PRODUCTION=True)
def test_no_users_in_production() -> None:
    with pytest.raises(staff.NotInProduction):
        staff.create_users()
    assert not Account.objects.exists()


# ---- Pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def messages(db: None) -> None:
    InboxMessage.objects.create(channel="sms", to="+306900000001", text="PIN: 123456\n@host #123456")
    InboxMessage.objects.create(
        channel="email", to="maria@example.org", subject="Ο κωδικός", text="<b>654321</b>", html="<p>654321</p>"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_pages_are_public_never_cached_and_only_for_reading(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert client.post(address).status_code == 405


@pytest.mark.django_db
@override_settings(DEMO=False)
@pytest.mark.parametrize("address", PAGES)
@pytest.mark.usefixtures("messages")
def test_pages_give_nothing_away_outside_the_demo(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "123456" not in response.content.decode()
    assert staff.ADMINISTRATOR.password not in response.content.decode()


def test_addresses_do_not_exist_outside_the_demo(tmp_path: Path) -> None:
    ask = "from django.urls import resolve; resolve('/demo/inbox.json')"
    done = manage("shell", "--no-imports", "-c", ask, env=environment(tmp_path, MODE="development"))
    assert done.returncode != 0
    assert "Resolver404" in done.stderr


def test_production_has_no_second_factor_that_everybody_knows(tmp_path: Path) -> None:
    ask = "from django.apps import apps; print('installed:', apps.is_installed('accounts.demo'))"
    done = manage("shell", "--no-imports", "-c", ask, env=environment(tmp_path, **PRODUCTION))
    assert "installed: False" in done.stdout, done.stderr


@pytest.mark.usefixtures("messages")
def test_the_inbox_lists_the_newest_first(client: Client) -> None:
    mail, sms = client.get("/demo/inbox.json").json()
    assert set(sms) == {"channel", "to", "subject", "text", "sent_at"}
    assert (sms["channel"], sms["to"], sms["subject"]) == ("sms", "+306900000001", "")
    assert sms["text"] == "PIN: 123456\n@host #123456"
    assert (mail["channel"], mail["to"], mail["subject"]) == ("email", "maria@example.org", "Ο κωδικός")
    assert mail["sent_at"] >= sms["sent_at"]


@pytest.mark.usefixtures("messages")
def test_the_inbox_shows_the_pin_and_escapes_the_text(client: Client) -> None:
    page = client.get("/demo/inbox/").content.decode()
    assert "<code>123456</code>" in page
    assert "<code>654321</code>" in page
    assert "&lt;b&gt;654321&lt;/b&gt;" in page
    assert "<b>654321</b>" not in page


@pytest.mark.usefixtures("messages")
def test_texts_of_the_inbox_are_encrypted_columns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, html FROM accounts_inboxmessage")
        stored = str(cursor.fetchall())
    assert "123456" not in stored
    assert "654321" not in stored


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_costs_as_many_queries_for_many_messages(
    client: Client, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        InboxMessage.objects.create(channel="sms", to="+306900000001", text=str(number))
    with django_assert_num_queries(2):
        client.get("/demo/inbox/")


def test_people_and_users_as_json(client: Client) -> None:
    told = client.get("/demo/people.json").json()
    assert [person["mobile"] for person in told["people"]][:5] == [f"+30690000000{number}" for number in range(1, 6)]
    people = {person["email"]: person for person in told["people"]}
    assert people["nikos@example.org"]["birth_date"] == "2006-05-14"
    assert people["nikos@example.org"]["amka"].startswith("140506")
    assert people["ioanna@example.org"]["roles"] == ["student", "associate"]
    assert people["maria@example.org"]["amka"] == ""
    assert [user["role"] for user in told["users"]] == ["secretariat", "helpdesk", "administrator"]
    assert all(set(user) == {"role", "username", "password", "second_factor"} for user in told["users"])


def test_the_guide_names_people_and_users(client: Client) -> None:
    page = client.get("/demo/").content.decode()
    for word in ("Μαρία Παπαδοπούλου", "+306900000001", "nikos@example.org", "white-island-window", CODE):
        assert word in page


# ---- load_demo ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_load_demo_prints_people_users_and_addresses(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo", port="8123")
    first = capsys.readouterr().out
    for word in (
        "+306900000010",
        "ioanna@example.org",
        "green-olive-terrace",
        CODE,
        "http://127.0.0.1:8123/demo/inbox/",
    ):
        assert word in first
    call_command("load_demo", port="8123")
    assert capsys.readouterr().out == first


@pytest.mark.django_db
def test_load_demo_does_not_push_other_records_out() -> None:
    others = AffiliationFactory.create_batch(3)
    with pytest.raises(CommandError, match=r"^the demo cohort was not loaded: .+"):
        call_command("load_demo")
    assert list(Affiliation.objects.order_by("pk")) == others
    assert not Account.objects.exists()


def test_load_demo_refuses_in_production_with_one_line(tmp_path: Path) -> None:
    done = manage("load_demo", env=environment(tmp_path, **PRODUCTION))
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "production" in done.stderr
    assert staff.ADMINISTRATOR.password not in done.stdout + done.stderr


def test_columns_of_a_table_are_aligned() -> None:
    assert list(table([("ab", "c"), ("d", "ef")])) == ["ab  c", "d   ef"]
