"""The settings of the database views and of when they are read."""

import pytest

from uregister import environment as env

SECRET = "s3cret-that-must-not-be-shown"


def view(monkeypatch: pytest.MonkeyPatch, **settings: str) -> dict[str, str]:
    for name, value in settings.items():
        monkeypatch.setenv(f"UREGISTER_SIS_{name}", value)
    return env.view("SIS", "v_vd_sis")


def refused(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    with pytest.raises(SystemExit) as stop:
        view(monkeypatch, **settings)
    line = str(stop.value.code)
    assert SECRET not in line
    assert "\n" not in line
    return line


def test_no_address_no_view(monkeypatch: pytest.MonkeyPatch) -> None:
    assert view(monkeypatch, VIEW="x.y", TLS="off") == {}


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("postgres://user:p%40ss@db.example.org:5433/sis", "verify"),
        ("postgresql://user@127.0.0.1/sis", "off"),
        ("mysql://user:x@localhost/sis", "off"),
        ("mariadb://user:x@10.0.0.1/sis", "verify"),
        ("oracle://user:x@db.example.org:1522/SISPDB", "verify"),
        ("postgres://user:x@[::1]/sis", "off"),
    ],
)
def test_what_leaves_the_machine_is_encrypted(monkeypatch: pytest.MonkeyPatch, url: str, tls: str) -> None:
    assert view(monkeypatch, URL=url) == {"URL": url, "NAME": "v_vd_sis", "TLS": tls, "CA": ""}


def test_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert view(monkeypatch, URL="sqlite:////srv/sis.sqlite3", VIEW="gu.V_VD_SIS")["NAME"] == "gu.V_VD_SIS"


@pytest.mark.parametrize(
    "url",
    [
        f"mssql://user:{SECRET}@host/name",
        f"postgres://user:{SECRET}@host",
        f"postgres://user:{SECRET}@host/",
        f"postgres://user:{SECRET}@host:port/name",
        f"postgres://user:{SECRET}@host/name?sslmode=disable",
        f"mysql://user:{SECRET}#1@host/name",
        f"mysql://:{SECRET}@host/name",
        f"postgres://{SECRET}/name",
        f"sqlite://{SECRET}/name",
        f"oracle://user:{SECRET}@[host/name",
        SECRET,
    ],
)
def test_addresses_that_are_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert refused(monkeypatch, URL=url).startswith("UREGISTER_SIS_URL: expected an address such as")


@pytest.mark.parametrize(
    ("name", "value"),
    [("VIEW", "v; DROP TABLE x"), ("VIEW", "a.b.c"), ("VIEW", "1x"), ("TLS", "maybe"), ("CA", "/nowhere/ca.pem")],
)
def test_other_bad_values(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    line = refused(monkeypatch, URL=f"postgres://user:{SECRET}@db.example.org/sis", **{name: value})
    assert line.startswith(f"UREGISTER_SIS_{name}: ")


def test_times(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.times("EXAMPLE", "*:00") == [(None, 0)]
    monkeypatch.setenv("UREGISTER_EXAMPLE", "6:30, 13:05 *:45")
    assert env.times("EXAMPLE", "*:00") == [(6, 30), (13, 5), (None, 45)]


@pytest.mark.parametrize("value", ["24:00", "6", "6:5", "06:60", "hourly", "*", "6:00;7:00", "٦:00"])
def test_times_that_are_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("UREGISTER_EXAMPLE", value)
    with pytest.raises(SystemExit, match="UREGISTER_EXAMPLE: expected times"):
        env.times("EXAMPLE", "*:00")
