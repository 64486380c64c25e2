"""A product whose settings are wrong or missing does not start, and says so in one line that shows no secret."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.services.product import environment as product_environment
from tests.services.product import manage

SECRET = "s3cret-that-must-not-be-shown"
PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": "throw-away-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
    "DATA_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "HOSTS": "account.example.org",
    "SCOPE": "example.org",
    "DATABASE_URL": "postgres://uregister@127.0.0.1/uregister",
    "REDIS_URL": "redis://127.0.0.1/0",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "EMAIL_FROM": "noreply@example.org",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "staging"),
        ("DEBUG", "perhaps"),
        ("STATE_DIR", "/proc/nowhere"),
        ("DATA_KEYS", SECRET),
        ("SECRET_KEY_FILE", "/nowhere/secret-key"),
        ("HOSTS", "https://account.example.org"),
        ("TRUSTED_PROXIES", "-1"),
        ("SCOPE", "example"),
        ("HELPDESK_EMAIL", "helpdesk"),
        ("PERSONNEL_EMAIL", "personnel"),
        ("DATABASE_URL", f"postgres://uregister:{SECRET}@host:port/uregister"),
        ("DATABASE_URL", f"mysql://uregister:{SECRET}@host/uregister"),
        ("REDIS_URL", f"http://:{SECRET}@127.0.0.1/0"),
        ("ARGON2_MEMORY_KIB", "4"),
        ("ARGON2_PARALLELISM", "4096"),
        ("PASSWORD_MIN_LENGTH", "6"),
        ("LIMITS", '{"lookup:address": "often"}'),
        ("LIMITS", '{"lookup:adress": "1 per hour"}'),
        ("EMAIL_URL", f"smtp://user:{SECRET}@mail.example.org:port"),
        ("EMAIL_URL", f"mail.example.org:{SECRET}"),
        ("EMAIL_FROM", "noreply"),
        ("SMS_GATEWAYS", "pigeon"),
        ("AMKA_SERVICE", "oracle"),
        ("SIS_COLUMNS", '{"mobilePhone": 1}'),
        ("DIRECTORY_AFFILIATIONS", '{"associate": "teacher"}'),
        ("DIRECTORY_AFFILIATIONS", '{"assistant": "faculty"}'),
    ],
)
def test_bad_value_stops_the_start(name: str, value: str, tmp_path: Path) -> None:
    # Cheap hashes are left out: some of the values above only clash with the defaults.
    chosen = {"ARGON2_MEMORY_KIB": "", "ARGON2_TIME_COST": ""} | {name: value}
    stopped = manage("check", env=product_environment(tmp_path, **chosen))
    assert stopped.returncode != 0
    assert stopped.stdout == ""
    lines = stopped.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"UREGISTER_{name}: ")
    assert SECRET not in lines[0]


@pytest.mark.parametrize("name", settings.REQUIRED_IN_PRODUCTION)
def test_production_needs_its_settings(name: str, tmp_path: Path) -> None:
    stopped = manage("check", env=product_environment(tmp_path, **PRODUCTION | {name: ""}))
    assert (stopped.returncode, stopped.stderr) == (1, f"UREGISTER_{name}: must be set in production\n")


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    stopped = manage("check", env=product_environment(tmp_path, **PRODUCTION | {"HOSTS": "", "EMAIL_URL": ""}))
    assert stopped.returncode == 1
    assert stopped.stderr == "UREGISTER_HOSTS, UREGISTER_EMAIL_URL: must be set in production\n"


def test_production_has_a_name(tmp_path: Path) -> None:
    stopped = manage("check", env=product_environment(tmp_path, **PRODUCTION | {"HOSTS": "*"}))
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("UREGISTER_HOSTS: the first one has to be a name")
    named = PRODUCTION | {"HOSTS": "*", "PUBLIC_URL": "https://account.example.org"}
    assert manage("check", env=product_environment(tmp_path, **named)).returncode == 0


def test_production_refuses_error_pages_that_tell(tmp_path: Path) -> None:
    stopped = manage("check", env=product_environment(tmp_path, **PRODUCTION, DEBUG="true"))
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("UREGISTER_DEBUG: must be off in production")


def test_production_with_everything_set_leaves_no_secret_on_disk(tmp_path: Path) -> None:
    done = manage("check", env=product_environment(tmp_path, **PRODUCTION))
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_nothing_set_is_the_embedded_mode(tmp_path: Path) -> None:
    done = manage("check", env=product_environment(tmp_path, MODE=""))
    assert (done.returncode, done.stderr) == (0, "")
    assert {"secret-key", "data-keys"} <= {entry.name for entry in tmp_path.iterdir()}
