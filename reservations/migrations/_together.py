"""Migrations whose neighbouring operations are rendered together (a leading underscore: not a migration itself).

After each operation Django renders again every model related to the one that changed: some tens of them here. On an
empty database that was nine tenths of what `migrate` cost; the SQL is the smallest part. Operations of one kind that
follow each other can share one rendering, with the same SQL in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pgtrigger.migrations
from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

#: Operations that share a rendering with their neighbours of the same kind: each reads only its own part of the models
#: of after (what is made, added) or of before (what is taken away, altered), which its neighbours do not touch.
KINDS: dict[type[Operation], str] = {
    migrations.CreateModel: "made",
    migrations.AddField: "added",
    migrations.AddConstraint: "added",
    migrations.AddIndex: "added",
    pgtrigger.migrations.AddTrigger: "added",
    migrations.AlterField: "altered",
    migrations.RemoveConstraint: "taken away",
    migrations.AlterConstraint: "taken away",  # its words only
    pgtrigger.migrations.RemoveTrigger: "taken away",
}


class Migration(migrations.Migration):
    """A migration that renders the models once for each group of operations."""

    def apply(self, project_state: ProjectState, schema_editor: Any, collect_sql: bool = False) -> ProjectState:
        """Apply every operation in order, and return the state after them."""
        if collect_sql:  # `sqlmigrate`: one comment for each operation
            return super().apply(project_state, schema_editor, collect_sql)
        for group in groups(self.operations):
            if isinstance(group[0], migrations.RunPython) and project_state.is_delayed:
                project_state.clear_delayed_apps_cache()  # it wants every model whole: once, for the next one too
                project_state.is_delayed = False
                assert project_state.apps
            before = project_state.clone()
            move_on(project_state, self.app_label, group)
            for operation in group:
                operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state


def groups(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """The operations in order, by groups that can be rendered together."""
    for kind, run in groupby(operations, key=lambda operation: KINDS.get(type(operation))):
        group: list[Operation] = []
        fields: set[tuple[str, str]] = set()
        for operation in run:
            field = _field(operation)
            if group and (kind is None or field in fields):
                yield group
                group, fields = [], set()
            group.append(operation)
            fields |= {field} if field else set()
        yield group


def _field(operation: Operation) -> tuple[str, str] | None:
    """The field that is added or altered: two changes of one field are not rendered together."""
    if isinstance(operation, migrations.AddField | migrations.AlterField):
        return operation.model_name_lower, operation.name_lower
    return None


def move_on(state: ProjectState, app_label: str, group: Sequence[Operation]) -> None:
    """Bring the state after the group, and its models with it, in one rendering."""
    apps = state.__dict__.pop("apps", None) if len(group) > 1 else None
    for operation in group:
        operation.state_forwards(app_label, state)
    if apps is None:
        return
    state.__dict__["apps"] = apps
    changed = {getattr(operation, "model_name", None) or operation.name for operation in group}
    state.reload_models({(app_label, name.lower()) for name in changed}, delay=False)
