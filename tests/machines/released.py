"""A database as the last released version left it, full of invented people."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from stdnum import luhn

# The newest migration of each of our apps in that version. What came later must let its processes serve on.
RELEASED = {
    "registry": "0001_initial",
    "accounts": "0001_initial",
    "activation": "0001_initial",
    "mypassword": "0001_initial",
    "demo": "0001_initial",
}
# One record in so many has an AMKA with a wrong check digit.
WRONG_AMKA = 50
# As many different AMKAs at most, since each has to be encrypted.
AMKAS = 20_000

PEOPLE = """
    INSERT INTO registry_person (id, identity, activated_at)
    SELECT n, encode(sha256(n::text::bytea), 'hex'), CASE WHEN mod(n, 10) < 6 THEN now() END
    FROM generate_series(1, %(persons)s) n;

    INSERT INTO registry_affiliation (
        id, person_id, source, system_id, registration_number, kind, status, enrollment_type, enrollment_term,
        inscription_year, attendance_type, resident_abroad, username, first_name_el, first_name_en, last_name_el,
        last_name_en, father_name_el, father_name_en, birth_date, gender, insurance_kind, insurance_number,
        insurance_digest, insurance_country, mobile_given, mobile, email_given, email, search_name, search_name_latin,
        source_digest, created_at, updated_at)
    SELECT n, n, 'sis', 's' || n, number, 'student', 'active', 'undergraduate', '1',
        '2026-2027', 'full', false, number, 'Μαρία', 'Maria', 'Επώνυμο', 'Surname',
        'Γεώργιος', 'Georgios', born, gender, 'amka', token,
        digest, 'GR', mobile, mobile, email, email, 'επωνυμο μαρια', 'surname maria',
        encode(sha256(n::text::bytea), 'hex'), now(), now()
    FROM generate_series(1, %(persons)s) n JOIN amka ON slot = mod(n, %(slots)s),
        LATERAL (SELECT 'it' || to_char(n, 'FM0000000') number, '+30690' || to_char(n, 'FM0000000') mobile,
            'person' || n || '@example.org' email) own;

    -- One of ten is asked for the AMKA when activating.
    UPDATE registry_affiliation SET insurance_kind = '', insurance_number = '', insurance_digest = '',
        insurance_country = '' WHERE mod(id, 10) = 7;

    INSERT INTO accounts_account (
        password, is_superuser, username, is_active, is_staff, epoch, recovery_mobile, recovery_email, language,
        terms_version, terms_accepted_at, created_at, person_id, affiliation_id)
    SELECT 'argon2$' || repeat('x', 90), false, username, true, false, 0, mobile, email, 'el',
        '2026-11', now(), now(), person_id, id
    FROM registry_affiliation WHERE mod(id, 10) < 6;

    SELECT setval(pg_get_serial_sequence('registry_person', 'id'), %(persons)s);
    SELECT setval(pg_get_serial_sequence('registry_affiliation', 'id'), %(persons)s);
"""


def targets(executor: MigrationExecutor) -> list[tuple[str, str]]:
    """What to migrate to: the others' apps have had no migration since."""
    others = [(app, name) for app, name in executor.loader.graph.leaf_nodes() if app not in RELEASED]
    return others + [(app, name) for app, name in RELEASED.items() if app in executor.loader.migrated_apps]


def lay_out(persons: int) -> None:
    """The released version's tables with so many persons: each has a record, six of ten an account."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets(executor))
    slots = min(persons, AMKAS)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE amka (slot int, born date, gender int, token text, digest text)")
        with cursor.copy("COPY amka FROM STDIN") as copy:
            for row in amkas(slots):
                copy.write_row(row)
        for statement in PEOPLE.split(";\n"):
            cursor.execute(statement, {"persons": persons, "slots": slots})
        cursor.execute("ANALYZE")


def apply_again(app: str, name: str) -> None:
    """What `migrate` does with a migration that was stopped before its end could be noted."""
    executor = MigrationExecutor(connection)
    with connection.schema_editor(atomic=False) as editor:
        executor.loader.graph.nodes[app, name].apply(executor.loader.project_state((app, name), at_end=False), editor)


def amka(slot: int) -> str:
    """The number of the person with this remainder, right but for the first of `WRONG_AMKA`."""
    digits = f"{born(slot):%d%m%y}{slot % 1000:03}{slot % 2}"
    check = int(luhn.calc_check_digit(digits)) + (slot % WRONG_AMKA == 0)
    return f"{digits}{check % 10}"


def born(slot: int) -> date:
    return date(1950, 1, 1) + timedelta(days=slot)


def amkas(number: int) -> Iterator[tuple[Any, ...]]:
    from registry import encryption, insurance

    for slot in range(number):
        right = amka(slot)
        yield slot, born(slot), 1 if slot % 2 else 2, encryption.encrypt(right), insurance.digest("GR", right)
