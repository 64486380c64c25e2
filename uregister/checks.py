"""What is wrong with an installation, in the operator's terms: `check --deploy` and `doctor` tell it.

The checks of `Tag.SETTINGS` look at the settings alone; those of `Tag.OPERATION` look at what is running around: they
open connections and wait for seconds. Every message has a remedy as its hint.
"""

import string
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 # Django's names of the levels.
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from registry.models import Affiliation
from uregister import heartbeat
from uregister.reach import reach

DAYS_OF_NOTICE = 21
LATE = 60
# Of 32 random bytes fewer are different in less than one of a thousand million keys.
LEAST_DIFFERENT = 20


class Tag:
    SETTINGS = "settings"
    OPERATION = "operation"


Found = Iterator[CheckMessage]


def check(tag: str) -> Callable[[Callable[[], Found]], Callable[..., list[CheckMessage]]]:
    """Register a check for `check --deploy`; in the embedded modes nothing of it applies."""

    def decorate(find: Callable[[], Found]) -> Callable[..., list[CheckMessage]]:
        def run(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:
            return list(find()) if settings.PRODUCTION else []

        register(run, tag, deploy=True)
        return run

    return decorate


# ---- The settings ---------------------------------------------------------------------------------------


@check(Tag.SETTINGS)
def keys_are_random() -> Found:
    for number, key in enumerate(settings.DATA_KEYS, start=1):
        content = set(urlsafe_b64decode(key))
        if content <= set(string.printable.encode()) or len(content) < LEAST_DIFFERENT:
            yield Error(
                f"Key {number} of UREGISTER_DATA_KEYS does not look random.",
                hint="Make one with `python -c 'from cryptography.fernet import Fernet; "
                "print(Fernet.generate_key().decode())'` and replace the old one, see `manage.py help rotate_keys`.",
                id="uregister.E001",
            )


@check(Tag.SETTINGS)
def database_is_tested() -> Found:
    if connection.vendor != "postgresql":
        yield Warning(
            "The database is not PostgreSQL.",
            hint="Set UREGISTER_DATABASE_URL to postgres://…: several processes can't share SQLite at enrolment.",
            id="uregister.W001",
        )


@check(Tag.SETTINGS)
def proxies_are_counted() -> Found:
    if not settings.TRUSTED_PROXIES:
        yield Warning(
            "No proxy is trusted, so everybody seems to come from the proxy's address and limits hit all at once.",
            hint="Set UREGISTER_TRUSTED_PROXIES to the number of proxies that append to X-Forwarded-For.",
            id="uregister.W002",
        )


@check(Tag.SETTINGS)
def people_have_somebody_to_ask() -> Found:
    for name, where in (("HELPDESK_EMAIL", "pages tell people to write to"), ("OPERATOR_EMAIL", "alarms go to")):
        address = getattr(settings, name)
        if not address or address.endswith(".example"):
            yield Warning(f"The address that {where} is not set.", hint=f"Set UREGISTER_{name}.", id="uregister.W003")


@check(Tag.SETTINGS)
def messages_have_a_way() -> Found:
    if not settings.SMS_GATEWAYS:
        yield Warning(
            "No SMS gateway is set: who has only a mobile can't activate.",
            hint="Set UREGISTER_SMS_GATEWAYS and the gateway's own settings.",
            id="uregister.W004",
        )


@check(Tag.SETTINGS)
def accounts_reach_a_directory() -> Found:
    if not settings.DIRECTORY_URLS:
        yield Warning(
            "No directory is set: accounts open nothing but URegister itself.",
            hint="Set UREGISTER_DIRECTORY_URL, …_BASE_DN, …_BIND_DN and …_BIND_PASSWORD.",
            id="uregister.W005",
        )


# ---- What runs around -----------------------------------------------------------------------------------


@check(Tag.OPERATION)
def database_answers() -> Found:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Error(
            f"The database does not answer: {str(error).splitlines()[0]}",
            hint="Start it, or correct UREGISTER_DATABASE_URL.",
            id="uregister.E002",
        )
        return
    if waiting:
        yield Error(
            f"{len(waiting)} migrations have not been applied.",
            hint="Run `python manage.py migrate`.",
            id="uregister.E003",
        )


@check(Tag.OPERATION)
def data_keys_read_the_database() -> Found:
    """After a restore with other secrets nothing else would tell before the first person is asked for their AMKA."""
    numbers = Affiliation.objects.exclude(insurance_number="").values_list("insurance_number")
    try:
        for order in ("pk", "-pk"):
            numbers.order_by(order).first()
    except DatabaseError:
        return  # That is told already.
    except InvalidToken:
        yield Error(
            "UREGISTER_DATA_KEYS cannot read what the database holds.",
            hint="Add the keys under which it was written, behind the others: they are kept apart from the dumps.",
            id="uregister.E004",
        )


@check(Tag.OPERATION)
def worker_lives() -> Found:
    age = heartbeat.age()
    if age is None or age > LATE:
        seen = "within a day" if age is None else f"for {age:.0f} seconds"
        yield Warning(
            f"No worker was seen {seen}: PINs are sent by the web processes, the directory gets nothing.",
            hint="Start `celery -A uregister worker` and `celery -A uregister beat` with the same environment, and "
            "see that UREGISTER_REDIS_URL is reached.",
            id="uregister.W010",
        )


def servers() -> Iterator[tuple[str, str, str]]:
    """Setting, address, and the file of certificates to trust, of every server that the settings name."""
    yield "UREGISTER_REDIS_URL", settings.REDIS_URL, ""
    yield "UREGISTER_EMAIL_URL", _mail_server(), ""
    gateways = {"twilio": "TWILIO_URL", "gunet": "GUNET_SMS_URL", "http": "HTTP_SMS_URL"}
    for gateway in settings.SMS_GATEWAYS:
        name = gateways[gateway]
        yield f"UREGISTER_{name}", getattr(settings, name) or "https://api.twilio.com", ""
    if settings.AMKA_SERVICE == "gunet":
        yield "UREGISTER_GUNET_AMKA_URL", settings.GUNET_AMKA_URL, ""
    for address in settings.DIRECTORY_URLS:
        if not address.startswith("ldapi:"):
            starttls = settings.DIRECTORY_STARTTLS and address.startswith("ldap:")
            reached = address.replace("ldap:", "ldap+tls:", 1) if starttls else address
            yield "UREGISTER_DIRECTORY_URL", reached, settings.DIRECTORY_CA
    for system, view in settings.VIEWS.items():
        if view and not view["URL"].startswith("sqlite:"):
            yield f"UREGISTER_{system.upper()}_URL", view["URL"], ""
    yield "UREGISTER_PUBLIC_URL", settings.PUBLIC_URL, ""


def _mail_server() -> str:
    scheme = "https" if settings.EMAIL_USE_SSL else "smtp+tls" if settings.EMAIL_USE_TLS else "smtp"
    host = f"[{settings.EMAIL_HOST}]" if ":" in settings.EMAIL_HOST else settings.EMAIL_HOST
    return f"{scheme}://{host}:{settings.EMAIL_PORT}"


@check(Tag.OPERATION)
def servers_are_reached() -> Found:
    for name, address, ca in servers():
        reached = reach(address, ca=ca)
        if reached.problem:
            yield Warning(
                f"The server of {name} can't be reached: {reached.problem}",
                hint="See that it runs, that the firewall lets this machine through, and that the address is right.",
                id="uregister.W011",
            )
        elif reached.days_left is not None and reached.days_left < DAYS_OF_NOTICE:
            yield Warning(
                f"The certificate of {name} ends in {reached.days_left} days.",
                hint="Renew it, or tell whoever runs that server.",
                id="uregister.W012",
            )
