"""A query that Django composes once: composing one costs several times what it reads, where it is asked thousands of
times a day with other parameters and nothing else (docs/decisions/0082-composed-once.md)."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler


@dataclass(frozen=True, slots=True)
class Composed[M: Model]:
    """A query, what Django made of it, and the `places` of its parameters that are given each time, by name."""

    queryset: QuerySet[M, Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, str], ...]


class Once[M: Model]:
    """`compose` is called with `marks`, by name: values that nothing else in the query has. Its statement is kept, and
    sent from then on with what is given in their place.

    What the query says must not depend on the day, nor on how many values there are: only on these parameters.
    """

    def __init__(self, compose: Callable[..., QuerySet[M, Any]], **marks: object) -> None:
        self.compose, self.marks = compose, marks
        self.composed: Composed[M] | None = None

    def __call__(self, **given: object) -> QuerySet[M, Any]:
        """The query with these parameters, to be read as it is: what filtered it further would be left out.

        Raises LookupError when it is not given exactly the parameters that it has.
        """
        if given.keys() != self.marks.keys():
            raise LookupError(f"{sorted(given)}, instead of {sorted(self.marks)}")
        kept = self.composed or self._once()
        params = list(kept.params)
        for place, name in kept.places:
            params[place] = given[name]
        again = copy(kept.compiler)
        again.connection = connections[kept.queryset.db]
        again.as_sql = lambda *_, **__: (kept.sql, tuple(params))  # type: ignore[method-assign]
        found = kept.queryset.all()
        found.query.get_compiler = lambda *_, **__: again  # type: ignore[method-assign]
        return found

    def _once(self) -> Composed[M]:
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
        self.composed = Composed(queryset, compiler, sql, tuple(params), places)
        return self.composed
