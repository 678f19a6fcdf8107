"""A query that Django composes once, and rows laid down by a statement that is: composing one costs several times what
it reads or writes, where it is sent thousands of times a day with other parameters and nothing else
(docs/decisions/0082-composed-once.md, 0094-rows-go-as-one-value.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections, router
from django.db.models import AutoField, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from reservations.models.together import Part, Steps


@dataclass(frozen=True, slots=True)
class Statement[M: Model]:
    """A query, what Django made of it, the `places` of its parameters that are given each time, by name, by column what
    makes Python of what is read, and whether some have several."""

    queryset: QuerySet[M, Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, str], ...]
    converters: dict[int, Any]
    composite: bool


class Once[M: Model]:
    """`compose` is called with `marks`, by name: values that nothing else in the query has. Its statement is kept, and
    sent from then on with what is given in their place.

    What the query says must not depend on the day, nor on how many values there are: only on these parameters.
    """

    def __init__(self, compose: Callable[..., QuerySet[M, Any]], **marks: object) -> None:
        self.compose, self.marks = compose, marks
        self.composed: Statement[M] | None = None

    def __call__(self, **given: object) -> QuerySet[M, Any]:
        """The query with these parameters, to be read as it is: what filtered it further would be left out.

        Raises LookupError when it is not given exactly the parameters that it has.
        """
        found, _ = self._again(given)
        return found

    def steps(self, **given: object) -> Steps[list[M]]:
        """The same, read with what does not wait for it. One step."""
        found, again = self._again(given)
        sql, params = again.as_sql()
        (rows,) = yield [Part(sql, params, found.db)]
        again.execute_sql = lambda *_, **__: [rows]  # type: ignore[method-assign, assignment]
        return list(found)

    def _again(self, given: dict[str, object]) -> tuple[QuerySet[M, Any], SQLCompiler]:
        if given.keys() != self.marks.keys():
            raise LookupError(f"{sorted(given)}, instead of {sorted(self.marks)}")
        kept = self.composed or self._once()
        params = list(kept.params)
        for place, name in kept.places:
            params[place] = given[name]
        again = copy(kept.compiler)
        again.connection = connections[kept.queryset.db]
        again.as_sql = lambda *_, **__: (kept.sql, tuple(params))  # type: ignore[method-assign]
        again.get_converters = lambda *_: kept.converters  # type: ignore[method-assign]
        again.has_composite_fields = lambda *_: kept.composite  # type: ignore[method-assign]
        found = kept.queryset.all()
        found.query.get_compiler = lambda *_, **__: again  # type: ignore[method-assign]
        return found, again

    def _once(self) -> Statement[M]:
        queryset = self.compose(**self.marks)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        places = tuple(
            (place, name)
            for place, value in enumerate(params)
            for name, mark in self.marks.items()
            if type(value) is type(mark) and value == mark
        )
        if missing := self.marks.keys() - {name for _, name in places}:
            raise LookupError(f"{sorted(missing)} are not parameters of: {sql}")
        read = [column for column, *_ in compiler.select[: compiler.col_count]]
        converters, composite = compiler.get_converters(read), compiler.has_composite_fields(read)
        self.composed = Statement(queryset, compiler, sql, tuple(params), places, converters, composite)
        return self.composed


class Rows[M: Model]:
    """New rows of a table, by one statement whose text does not grow with them, as `bulk_create` lays them down.

    They are sent as one JSON value: PostgreSQL makes of it what each column wants, in place of a parameter for each.
    `unique`: the fields by which a row is known to be there already; it then takes what `update` says. What a row says
    of another is the id of that one: it is to be written first, and given after.
    """

    def __init__(self, model: type[M], *, unique: Sequence[str] = (), update: Sequence[str] = ()) -> None:
        self.model, self.unique, self.update = model, unique, update
        self.fields = [each for each in model._meta.concrete_fields if not isinstance(each, AutoField)]
        # What an act gives by default too is written as the others; the database has it for rows of the code before.
        computed = [each.name for each in self.fields if each.generated or (each.has_db_default() and not _given(each))]
        if computed:
            raise LookupError(f"what the database says by itself, in {model.__name__}: {', '.join(computed)}")
        self.statement = ""

    def __call__(self, rows: Sequence[M]) -> None:
        """Lay them down, and give each its id. One statement; none without a row.

        Raises TypeError, as Django does, on what JSON does not have inside a value that is kept as JSON.
        """
        if not rows:
            return
        found = [
            {each.attname: _plain(each.get_prep_value(each.pre_save(row, add=True))) for each in self.fields}
            for row in rows
        ]
        using = router.db_for_write(self.model)
        with connections[using].cursor() as cursor:
            cursor.execute(self.statement or self._composed(using), [json.dumps(found)])
            for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = number
                row._state.adding, row._state.db = False, using

    def _composed(self, using: str) -> str:
        connection = connections[using]
        quoted, meta = connection.ops.quote_name, self.model._meta
        columns = {each.name: quoted(str(each.column)) for each in self.fields}
        types = ", ".join(f"{quoted(each.attname)} {each.db_type(connection)}" for each in self.fields)
        read = ", ".join(f"said.{quoted(each.attname)}" for each in self.fields)
        self.statement = (
            f"INSERT INTO {quoted(meta.db_table)} ({', '.join(columns.values())})"  # noqa: S608 - by the model
            f" SELECT {read} FROM jsonb_to_recordset(%s::jsonb) AS said ({types})"
        )
        if self.unique:
            taken = ", ".join(f"{columns[name]} = EXCLUDED.{columns[name]}" for name in self.update)
            self.statement += f" ON CONFLICT ({', '.join(columns[name] for name in self.unique)}) DO UPDATE SET {taken}"
        self.statement += f" RETURNING {quoted(str(meta.pk.column))}"
        return self.statement


def _given(field: Any) -> bool:
    """Does Python give this field, and the database by itself only to who does not?"""
    return bool(field.has_default() and field.editable)


def _plain(value: object) -> object:
    """A day or a moment as PostgreSQL reads it; the rest as it is."""
    return value.isoformat() if isinstance(value, date) else value
