"""What several parts of a page read is read once a request (docs/decisions/0155-no-page-asks-twice.md).

Only inside a request that reads (GET, HEAD), whose person does not change: an act, a task and a command ask again,
for what they read may have changed since. What is kept is forgotten with the answer, and rows are shared by
whoever asks the same: they are not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from functools import wraps
from inspect import Signature, signature
from typing import Any, cast

from django.db.models import Model

from reservations.models.together import Steps, Stepwise, by_itself, stepwise, whole

#: By what was asked; None outside a request that reads.
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def reading(*, is_safe: bool) -> Iterator[None]:
    """Inside, each reading that is declared `once_a_request` is made once, where the request is a safe one."""
    before = _kept.set({} if is_safe else None)
    try:
        yield
    finally:
        _kept.reset(before)


def once_a_request[**P, T](read: Callable[P, T]) -> Callable[P, T]:
    """A reading whose answer depends on nothing but what it is given; collections are compared by what they hold."""
    shape = signature(read)

    @wraps(read)
    def kept(*arguments: P.args, **named: P.kwargs) -> T:
        known = _kept.get()
        if known is None:
            return read(*arguments, **named)
        key = _key_of(read, shape, arguments, named)
        if key not in known:
            known[key] = read(*arguments, **named)
        return cast("T", copy(found) if isinstance(found := known[key], (list, dict, set)) else found)

    return kept


def once_in_steps[**P, T](read: Callable[P, Steps[T]]) -> Stepwise[P, T]:
    """The same, of a reading by steps."""
    shape = signature(read)

    @stepwise
    @wraps(read)
    def kept(*arguments: P.args, **named: P.kwargs) -> Steps[T]:
        known, key = _kept.get(), _key_of(read, shape, arguments, named)
        if known is None:
            return (yield from read(*arguments, **named))
        if key not in known:
            known[key] = yield from read(*arguments, **named)
        return cast("T", copy(found) if isinstance(found := known[key], (list, dict, set)) else found)

    return kept


def _key_of(read: Any, shape: Signature, arguments: Any, named: Any) -> Hashable:
    given = shape.bind(*arguments, **named)
    given.apply_defaults()
    return read, tuple((name, _comparable(value)) for name, value in given.arguments.items())


def by_id[M: Model](model: type[M], ids: Iterable[int], *related: str) -> dict[int, M]:
    """Rows by their id, with what is `related`: inside a request that reads, those that nobody asked for yet are read,
    and no other. One query, none where all are known."""
    return by_itself(by_id_steps(model, ids, *related))


def by_id_steps[M: Model](model: type[M], ids: Iterable[int], *related: str) -> Steps[dict[int, M]]:
    """The same, to be read with what does not wait for it."""

    def read(missing: set[int]) -> Steps[dict[int, M]]:
        found = yield from whole(model._default_manager.filter(pk__in=missing), *related)
        return {each.pk: each for each in found}

    return missing_alone((model, related), ids, read)


def missing_alone[M](
    key: Hashable, ids: Iterable[int], read: Callable[[set[int]], Steps[dict[int, M]]]
) -> Steps[dict[int, M]]:
    """What is read of these ids: of those that nobody asked for yet under this key, where the request reads."""
    wanted, known = set(ids), _kept.get()
    rows: dict[int, M] = {} if known is None else known.setdefault(key, {})
    if missing := wanted - rows.keys():
        rows |= yield from read(missing)
    return {pk: rows[pk] for pk in sorted(wanted) if pk in rows}


@dataclass(frozen=True, slots=True, eq=False)
class _Itself:
    """Holds its row, so that no other takes its place in memory."""

    row: Model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.row is self.row

    def __hash__(self) -> int:
        return id(self.row)


def _comparable(value: object) -> Hashable:
    """What two equal values have in common; a collection in the order in which it is read, a set in none. A row that is
    not saved, as the membership that a token stands for, is equal to itself alone.

    Raises TypeError on what can be read only once.
    """
    if isinstance(value, Model) and value.pk is None:
        return _Itself(value)
    if isinstance(value, Iterator) or not (isinstance(value, (Hashable, Collection))):
        raise TypeError(f"{type(value).__name__} is not compared: give a list or a set")
    if isinstance(value, Collection) and not isinstance(value, (str, bytes)):
        held = value.items() if isinstance(value, Mapping) else value
        return (frozenset if isinstance(value, Set) else tuple)(map(_comparable, held))
    return value
