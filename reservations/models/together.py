"""Readings that do not wait for each other are one statement (docs/decisions/0173-read-together.md).

A reading declared `stepwise` yields what it asks (querysets of values, statements composed for a role) and is sent the
rows. Alone, each step is a statement; run `together`, the first steps of all are one, then the second ones: a page asks
as many statements as its longest reading has steps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import wraps
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet

#: Values of a row, in the order in which its query names them.
type Row = tuple[Any, ...]


class Part(NamedTuple):
    """One query of a statement. Empty: it finds nothing, and is not sent."""

    sql: str
    params: tuple[Any, ...]
    using: str = "default"


type Asked = QuerySet[Any, Any] | Part
#: Asks several queries at each step, is sent the rows of each, and returns what it makes of them.
type Steps[T] = Generator[Sequence[Asked], Sequence[list[Row]], T]


class Stepwise[**P, T](Protocol):
    """Read by itself when it is called; `steps`: to be run with others."""

    steps: Callable[P, Steps[T]]

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> T: ...


def stepwise[**P, T](read: Callable[P, Steps[T]]) -> Stepwise[P, T]:
    """A reading by steps, that may be called as any other."""

    @wraps(read)
    def alone(*arguments: P.args, **named: P.kwargs) -> T:
        return by_itself(read(*arguments, **named))

    alone.steps = read  # type: ignore[attr-defined]  # a function has no declared attribute
    return alone  # type: ignore[return-value]


def by_itself[T](reading: Steps[T]) -> T:
    """Run a reading to its end: one statement a step, none for a step that finds nothing by construction."""
    try:
        asked = next(reading)
        while True:
            asked = reading.send(_rows(asked))
    except StopIteration as end:
        found: T = end.value
        return found


def together(*readings: Steps[Any]) -> Steps[list[Any]]:
    """Several readings, each step of which is asked with that of the others; what each returns, in their order."""
    found: list[Any] = [None] * len(readings)
    asked: dict[int, Sequence[Asked]] = {}

    def go_on(place: int, rows: Sequence[list[Row]] | None) -> None:
        asked.pop(place, None)
        try:
            asked[place] = next(readings[place]) if rows is None else readings[place].send(rows)
        except StopIteration as end:
            found[place] = end.value

    for place in range(len(readings)):
        go_on(place, None)
    while asked:
        step = list(asked.items())
        every = iter((yield [each for _, parts in step for each in parts]))
        for place, parts in step:
            go_on(place, [next(every) for _ in parts])
    return found


def at_once(*readings: Steps[Any]) -> list[Any]:
    """The same, run to the end of the longest."""
    return by_itself(together(*readings))


def whole[M: Model](found: QuerySet[M], *related: str) -> Steps[list[M]]:
    """Rows of a table, with what is `related`, as `select_related` reads them, and what they are annotated with. One
    step."""
    models = {"": found.model} | {path: _model_at(found.model, path) for path in sorted(related)}
    fields = [(path, field) for path, model in models.items() for field in model._meta.concrete_fields]
    names = [f"{path}__{field.attname}" if path else field.attname for path, field in fields]
    (rows,) = yield [found.values_list(*names, *found.query.annotations)]
    readers: list[Any] = [*(field for _, field in fields), *found.query.annotations.values()]
    convert = [each.get_db_converters(connections[found.db]) for each in readers]
    return [
        _made(
            models,
            fields,
            [_converted(value, each, by, found.db) for value, each, by in zip(row, readers, convert, strict=True)],
            list(found.query.annotations),
            found.db,
        )
        for row in rows
    ]


def _model_at(model: type[Model], path: str) -> type[Model]:
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]  # a key, never « self »
    return model


def _converted(value: Any, read: Any, by: Sequence[Callable[..., Any]], using: str) -> Any:
    for convert in by:
        value = convert(value, read, connections[using])
    return value


def _made(
    models: dict[str, type[Model]], fields: Sequence[tuple[str, Any]], row: list[Any], beside: list[str], using: str
) -> Any:
    """The row, then what it is related to, each on the one that leads to it."""
    made: dict[str, Any] = {}
    for path, model in models.items():
        own = {field.attname: value for (whose, field), value in zip(fields, row, strict=False) if whose == path}
        absent = path and own[model._meta.pk.attname] is None
        made[path] = None if absent else model.from_db(using, own.keys(), own.values())
        before, _, name = path.rpartition("__")
        if path and made[before] is not None:
            setattr(made[before], name, made[path])
    vars(made[""]).update(zip(beside, row[len(fields) :], strict=True))
    return made[""]


def _part(asked: Asked) -> Part:
    if isinstance(asked, Part):
        return asked
    try:
        return Part(*asked.query.sql_with_params(), asked.db)
    except EmptyResultSet:
        return Part("", ())


def rows_of(asked: Asked) -> list[Row]:
    """The rows of one query."""
    (rows,) = _rows([asked])
    return rows


def _rows(asked: Sequence[Asked]) -> list[list[Row]]:
    """The rows of each query: one statement for those of one database, however many times each is asked."""
    parts = [_part(each) for each in asked]
    found: dict[str, list[Row]] = {"": []}
    keys = [repr(part) if part.sql else "" for part in parts]
    sent = {key: part for key, part in zip(keys, parts, strict=True) if key}
    for using in dict.fromkeys(part.using for part in sent.values()):
        here = {key: part for key, part in sent.items() if part.using == using}
        found |= zip(here, _sent(list(here.values()), using), strict=True)
    return [found[key] for key in keys]


def _sent(parts: list[Part], using: str) -> Iterable[list[Row]]:
    """A query alone is sent as it is. Others stand side by side, each row having the values of one of them: a join on
    nothing keeps the type of every column."""
    with connections[using].cursor() as cursor:
        if len(parts) == 1:
            cursor.execute(parts[0].sql, parts[0].params)
            return [cursor.fetchall()]
        numbered = (
            f'(SELECT row_number() OVER () AS "part {place}", q.* FROM ({part.sql}) q) p{place}'  # noqa: S608 - of Django
            for place, part in enumerate(parts)
        )
        beside = f"SELECT * FROM {' FULL JOIN '.join(numbered)}{' ON FALSE' * (len(parts) - 1)}"  # noqa: S608
        cursor.execute(beside, [value for part in parts for value in part.params])
        rows = cursor.fetchall()
        places = [at for at, column in enumerate(cursor.description) if column.name.startswith("part ")]
    return [
        [row[at + 1 : until] for row in sorted((row for row in rows if row[at]), key=itemgetter(at))]
        for at, until in zip(places, [*places[1:], None], strict=True)
    ]
