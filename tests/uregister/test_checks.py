"""`check --deploy` and `doctor` tell an operator what is wrong, and are silent when nothing is."""

import socket
import ssl
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.factories import AffiliationFactory
from tests.services.certificates import authority, certificate
from tests.services.mail import MailServer, mail_server
from tests.services.openldap import openldap
from tests.services.postgresql import postgresql
from tests.services.processes import free_port
from tests.services.product import environment, manage
from tests.services.redis import redis
from tests.services.worker import worker
from uregister import checks
from uregister.reach import Reached, reach

Found = Callable[..., list[str]]
Encrypted = Callable[[int], tuple[str, str]]


@pytest.fixture
def found(settings: Any) -> Found:
    """The identifiers that a check tells of, with these settings of a production installation."""

    def run(check: Callable[[], list[Any]], **changes: Any) -> list[str]:
        settings.PRODUCTION = True
        for name, value in changes.items():
            setattr(settings, name, value)
        messages = check()
        assert all(message.hint for message in messages)
        return [message.id for message in messages]

    return run


def test_keys_that_somebody_typed(found: Found) -> None:
    typed, random = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", Fernet.generate_key().decode()
    assert found(checks.keys_are_random, DATA_KEYS=[random]) == []
    assert found(checks.keys_are_random, DATA_KEYS=[random, typed]) == ["uregister.E001"]


@pytest.mark.parametrize("key", [bytes(32), b"\xff" * 32, bytes(range(240, 256)) * 2])
def test_keys_that_repeat(key: bytes, found: Found) -> None:
    assert found(checks.keys_are_random, DATA_KEYS=[urlsafe_b64encode(key).decode()]) == ["uregister.E001"]


@pytest.mark.django_db
def test_keys_that_do_not_fit_the_database(found: Found, settings: Any) -> None:
    kept, other = settings.DATA_KEYS, Fernet.generate_key().decode()
    AffiliationFactory.create()
    assert found(checks.data_keys_read_the_database, DATA_KEYS=[other, *kept]) == []
    assert found(checks.data_keys_read_the_database, DATA_KEYS=[other]) == ["uregister.E004"]


@pytest.mark.parametrize(
    ("check", "wrong", "right", "code"),
    [
        (checks.proxies_are_counted, {"TRUSTED_PROXIES": 0}, {"TRUSTED_PROXIES": 1}, "W002"),
        (checks.people_have_somebody_to_ask, {"OPERATOR_EMAIL": ""}, {"OPERATOR_EMAIL": "noc@example.org"}, "W003"),
        (checks.messages_have_a_way, {"SMS_GATEWAYS": []}, {"SMS_GATEWAYS": ["http"]}, "W004"),
        (checks.accounts_reach_a_directory, {"DIRECTORY_URLS": []}, {"DIRECTORY_URLS": ["ldaps://x.example"]}, "W005"),
    ],
)
def test_what_the_settings_lack(
    found: Found, check: Callable[[], list[Any]], wrong: dict[str, Any], right: dict[str, Any], code: str
) -> None:
    helpdesk = {"HELPDESK_EMAIL": "help@example.org"}
    assert found(check, **helpdesk, **wrong) == [f"uregister.{code}"]
    assert found(check, **helpdesk, **right) == []


def test_the_embedded_modes_are_left_alone(settings: Any) -> None:
    settings.DATA_KEYS = ["MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
    assert checks.keys_are_random() == []


# ---- Servers ----------------------------------------------------------------------------------------------------


def served_by_us(directory: Path, days: int) -> tuple[ssl.SSLContext, str]:
    """What a TLS server with a certificate for so many days needs, and the file of its authority."""
    issuer = authority("Example CA")
    served = certificate(issuer, names=["localhost"], addresses=["127.0.0.1"], days=days)
    for name, content in (("ca", issuer.certificate_pem), ("crt", served.certificate_pem), ("key", served.key_pem)):
        (directory / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "crt", directory / "key")
    return context, str(directory / "ca")


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Encrypted]:
    """`encrypted(10)` starts a TLS server whose certificate lasts ten days; its address and its authority's file."""
    with ExitStack() as stack:

        def start(days: int) -> tuple[str, str]:
            context, ca = served_by_us(tmp_path, days)
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                with suppress(OSError):
                    while True:
                        line, _address = listener.accept()
                        with suppress(OSError), context.wrap_socket(line, server_side=True) as talk:
                            talk.recv(1)

            threading.Thread(target=serve, daemon=True).start()
            return f"https://127.0.0.1:{listener.getsockname()[1]}", ca

        yield start


def test_a_certificate_about_to_end(encrypted: Encrypted, found: Found) -> None:
    address, ca = encrypted(10)
    assert reach(address, ca=ca).days_left in (9, 10)
    others = {"REDIS_URL": address.replace("https", "http"), "EMAIL_HOST": "127.0.0.1", "EMAIL_USE_SSL": False}
    others |= {"EMAIL_PORT": int(address.rsplit(":", 1)[1]), "PUBLIC_URL": others["REDIS_URL"], "SMS_GATEWAYS": []}
    directory = {"DIRECTORY_URLS": [address.replace("https", "ldaps")], "DIRECTORY_CA": ca}
    assert found(checks.servers_are_reached, **others, **directory) == ["uregister.W012"]


def test_a_mail_server_that_begins_without_tls(tmp_path: Path, mail: MailServer, settings: Any) -> None:
    context, ca = served_by_us(tmp_path, 10)
    with mail_server(context) as secured:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL = "127.0.0.1", secured.port, False
        settings.EMAIL_USE_TLS, settings.SMS_GATEWAYS = True, []
        address = {name: address for name, address, _ca in checks.servers()}["UREGISTER_EMAIL_URL"]
        assert reach(address, ca=ca).days_left in (9, 10)
        assert "certificate is not accepted" in reach(address).problem
    assert reach(f"smtp+tls://127.0.0.1:{mail.port}") == Reached("the server does not speak STARTTLS")


def test_a_directory_that_begins_without_tls(found: Found, settings: Any) -> None:
    with openldap() as directory, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        here = f"http://127.0.0.1:{port}"
        others = {"REDIS_URL": here, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_USE_SSL": False}
        others |= {"PUBLIC_URL": here, "SMS_GATEWAYS": []}
        plain = directory.settings
        assert found(checks.servers_are_reached, **others, **plain) == []
        assert found(checks.servers_are_reached, **others, **plain | {"DIRECTORY_STARTTLS": True}) == ["uregister.W012"]


def test_a_mail_server_with_an_address_of_version_6(settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL, settings.SMS_GATEWAYS = "::1", 2525, False, []
    address = {name: address for name, address, _ca in checks.servers()}["UREGISTER_EMAIL_URL"]
    assert address == "smtp://[::1]:2525"
    assert reach(address.replace("2525", str(free_port()))).problem


@pytest.mark.parametrize("url", ["mariadb://reader:s3cret@127.0.0.1:{}/sis", "sqlite:////srv/sis.sqlite3"])
def test_a_view_s_server_that_is_away(url: str, found: Found) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        here = f"http://127.0.0.1:{port}"
        others = {"REDIS_URL": here, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_USE_SSL": False}
        others |= {"PUBLIC_URL": here, "SMS_GATEWAYS": [], "DIRECTORY_URLS": []}
        views = {"sis": {"URL": url.format(free_port())}, "hrms": {}}
        wrong = ["uregister.W011"] if url.startswith("mariadb") else []
        assert found(checks.servers_are_reached, **others, VIEWS=views) == wrong


def test_a_certificate_that_nobody_vouches_for(encrypted: Encrypted) -> None:
    address, _ca = encrypted(90)
    assert "certificate is not accepted" in reach(address).problem


def test_a_server_that_is_not_there() -> None:
    assert reach(f"http://127.0.0.1:{free_port()}") == Reached("Connection refused")


# ---- All of it --------------------------------------------------------------------------------------------------


@pytest.fixture
def installation(tmp_path: Path, mail: MailServer) -> Iterator[dict[str, str]]:
    """The environment of a production installation in which everything runs but a worker."""
    with ExitStack() as stack:
        database, broker = stack.enter_context(postgresql()), stack.enter_context(redis())
        directory = stack.enter_context(openldap())
        gateway = f"http://127.0.0.1:{mail.port}/"
        yield environment(
            tmp_path,
            MODE="production",
            HOSTS="account.example.org",
            SCOPE="example.org",
            TRUSTED_PROXIES="1",
            SECRET_KEY=token_urlsafe(48),
            DATA_KEYS=Fernet.generate_key().decode(),
            DATABASE_URL=database,
            REDIS_URL=broker,
            PUBLIC_URL=gateway,
            EMAIL_URL=mail.url,
            EMAIL_FROM="noreply@example.org",
            HELPDESK_EMAIL="help@example.org",
            OPERATOR_EMAIL="noc@example.org",
            SMS_GATEWAYS="http",
            HTTP_SMS_URL=gateway,
            **directory.environment,
        )


def test_a_sound_installation_hears_nothing(installation: dict[str, str], tmp_path: Path) -> None:
    told = manage("doctor", env=installation)
    assert told.returncode == 1
    assert "migrations have not been applied" in told.stdout
    assert "No worker was seen within a day" in told.stdout
    assert told.stdout.count("→") == told.stdout.count("✗") == 2

    assert manage("migrate", "--verbosity", "0", env=installation).returncode == 0
    with worker(tmp_path, installation):
        told = manage("doctor", env=installation)
        checked = manage("check", "--deploy", "--fail-level", "WARNING", env=installation)
    assert told.stdout == "✓ Nothing is wrong.\n"
    assert (checked.returncode, checked.stdout.strip()) == (0, "System check identified no issues (2 silenced).")
