"""A good value is read, a bad one stops the start with one line that shows no secret."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uregister import environment as env

SECRET = "s3cret-that-must-not-be-shown"

Set = Callable[[str], None]


@pytest.fixture
def given_value(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets `UREGISTER_EXAMPLE`."""
    return lambda value: monkeypatch.setenv("UREGISTER_EXAMPLE", value)


def refused(read: Callable[[], object]) -> str:
    """The line with which the start stops."""
    with pytest.raises(SystemExit) as stop:
        read()
    line = str(stop.value.code)
    assert line.startswith("UREGISTER_EXAMPLE")
    assert "\n" not in line
    return line


# ---- Text and files ---------------------------------------------------------------------------------------------


def test_text_is_stripped(given_value: Set) -> None:
    given_value("  hello \n")
    assert env.text("EXAMPLE") == "hello"


@pytest.mark.parametrize("value", ["", "   "])
def test_empty_is_not_set(given_value: Set, value: str) -> None:
    given_value(value)
    assert env.text("EXAMPLE", "default") == "default"


def test_text_from_a_file_comes_first(given_value: Set, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "example").write_text("από αρχείο\n", encoding="utf-8")
    given_value("from the environment")
    monkeypatch.setenv("UREGISTER_EXAMPLE_FILE", str(tmp_path / "example"))
    assert env.text("EXAMPLE") == "από αρχείο"


def test_an_empty_file_is_not_set(given_value: Set, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "example").write_text("\n", encoding="utf-8")
    monkeypatch.setenv("UREGISTER_EXAMPLE_FILE", str(tmp_path / "example"))
    assert env.text("EXAMPLE", "default") == "default"
    given_value("from the environment")
    assert env.text("EXAMPLE", "default") == "from the environment"


def test_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UREGISTER_EXAMPLE_FILE", str(tmp_path / "absent"))
    assert "absent" in refused(lambda: env.text("EXAMPLE"))


def test_file_that_is_no_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "example").write_bytes(SECRET.encode() + b"\xff")
    monkeypatch.setenv("UREGISTER_EXAMPLE_FILE", str(tmp_path / "example"))
    assert SECRET not in refused(lambda: env.text("EXAMPLE"))


# ---- Single values ----------------------------------------------------------------------------------------------


def test_choice(given_value: Set) -> None:
    given_value("b")
    assert env.choice("EXAMPLE", "a", ("a", "b")) == "b"
    given_value("B")
    assert "a, b" in refused(lambda: env.choice("EXAMPLE", "a", ("a", "b")))


def test_number(given_value: Set) -> None:
    given_value("12")
    assert env.number("EXAMPLE", 1) == 12
    for bad in ("twelve", "1.5", "-1", "0x10"):
        given_value(bad)
        refused(lambda: env.number("EXAMPLE", 1))


def test_number_below_its_least(given_value: Set) -> None:
    given_value("7")
    assert "at least 8" in refused(lambda: env.number("EXAMPLE", 10, least=8))


@pytest.mark.parametrize(("value", "meant"), [("1", True), ("True", True), ("on", True), ("no", False), ("0", False)])
def test_flag(given_value: Set, value: str, meant: bool) -> None:
    given_value(value)
    assert env.flag("EXAMPLE", default=not meant) is meant


def test_flag_of_another_word(given_value: Set) -> None:
    given_value("perhaps")
    refused(lambda: env.flag("EXAMPLE", default=False))


def test_domain(given_value: Set) -> None:
    given_value("IHU.gr")
    assert env.domain("EXAMPLE", "") == "ihu.gr"
    for bad in ("ihu", "https://ihu.gr", "ihu.gr:x", "ihu..gr", "@ihu.gr"):
        given_value(bad)
        refused(lambda: env.domain("EXAMPLE", ""))


def test_mailbox(given_value: Set) -> None:
    for good in ("noreply@example.org", "Πανεπιστήμιο <noreply@example.org>"):
        given_value(good)
        assert env.mailbox("EXAMPLE", "") == good
    for bad in ("noreply", "@example.org", "noreply@", "a@example.org\nBcc: b@example.org"):
        given_value(bad)
        refused(lambda: env.mailbox("EXAMPLE", ""))


# ---- Lists and objects ------------------------------------------------------------------------------------------


def test_names(given_value: Set) -> None:
    given_value(" a, b ,,c,")
    assert env.names("EXAMPLE") == ["a", "b", "c"]


def test_choices_keep_their_order(given_value: Set) -> None:
    given_value("b,a")
    assert env.choices("EXAMPLE", (), ("a", "b", "c")) == ["b", "a"]
    given_value("b,x")
    assert "'x'" in refused(lambda: env.choices("EXAMPLE", (), ("a", "b", "c")))


@pytest.mark.parametrize("host", ["account.example.org", ".example.org", "localhost", "127.0.0.1", "[::1]", "*"])
def test_hosts(given_value: Set, host: str) -> None:
    given_value(host)
    assert env.hosts("EXAMPLE", ()) == [host]


@pytest.mark.parametrize("host", ["https://example.org", "example.org/", "example.org:8000", "a b", "-.", ".."])
def test_hosts_are_no_addresses(given_value: Set, host: str) -> None:
    given_value(host)
    refused(lambda: env.hosts("EXAMPLE", ()))


def test_mapping_overrides_by_key(given_value: Set) -> None:
    given_value('{"b": "3"}')
    assert env.mapping("EXAMPLE", {"a": "1", "b": "2"}) == {"a": "1", "b": "3"}


@pytest.mark.parametrize("value", ["{", "[]", "1", '{"a": 1}', '{"a": null}'])
def test_mapping_that_is_none(given_value: Set, value: str) -> None:
    given_value(value)
    refused(lambda: env.mapping("EXAMPLE", {}))


def test_limits(given_value: Set) -> None:
    given_value('{"a": "5/minute"}')
    assert env.limits("EXAMPLE", {"a": "1 per hour", "b": "2 per day"}) == {"a": "5/minute", "b": "2 per day"}


@pytest.mark.parametrize("value", ['{"a": "often"}', '{"a": ""}', '{"a": "5 per fortnight"}', '{"c": "1 per hour"}'])
def test_limits_that_cannot_be_kept(given_value: Set, value: str) -> None:
    given_value(value)
    refused(lambda: env.limits("EXAMPLE", {"a": "1 per hour"}))


# ---- Addresses --------------------------------------------------------------------------------------------------


def test_database(given_value: Set) -> None:
    given_value("postgres://user:p%40ss@db.example.org:5433/accounts")
    config = env.database("EXAMPLE", "sqlite:////tmp/x")
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["USER"], config["PASSWORD"], config["HOST"], config["PORT"], config["NAME"]) == (
        *("user", "p@ss", "db.example.org"),
        *(5433, "accounts"),
    )


def test_database_in_a_file(given_value: Set) -> None:
    given_value("sqlite:////srv/uregister.sqlite3")
    assert env.database("EXAMPLE", "sqlite:////tmp/x")["NAME"] == "/srv/uregister.sqlite3"


@pytest.mark.parametrize(
    "value",
    [
        f"postgres://user:{SECRET}@host:port/name",
        f"postgres://user:{SECRET}@host",
        f"postgres://user:{SECRET}@[host/name",
        f"mysql://user:{SECRET}@host/name",
        f"nonsense://user:{SECRET}@host/name",
        f"sqlite://{SECRET}/name",
        SECRET,
    ],
)
def test_database_that_is_none(given_value: Set, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    given_value(value)
    line = refused(lambda: env.database("EXAMPLE", "sqlite:////tmp/x"))
    assert SECRET not in line + capsys.readouterr().err


def test_email(given_value: Set) -> None:
    given_value("smtp+tls://user:p%40ss@mail.example.org")
    config = env.email("EXAMPLE")
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"], config["EMAIL_USE_TLS"], config["EMAIL_USE_SSL"]) == (
        *("mail.example.org", 587),
        *(True, False),
    )
    assert (config["EMAIL_HOST_USER"], config["EMAIL_HOST_PASSWORD"]) == ("user", "p@ss")


def test_email_without_user_and_tls(given_value: Set) -> None:
    given_value("smtp://127.0.0.1:2525")
    config = env.email("EXAMPLE")
    assert (config["EMAIL_PORT"], config["EMAIL_HOST_USER"], config["EMAIL_USE_TLS"]) == (2525, "", False)


def test_email_not_set() -> None:
    assert env.email("EXAMPLE") == {}


@pytest.mark.parametrize(
    "value",
    [
        f"smtp://user:{SECRET}@host:port",
        f"smtp://user:{SECRET}@",
        f"imap://user:{SECRET}@host",
        f"console://{SECRET}",
        f"smtp://user:{SECRET}@host/path",
        f"smtp://user:{SECRET}@host?timeout=never",
        f"smtp://[{SECRET}",
        SECRET,
    ],
)
def test_email_that_is_none(given_value: Set, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    given_value(value)
    line = refused(lambda: env.email("EXAMPLE"))
    assert SECRET not in line + capsys.readouterr().err


@pytest.mark.parametrize(
    "value",
    ["https://example.org/x", "http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:80", "http://127.9.9.9"],
)
def test_address(given_value: Set, value: str) -> None:
    given_value(value)
    assert env.address("EXAMPLE", schemes=("https",), plain=("http",)) == value


@pytest.mark.parametrize(
    "value",
    [
        *("http://example.org", "http://127.0.0.1.example.org", "http://10.0.0.1", "http://localhost.example.org"),
        *("ftp://127.0.0.1", "https://", "https://[x", "https://h:port", "http://localhost@example.org", "example.org"),
        f"http://user:{SECRET}@example.org",
    ],
)
def test_address_that_is_not_safe(given_value: Set, value: str) -> None:
    given_value(value)
    assert SECRET not in refused(lambda: env.address("EXAMPLE", schemes=("https",), plain=("http",)))


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_readers_return_or_refuse_whatever_is_given(value: str) -> None:
    readers = (
        lambda: env.number("EXAMPLE", 1),
        lambda: env.mapping("EXAMPLE", {}),
        lambda: env.hosts("EXAMPLE", ()),
        lambda: env.mailbox("EXAMPLE", "a@example.org"),
        lambda: env.database("EXAMPLE", "sqlite:////tmp/x"),
        lambda: env.email("EXAMPLE"),
        lambda: env.address("EXAMPLE", schemes=("https",), plain=("http",)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UREGISTER_EXAMPLE", value)
        for read in readers:
            with contextlib.suppress(SystemExit):
                read()


# ---- Secrets of the embedded modes ------------------------------------------------------------------------------


def test_generated_secret_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "secret"
    first = env.generated_secret("EXAMPLE", path, lambda: "made once")
    second = env.generated_secret("EXAMPLE", path, lambda: "made twice")
    assert first == second == "made once"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


def test_generated_secret_when_another_process_was_faster(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    def slow() -> str:
        path.write_text("the other's", encoding="ascii")
        return "ours"

    assert env.generated_secret("EXAMPLE", path, slow) == "the other's"


def test_given_secret_leaves_no_file(given_value: Set, tmp_path: Path) -> None:
    given_value(SECRET)
    assert env.generated_secret("EXAMPLE", tmp_path / "secret", lambda: "other") == SECRET
    assert list(tmp_path.iterdir()) == []
