"""One username, two persons: found by the database, since a million names don't fit into memory."""

from registry.importing.staging import Staging
from registry.importing.statements import select
from registry.models import Source

# The same number, country and birth date are the same person; without a number the record is its own.
PERSON = (
    "CASE WHEN {0}.insurance_digest <> '' AND {0}.birth_date IS NOT NULL "
    "THEN {0}.insurance_digest || {0}.birth_date ELSE {0}.system_id END"
)


def shared_usernames(staging: Staging, source: Source) -> list[int]:
    """The lines whose username an earlier line gives to another person."""
    staged, seen = staging.staged, staging.seen
    rows = select(
        f"""
        WITH shared AS (
            SELECT username FROM (
                SELECT username FROM {staged}
                UNION ALL
                SELECT a.username FROM registry_affiliation a WHERE a.source = %s
                AND NOT EXISTS (SELECT 1 FROM {staged} t WHERE t.record = a.id)
            ) every_one WHERE username <> '' GROUP BY username HAVING COUNT(*) > 1
        )
        SELECT t.line, t.username, {PERSON.format("t")} FROM {staged} t
        WHERE t.username IN (SELECT username FROM shared)
        UNION ALL
        SELECT s.line, a.username, {PERSON.format("a")} FROM registry_affiliation a JOIN {seen} s
        ON a.system_id = s.system_id AND a.registration_number = s.registration_number
        WHERE a.source = %s AND a.username IN (SELECT username FROM shared)
        AND NOT EXISTS (SELECT 1 FROM {staged} t WHERE t.record = a.id)
        """,
        source,
        source,
    )
    owners: dict[str, str] = {}
    return [line for line, username, person in sorted(rows) if owners.setdefault(username, person) != person]
