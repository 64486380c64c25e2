"""What the tests run on: fixed secrets, cheap hashes, a state directory of their own, SQLite or a private PostgreSQL.

`TEST_DATABASE=postgresql pytest` takes PostgreSQL.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import django
from django.conf import settings

from tests.services.postgresql import postgresql
from tests.services.processes import private_directory

ON_POSTGRESQL = os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"

SETTINGS = {
    "MODE": "demo",
    "SECRET_KEY": "a-secret-of-the-tests-that-protects-nothing-at-all-0123456789",
    "DATA_KEYS": "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtMDA=",
    "ARGON2_MEMORY_KIB": "8",
    "ARGON2_TIME_COST": "1",
}


def prepare(resources: ExitStack) -> None:
    """Choose the settings and set Django up; what was started for it ends with `resources`."""
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    # All workers share the database server that the main process started, each with a database of its own there.
    database = os.environ.get("UREGISTER_DATABASE_URL", "") if in_worker else ""
    if ON_POSTGRESQL and not in_worker:
        database = resources.enter_context(postgresql())
    state = resources.enter_context(private_directory("tests"))

    for name in [name for name in os.environ if name.startswith("UREGISTER_")]:
        del os.environ[name]
    os.environ |= {f"UREGISTER_{name}": value for name, value in SETTINGS.items()}
    os.environ |= {"UREGISTER_STATE_DIR": str(state), "UREGISTER_DATABASE_URL": database}
    os.environ["DJANGO_SETTINGS_MODULE"] = "uregister.settings"
    # Playwright keeps an event loop in the thread in which the tests run, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    use_a_real_file(state)
    # Every test client would look at all static files anew before its first page.
    settings.WHITENOISE_AUTOREFRESH = True
    django.setup()


def use_a_real_file(state: Path) -> None:
    """Django would test on SQLite in memory, where 50 threads share one connection: no race to see."""
    if not ON_POSTGRESQL:
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(state / "test.sqlite3")
