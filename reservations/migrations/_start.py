"""A migration that only makes tables: all of them are known before the first is made (a leading underscore: not a
migration itself).

After each operation Django renders again every model related to the one that changed, which here is nearly all of
them: on an empty database that was nine tenths of what `migrate` cost. Tables made together are rendered once, beside
those that were there. They may then refer to each other in any order and in circles: PostgreSQL is told of foreign keys
when every table is there.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.migrations.state import ProjectState


class Migration(migrations.Migration):
    """Models are created with their constraints and indexes, then SQL is run; nothing that was there is altered."""

    initial = True

    def apply(self, project_state: ProjectState, schema_editor: Any, collect_sql: bool = False) -> ProjectState:
        """Make every table, and return the state that holds them all."""
        rendered = project_state.__dict__.pop("apps", None)
        before = project_state.clone()
        self._move_on(project_state)
        if rendered is not None:
            made = project_state.models.keys() - before.models.keys()
            rendered.render_multiple([project_state.models[key] for key in project_state.models if key in made])
            project_state.__dict__["apps"] = rendered
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, before, project_state)
        # Foreign keys and indexes, here: the migration is then recorded in its own transaction, whole or not at all.
        if schema_editor.deferred_sql:
            schema_editor.execute(";\n".join(str(statement) for statement in schema_editor.deferred_sql), None)
            schema_editor.deferred_sql.clear()
        return project_state

    def unapply(self, project_state: ProjectState, schema_editor: Any, collect_sql: bool = False) -> ProjectState:
        """Drop them, the last made first, and return the state as it was."""
        made = project_state.clone()
        self._move_on(made)
        for operation in reversed(self.operations):
            operation.database_backwards(self.app_label, schema_editor, made, project_state)
        return project_state

    def _move_on(self, state: ProjectState) -> None:
        """Bring the state after every operation, its models still to be rendered."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, state)
