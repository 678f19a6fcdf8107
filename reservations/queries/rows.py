"""What is read of rows.

* Ids found first, in the statement that reads what has them.
* Pages of a list that is counted already: from what is kept of it, and not row by row.
* Each value of a column, once, by an index: as many seeks as there are values, however many rows hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import BigIntegerField, Expression, Field, Func, Model, QuerySet
from django.utils.functional import cached_property


def ids_first(ids: QuerySet[Any, Any]) -> Func:
    """For a condition `pk__in=ids_first(ids)`: they are found, and each is then looked up by an index, however many
    rows are stored. Of a plain subquery PostgreSQL weighs a reading of the whole table, and takes it for thousands."""
    each = "(SELECT unnest(%(expressions)s::bigint[]))"
    return Func(ArraySubquery(ids), template=each, output_field=BigIntegerField())


class CountedPaginator(Paginator):  # type: ignore[type-arg]  # of no type at run time
    """Pages of a list of so many rows, in an order; counted by the database when `rows` is None."""

    def __init__(self, found: QuerySet[Any, Any], each: int, *, rows: int | None) -> None:
        super().__init__(found, each)
        self.found, self.rows = found, rows

    @cached_property
    def count(self) -> int:
        """Of all its pages."""
        return super().count if self.rows is None else self.rows

    def page(self, number: int | str) -> Any:
        """Rows of one page, found from the nearest end of the list: the last page costs what the first does."""
        asked = self.validate_number(number)
        first = (asked - 1) * self.per_page
        after = min(first + self.per_page, self.count)
        if first + after <= self.count:
            return super().page(asked)
        last = self.found.reverse()[self.count - after : self.count - first]
        return Page(list(last)[::-1], asked, self)


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
