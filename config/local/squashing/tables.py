"""The tables of an app as one list of operations, from the state that its migrations lead to.

Columns keep the order that the migrations gave them: a database that was altered and one made at once hold the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.postgres.operations import CreateExtension
from django.db.migrations import CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import OperationWriter

HEADING = '''"""The tables of {app}, with their constraints and their indexes, as ./run squash wrote them.

The migration that makes them is {name}.py."""

{imports}

TABLES: list[migrations.operations.base.Operation] = [
{operations}
]
'''


def written(app: str, name: str, state: ProjectState, replaced: Sequence[Migration]) -> str:
    """The module that holds them."""
    imports, lines = {"from django.db import migrations, models"}, []
    for operation in operations(app, state, replaced):
        text, wanted = OperationWriter(operation, indentation=1).serialize()
        imports |= wanted
        lines.append(text)
    return HEADING.format(app=app, name=name, imports="\n".join(sorted(imports)), operations="\n".join(lines))


def operations(app: str, state: ProjectState, replaced: Sequence[Migration]) -> list[Operation]:
    """What PostgreSQL must know first, then every table, in the order in which they came."""
    extensions = {
        operation.name: operation
        for migration in replaced
        for operation in migration.operations
        if isinstance(operation, CreateExtension)
    }
    tables = [_table(model) for (of, _), model in state.models.items() if of == app]
    return [*extensions.values(), *tables]


def _table(model: ModelState) -> CreateModel:
    model = model.clone()
    options = {name: value for name, value in model.options.items() if value or name not in ("indexes", "constraints")}
    return CreateModel(model.name, list(model.fields.items()), options, model.bases, model.managers)
