"""Brings everything that an older data key encrypted or digested under the newest one, while the service runs.

The new key is put first in `settings.DATA_KEYS` of every process: from then on it writes, and the older ones still
read. `rekey` then goes through the encrypted fields of all apps, in batches, and changes a value only while it is what
was read: what somebody writes meanwhile is under the newest key anyhow. It may be stopped and started again.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from registry import encryption, insurance
from registry.importing import runs
from registry.models import Affiliation, ImportRun, Person, UploadPiece

EncryptedField = encryption.EncryptedTextField
BATCH = 1000
Progress = Callable[[str, int], None]


class Change(NamedTuple):
    """New value, key of the row, and the value that it must still have; in the order of the statement's parameters."""

    new: str
    pk: Any
    old: str


def encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedField]]:
    """Every field of every app that is encrypted at rest."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:  # noqa: SLF001 # Django documents _meta.
            if isinstance(field, encryption.EncryptedTextField):
                yield model, field


def rekey(progress: Progress | None = None) -> int:
    """Bring all values under the newest key; returns how many were not. `progress` hears of each field's rows."""
    changed = 0
    for model, field in encrypted_fields():
        changed += _apply(model, str(field.column), _under_older_keys(model, field), progress)
    changed += _rekey_uploads()
    changed += _apply(Affiliation, "insurance_digest", _old_digests(), progress)
    changed += _apply(Person, "identity", _old_identities(), progress)
    return changed


@transaction.atomic
def plans_under_older_keys() -> list[ImportRun]:
    """The imports that wait with numbers under an older key, or are being read: none before one may be taken away.

    What they have staged, digests and identities too, is in no model and stays as it is until they are applied or
    given up. Ask before `under_older_keys`, which counts what is applied in between.
    """
    newest = Fernet(settings.DATA_KEYS[0])
    return runs.waiting(lambda staging: bool(token := staging.token()) and _is_old(newest, token))


def under_older_keys() -> int:
    """How many encrypted values still need an older key: 0 before one may be taken away."""
    waiting = sum(1 for _piece in _old_uploads())
    return waiting + sum(sum(map(len, _under_older_keys(model, field))) for model, field in encrypted_fields())


# ---- Files that wait for a worker ---------------------------------------------------------------------------


def _old_uploads() -> Iterator[UploadPiece]:
    """One at a time, since each is a megabyte."""
    newest = Fernet(settings.DATA_KEYS[0])
    for piece in UploadPiece.objects.order_by("pk").iterator(chunk_size=1):
        if _is_old(newest, bytes(piece.content)):
            yield piece


def _rekey_uploads() -> int:
    changed = 0
    for piece in _old_uploads():
        content = encryption.encrypt_bytes(encryption.decrypt_bytes(bytes(piece.content)))
        changed += UploadPiece.objects.filter(pk=piece.pk).update(content=content)
    return changed


# ---- Fields -------------------------------------------------------------------------------------------------


def _apply(
    model: type[models.Model], column: str, batches: Iterator[Sequence[Change]], progress: Progress | None
) -> int:
    name = connection.ops.quote_name
    meta = model._meta  # noqa: SLF001 # Django documents _meta.
    column_name = name(column)
    statement = (
        f"UPDATE {name(meta.db_table)} SET {column_name} = %s "  # noqa: S608 # Names of our own models.
        f"WHERE {name(str(meta.pk.column))} = %s AND {column_name} = %s"
    )
    changed = 0
    for changes in batches:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, [_prepared(meta.pk, change) for change in changes])
        changed += len(changes)
        if progress:
            progress(f"{meta.label}.{column}", changed)
    return changed


def _prepared(pk: Any, change: Change) -> Change:
    return change._replace(pk=pk.get_db_prep_value(change.pk, connection))


# ---- What has to change ---------------------------------------------------------------------------------


def _in_batches(rows: QuerySet[Any, Any]) -> Iterator[list[Any]]:
    """The rows, each a tuple that begins with its key, in the order of their keys; one statement a batch."""
    last: Any = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1][0]


def _under_older_keys(model: type[models.Model], field: EncryptedField) -> Iterator[list[Change]]:
    newest = Fernet(settings.DATA_KEYS[0])
    stored = model._base_manager.annotate(token=Cast(field.name, TextField()))  # noqa: SLF001 # Django documents it.
    for batch in _in_batches(stored.exclude(token="").exclude(token=None).values_list("pk", "token")):
        old = [(pk, token) for pk, token in batch if _is_old(newest, token)]
        yield [Change(encryption.encrypt(encryption.decrypt(token)), pk, token) for pk, token in old]


def _is_old(newest: Fernet, token: str | bytes) -> bool:
    try:
        newest.decrypt(token)
    except InvalidToken:
        return True
    return False


def _old_digests() -> Iterator[list[Change]]:
    records = Affiliation.objects.exclude(insurance_number="")
    rows = records.values_list("pk", "insurance_country", "insurance_number", "insurance_digest")
    for batch in _in_batches(rows):
        digests = [(insurance.digest(country, number), pk, digest) for pk, country, number, digest in batch]
        yield [Change(*change) for change in digests if change[0] != change[2]]


def _old_identities() -> Iterator[list[Change]]:
    """A person's identity is the digest of what one of their records says; of another it is left alone."""
    records = Affiliation.objects.filter(person__identity__isnull=False).exclude(insurance_number="")
    rows = records.values_list(
        "pk", "person", "person__identity", "insurance_country", "insurance_number", "birth_date"
    )
    for batch in _in_batches(rows):
        changes = {}
        for _pk, person, identity, country, number, birth_date in batch:
            said = insurance.identities(country, number, birth_date)
            if identity in said[1:]:
                changes[person] = Change(said[0], person, identity)
        yield list(changes.values())
