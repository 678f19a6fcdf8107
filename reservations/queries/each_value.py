"""Each value of a column, once, by an index: as many seeks as there are values, however many rows hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, Expression, Field, Model


class EachValue(Expression):
    """For a condition `pk__in=EachValue(Model, "commune", {"landlord": 3})`: the communes of the rows of this landlord;
    of several conditions, those of each. An index must have the columns that are equal, then that of the values:
    PostgreSQL reads every row for a DISTINCT."""

    template = (
        "(WITH RECURSIVE each_value(value) AS ("
        "(SELECT r.{column} FROM {table} r WHERE {equal} AND r.{column} IS NOT NULL ORDER BY 1 LIMIT 1) "
        "UNION ALL SELECT (SELECT r.{column} FROM {table} r WHERE {equal} AND r.{column} > each_value.value "
        "ORDER BY 1 LIMIT 1) FROM each_value WHERE each_value.value IS NOT NULL) "
        "SELECT value FROM each_value WHERE value IS NOT NULL)"
    )

    def __init__(self, model: type[Model], column: str, *equal: Mapping[str, int]) -> None:
        super().__init__(output_field=BigIntegerField())
        self.model, self.column, self.equal = model, column, equal

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[int, ...]]:
        def quoted(name: str) -> str:
            field = self.model._meta.get_field(name)
            assert isinstance(field, Field)
            return str(connection.ops.quote_name(field.column))

        table, values = connection.ops.quote_name(self.model._meta.db_table), list[int]()
        statements = []
        for each in self.equal:
            equal = " AND ".join(f"r.{quoted(name)} = %s" for name in each)
            statements.append(self.template.format(column=quoted(self.column), table=table, equal=equal))
            values += [*each.values()] * 2
        return f"({' UNION '.join(statements)})", tuple(values)
