"""What migrations of all apps need so that the service goes on while a table with a million rows changes."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.state import ProjectState
from django.db.models import Index, Model


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
