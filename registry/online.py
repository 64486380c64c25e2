"""What migrations of all apps need so that the service goes on while a table with a million rows changes."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex, Migration
from django.db.migrations.state import ProjectState
from django.db.models import Index, Model


class AtOnce(Migration):
    """A migration whose statements are all written before the first is sent.

    So tables are locked while the database works, milliseconds, and not while Django finds out the next statement; and
    of two tables the second is asked for as soon as the first is held, which leaves no time for a deadlock with the
    service. Every operation has to be SQL.
    """

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,  # noqa: FBT001, FBT002 # Django's own signature.
    ) -> ProjectState:
        if not all(operation.reduces_to_sql for operation in self.operations):
            raise ValueError(f"{self}: not every operation is SQL")
        if collect_sql or schema_editor.connection.vendor != "postgresql":
            return super().apply(project_state, schema_editor, collect_sql)
        with schema_editor.connection.schema_editor(collect_sql=True) as written:
            after = super().apply(project_state, written, collect_sql=True)
        schema_editor.execute("\n".join(written.collected_sql), params=None)
        return after


class AddIndexOnline(AddIndex):
    """`AddIndex` that PostgreSQL builds beside the writers; its migration says `atomic = False`.

    An index that is there stays, and one that an interrupted build left invalid is built anew: so the migration may be
    stopped and started again. Other databases serve no installation that must go on meanwhile, and build it plainly.
    """

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if schema_editor.connection.vendor == "postgresql":
            _build_beside_writers(schema_editor, model, self.index)
        elif not _is_there(schema_editor, model, self.index):
            schema_editor.add_index(model, self.index)


def _build_beside_writers(schema_editor: Any, model: type[Model], index: Index) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [index.name])
        found = cursor.fetchone()
    if found and not found[0]:
        schema_editor.remove_index(model, index, concurrently=True)
    if not found or not found[0]:
        schema_editor.add_index(model, index, concurrently=True)


def _is_there(schema_editor: BaseDatabaseSchemaEditor, model: type[Model], index: Index) -> bool:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        table = model._meta.db_table  # noqa: SLF001 # Django documents _meta.
        return index.name in connection.introspection.get_constraints(cursor, table)
