"""The version before serves on while its database is migrated; what a dump holds comes back on an empty machine."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.environment import SETTINGS
from tests.machines.old_processes import pieces_of
from tests.machines.released import WRONG_AMKA, amka
from tests.messaging.browser import Browser
from tests.services.postgresql import PostgresqlServer, postgresql_server, program
from tests.services.processes import alive, running, wait_until
from tests.services.product import ROOT, Product, environment, manage, web

pytestmark = pytest.mark.slow

PERSONS = 2000
# Their number grows with the persons', so no migration may read them from end to end while others wait.
LARGE = ("registry_person", "registry_affiliation", "registry_correction", "accounts_account", "accounts_auditevent")
# Statements that read a whole table under a lock which nobody can write beside, or nobody read.
SLOW = (
    re.compile(r'CREATE (UNIQUE )?INDEX (?!CONCURRENTLY).* ON "(?P<table>\w+)"'),
    re.compile(r'ALTER TABLE "(?P<table>\w+)" (ADD|ALTER).*(CHECK|UNIQUE|REFERENCES|SET NOT NULL|TYPE)(?!.*NOT VALID)'),
)


@dataclass
class Upgraded:
    """A database that was migrated while processes of the version before went on."""

    server: PostgresqlServer
    env: dict[str, str]
    before: dict[str, list[Any]]
    after: dict[str, list[Any]]
    # What the old processes did before, during and after it.
    work: list[dict[str, Any]]
    statements: list[str]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    state = tmp_path_factory.mktemp("upgrade")
    with postgresql_server() as server:
        env = environment(state, DATABASE_URL=server.url, **SETTINGS) | {"DJANGO_SETTINGS_MODULE": "uregister.settings"}
        call(env, f"lay_out({PERSONS})")
        before = catalogue(server)
        execute(server, "ALTER DATABASE postgres SET log_statement = 'ddl'")
        work = migrate_under_load(server, env, state)
        statements = re.findall(r"LOG:  statement: (.*?)\n(?=\S)", (server.directory / "log").read_text(), re.DOTALL)
        lines = [line for statement in statements for line in statement.splitlines()]
        yield Upgraded(server, env, before, catalogue(server), work, lines)


def inside(code: str) -> list[str]:
    return [sys.executable, "-c", f"import django; django.setup(); {code}"]


def call(env: dict[str, str], code: str) -> None:
    subprocess.run(inside(f"from tests.machines.released import *; {code}"), cwd=ROOT, env=env, check=True)


def execute(server: PostgresqlServer, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def catalogue(server: PostgresqlServer) -> dict[str, list[Any]]:
    """What PostgreSQL knows of tables and columns, by table: the file that it is in, its columns."""
    files = execute(
        server,
        "SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    columns = execute(
        server,
        "SELECT table_name, column_name, data_type, is_nullable = 'YES', "
        "column_default IS NOT NULL OR is_identity = 'YES' FROM information_schema.columns "
        "WHERE table_schema = 'public'",
    )
    return {table: [file, {name: facts for of, name, *facts in columns if of == table}] for table, file in files}


def migrate_under_load(server: PostgresqlServer, env: dict[str, str], state: Path) -> list[dict[str, Any]]:
    """Old processes work before, during and after `migrate`; at its beginning somebody reads for a long time."""
    old, new = state / "old", state / "new"
    load = inside(f"from tests.machines.old_processes import run; run({PERSONS})")
    with ExitStack() as stack:
        process = stack.enter_context(running(load, log=old, cwd=ROOT, env=env))

        def go_on(pieces: int) -> None:
            target = len(pieces_of(old)) + pieces

            def done() -> bool:
                alive(process, old)
                return len(pieces_of(old)) >= target

            wait_until(done, "the old processes go on", seconds=60)

        go_on(20)
        reader = stack.enter_context(psycopg.connect(server.url))
        for table in LARGE:
            reader.execute(f"SELECT count(*) FROM {table}")
        migration = stack.enter_context(running([sys.executable, "manage.py", "migrate"], log=new, cwd=ROOT, env=env))
        wait_until(lambda: "Others use the table" in new.read_text(), "the migration steps back", seconds=60)
        go_on(40)
        reader.rollback()
        assert migration.wait(timeout=120) == 0, new.read_text()
        go_on(40)
    return pieces_of(old)


# ---- Upgrade ----------------------------------------------------------------------------------------------------


def test_the_version_before_serves_on(upgraded: Upgraded) -> None:
    """Nothing that its processes did failed, nor waited for a lock longer than they have patience."""
    assert [piece for piece in upgraded.work if "error" in piece] == []
    assert len({piece["work"] for piece in upgraded.work}) == 7


def test_what_the_version_before_writes_is_still_taken(upgraded: Upgraded) -> None:
    """No column of its tables has gone or changed; those that were added need not be named."""
    for table, (_file, columns) in upgraded.before.items():
        _file, now = upgraded.after[table]
        assert {name: facts[0] for name, facts in columns.items()} == {name: now[name][0] for name in columns}
        unfilled = [name for name, (_type, may_be_null, has_default) in now.items() if not may_be_null | has_default]
        assert set(unfilled) <= set(columns), table
        assert [name for name, facts in columns.items() if facts[1] and not now[name][1]] == []


def test_no_large_table_was_read_or_written_while_others_waited(upgraded: Upgraded) -> None:
    files = {table: (upgraded.before[table][0], upgraded.after[table][0]) for table in upgraded.before}
    assert [table for table, (before, after) in files.items() if before != after] == []
    slow = [(found["table"], line) for line in upgraded.statements for kind in SLOW if (found := kind.search(line))]
    assert [line for table, line in slow if table in LARGE] == []
    assert any("CREATE INDEX CONCURRENTLY" in line for line in upgraded.statements)


def test_what_is_new_is_known_of_what_was_there(upgraded: Upgraded) -> None:
    assert flaws(upgraded.server) == [("checksum", PERSONS // WRONG_AMKA)]


def test_a_migration_that_was_interrupted_is_finished(upgraded: Upgraded) -> None:
    execute(upgraded.server, f"UPDATE registry_affiliation SET amka_flaw = '' WHERE id > {PERSONS // 2}")
    execute(upgraded.server, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'account_expiring'::regclass")
    call(upgraded.env, "apply_again('registry', '0006_amka_flaws'); apply_again('accounts', '0005_account_expiring')")
    assert flaws(upgraded.server) == [("checksum", PERSONS // WRONG_AMKA)]
    assert execute(upgraded.server, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]


def flaws(server: PostgresqlServer) -> list[tuple[Any, ...]]:
    return execute(server, "SELECT amka_flaw, count(*) FROM registry_affiliation WHERE amka_flaw <> '' GROUP BY 1")


# ---- Restore ----------------------------------------------------------------------------------------------------


def test_a_dump_comes_back_on_an_empty_machine(upgraded: Upgraded, tmp_path: Path) -> None:
    dump = tmp_path / "uregister.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", upgraded.server.url)
    with postgresql_server() as empty:
        run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty.url}", str(dump))
        assert counts(empty) == counts(upgraded.server)
        env = environment(tmp_path / "var", DATABASE_URL=empty.url, **SETTINGS)
        assert manage("migrate", "--check", env=env).returncode == 0
        told = json.loads(manage("export_person", "it0000009", "--language", "en", env=env).stdout)
        assert told["record"][0]["insurance_number"] == amka(9)
        with web(Product("", tmp_path / "var", env, tmp_path / "log")) as product:
            browser = Browser(product)
            browser.ask_for_pin(mobile="+306900000009")
            assert browser.finish(product.pin_sent_to("+306900000009")) == "it0000009"


def run(name: str, *arguments: str) -> None:
    subprocess.run([program(name), *arguments], check=True, capture_output=True)


def counts(server: PostgresqlServer) -> dict[str, int]:
    return {table: execute(server, f'SELECT count(*) FROM "{table}"')[0][0] for table in catalogue(server)}
