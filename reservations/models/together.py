"""Readings that do not wait for each other are one statement (docs/decisions/0167-read-together.md).

A reading declared `stepwise` yields what it asks (querysets of values, statements composed for a role) and is sent the
rows. Alone, each step is a statement; run `together`, the first steps of all are one, then the second ones: a page asks
as many statements as its longest reading has steps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from itertools import accumulate, islice
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, Model, Prefetch, QuerySet, Value

#: Values of a row, in the order in which its query names them.
type Row = tuple[Any, ...]


class Part(NamedTuple):
    """One query of a statement. Empty: it finds nothing, and is not sent."""

    sql: str
    params: tuple[Any, ...]
    using: str = "default"
    compiler: Any = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self[:3] == other[:3]

    def __hash__(self) -> int:
        return hash((self.sql, repr(self.params), self.using))


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


def queried(*queries: Asked) -> Steps[Sequence[list[Row]]]:
    """The rows of each query. One step."""
    return (yield queries)


def counting(found: QuerySet[Any, Any], **sums: Any) -> Steps[Row]:
    """Sums over the rows of a query, in the order in which they are given, their number where none is. One step."""
    sums = sums or {"rows": Count("pk")}
    (rows,) = yield [found.order_by().values(all=Value(1)).annotate(**sums).values_list(*sums)]
    return rows[0] if rows else tuple(each.empty_result_set_value for each in sums.values())


def given[T](known: T) -> Steps[T]:
    """What is known already. No step."""
    yield from ()
    return known


def whole[M: Model](found: QuerySet[M], *related: str) -> Steps[list[M]]:
    """Rows of a table, but for what is deferred, with what is `related`, as `select_related` reads them, and what they
    are annotated with. One step."""
    paths = sorted({"", *(before for path in related for before in _leading(path))})
    models = {path: _model_at(found.model, path) for path in paths}
    named, is_deferred = found.query.deferred_loading
    left = named if is_deferred else ()
    fields = {
        path: [each.attname for each in model._meta.concrete_fields if f"{path}__{each.name}".lstrip("_") not in left]
        for path, model in models.items()
    }
    names = [f"{path}__{name}" if path else name for path, own in fields.items() for name in own]
    beside = list(found.query.annotation_select)
    (rows,) = yield [found.values_list(*names, *beside)]
    return [_made(models, fields, beside, iter(row), found.db) for row in rows]


@dataclass(slots=True)
class _Relation:
    """How one is read, None for all of it, and those below it."""

    found: QuerySet[Any] | None = None
    below: dict[str, _Relation] = field(default_factory=dict)


def led_to(rows: Sequence[Model], *lookups: str | Prefetch) -> Steps[None]:
    """What rows of one table lead to, kept on them as `prefetch_related` keeps it: a step a level of keys, of which all
    relations are read together. Several rows led to by several others are not read so, nor `to_attr`."""
    yield from _below(rows, _tree(lookups))


def read_whole[M: Model](found: QuerySet[M]) -> Steps[list[M]]:
    """A query with all that it selects and prefetches: `whole`, then `led_to`."""
    rows = yield from whole(found, *_selected(found.query.select_related))
    yield from led_to(rows, *found._prefetch_related_lookups)  # type: ignore[attr-defined]  # private to Django
    return rows


def _tree(lookups: Iterable[str | Prefetch]) -> dict[str, _Relation]:
    top: dict[str, _Relation] = {}
    for lookup in lookups:
        below, relation = top, _Relation()
        for name in (lookup if isinstance(lookup, str) else lookup.prefetch_through).split("__"):
            relation = below.setdefault(name, _Relation())
            below = relation.below
        if isinstance(lookup, Prefetch):
            relation.found = lookup.queryset
    return top


def _selected(related: Any, path: str = "") -> Iterator[str]:
    for name, below in (related or {}).items():
        yield f"{path}{name}"
        yield from _selected(below, f"{path}{name}__")


def _below(rows: Sequence[Model], tree: Mapping[str, _Relation]) -> Steps[None]:
    if rows:
        yield from together(*(_read(rows, name, relation) for name, relation in tree.items()))


def _read(rows: Sequence[Model], name: str, relation: _Relation) -> Steps[None]:
    key: Any = type(rows[0])._meta.get_field(name)
    if relation.found is None and not key.one_to_many and all(key.is_cached(row) for row in rows):
        known = [each for row in rows if (each := key.get_cached_value(row)) is not None]
        yield from _below(known, relation.below)  # read with the rows, and what it was read with is kept
        return
    manager = key.related_model._default_manager if key.one_to_many else key.related_model._base_manager
    found: QuerySet[Any] = manager.all() if relation.found is None else relation.found
    if key.one_to_many:
        found = found.filter(**{f"{key.field.name}__in": {row.pk for row in rows}})
        read = yield from whole(found, *_selected(found.query.select_related))
        _keep_many(rows, key, read)
    else:
        found = found.filter(pk__in={getattr(row, key.attname) for row in rows} - {None})
        read = yield from whole(found, *_selected(found.query.select_related))
        by_id = {each.pk: each for each in read}
        for row in rows:
            key.set_cached_value(row, by_id.get(getattr(row, key.attname)))
    yield from _below(read, relation.below | _tree(found._prefetch_related_lookups))  # type: ignore[attr-defined]


def _keep_many(rows: Sequence[Model], key: Any, read: Iterable[Model]) -> None:
    """On each row, those that lead to it, in their order; on each of these, the row."""
    by_id: dict[int, list[Model]] = {row.pk: [] for row in rows}
    for each in read:
        by_id[getattr(each, key.field.attname)].append(each)
    for row in rows:
        for each in by_id[row.pk]:
            key.field.set_cached_value(each, row)
        kept = getattr(row, key.get_accessor_name()).get_queryset()
        kept._result_cache, kept._prefetch_done = by_id[row.pk], True
        vars(row).setdefault("_prefetched_objects_cache", {})[key.get_accessor_name()] = kept


def _leading(path: str) -> Iterable[str]:
    """What leads to a related row, and it: « unit », « unit__commune »."""
    return accumulate(path.split("__"), "{}__{}".format)


def _model_at(model: type[Model], path: str) -> type[Model]:
    for name in filter(None, path.split("__")):
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]  # a key, never « self »
    return model


def _made(
    models: dict[str, type[Model]], fields: dict[str, list[str]], beside: list[str], values: Iterator[Any], using: str
) -> Any:
    """The row, then what it is related to, each on the one that leads to it."""
    made: dict[str, Any] = {}
    for path, model in models.items():
        own = list(islice(values, len(fields[path])))
        absent = path and own[fields[path].index(model._meta.pk.attname)] is None
        made[path] = None if absent else model.from_db(using, fields[path], own)
        before, _, name = path.rpartition("__")
        if path and made[before] is not None:
            _keep_one(made[before], name, made[path])
    vars(made[""]).update(zip(beside, values, strict=True))
    return made[""]


def _keep_one(row: Model, name: str, related: Model | None) -> None:
    """As `select_related` does: what leads here by a one-to-one key is known to be absent, and knows the row."""
    key: Any = row._meta.get_field(name)
    key.set_cached_value(row, related)
    if key.one_to_one and related is not None:
        key.remote_field.set_cached_value(related, row)


def rows_of(asked: Asked) -> list[Row]:
    """The rows of one query."""
    (rows,) = _rows([asked])
    return rows


def _rows(asked: Sequence[Asked]) -> list[list[Row]]:
    """The rows of each query: one statement for those of one database, however many times each is asked."""
    parts = [each if isinstance(each, Part) else _part(each) for each in asked]
    found: dict[Part, list[Row]] = {}
    sent = list(dict.fromkeys(part for part in parts if part.sql))
    for using in dict.fromkeys(part.using for part in sent):
        here = [part for part in sent if part.using == using]
        found |= zip(here, _sent(here, using), strict=True)
    return [found.get(part, []) for part in parts]


def _part(asked: QuerySet[Any, Any]) -> Part:
    """The values of its rows are read as Django reads them."""
    compiler = asked.query.get_compiler(asked.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return Part("", ())
    return Part(sql, tuple(params), asked.db, compiler)


def _sent(parts: Sequence[Part], using: str) -> Iterator[list[Row]]:
    """A query alone is sent as it is. Others stand side by side, each row having the values of one of them: a join on
    nothing keeps the type of every column."""
    numbered = [
        f'(SELECT row_number() OVER () AS "part {place}", q.* FROM ({part.sql}) q) p{place}'  # noqa: S608 - of Django
        for place, part in enumerate(parts)
    ]
    beside = f"SELECT * FROM {' FULL JOIN '.join(numbered)}{' ON FALSE' * (len(parts) - 1)}"  # noqa: S608
    with connections[using].cursor() as cursor:
        cursor.execute(beside if len(parts) > 1 else parts[0].sql, [value for part in parts for value in part.params])
        rows = cursor.fetchall()
        named = [column.name for column in cursor.description]
    places = [named.index(f"part {place}") for place in range(len(parts))] if len(parts) > 1 else [-1]
    for part, at, until in zip(parts, places, [*places[1:], None], strict=True):
        own = sorted((row for row in rows if row[at]), key=itemgetter(at)) if at >= 0 else rows
        read = [row[at + 1 : until] for row in own]
        yield list(part.compiler.results_iter([read], tuple_expected=True)) if part.compiler else read
