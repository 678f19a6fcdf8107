"""Statements that Django composes once a process, and not at each request: what a role reads on a day is the same text
for everybody, with other parameters (docs/decisions/0150-composed-for-a-role.md). The query is composed for a stand-in
of the role, as conditions are (`reservations.models.stand_in`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, Func, QuerySet, Value
from django.utils import timezone

from reservations.models import Membership
from reservations.models.stand_in import (
    LANDLORD,
    ORGANISATION,
    TERRITORY,
    USER,
    Role,
    ids_of,
    reading_nothing,
    role_of,
    stand_in,
)
from reservations.models.together import Part, Row, rows_of

#: Numbers that no query has by itself.
GIVEN = 1_999_999_005
#: Part of a second of the moment that stands for now.
MOMENT = 987_651
#: Statements kept: of each role, some of each day.
KEPT = 256


@dataclass(frozen=True, slots=True)
class Statement:
    """What Django made of a query, and where in its parameters a value is given, by name. Empty: it finds nothing."""

    sql: str = ""
    params: tuple[Any, ...] = ()
    places: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any], marks: Mapping[str, object]) -> Statement:
        """Raises LookupError on a mark that is not a parameter by itself, and on a moment that was not given."""
        try:
            sql, params = queryset.query.sql_with_params()
        except EmptyResultSet:
            return cls()
        names = {repr(mark): name for name, mark in marks.items() if mark is not None}
        places = tuple((place, names[repr(value)]) for place, value in enumerate(params) if repr(value) in names)
        written = [sql, *(repr(value) for value in params if repr(value) not in names)]
        digits = [str(number) for number in (USER, ORGANISATION, LANDLORD, TERRITORY, *_numbers(marks))]
        if any(mark in each for each in written for mark in digits):
            raise LookupError(f"a value that is given is written inside another: {sql}")
        if any(isinstance(value, datetime) and repr(value) not in names for value in params):
            raise LookupError(f"a moment is made of the present one: {sql}")
        return cls(sql, tuple(params), places)

    def part(self, given: Mapping[str, object], *, stop: int | None = None) -> Part:
        """The same, of these values. `stop`: so many rows at most."""
        params = list(self.params)
        for place, name in self.places:
            params[place] = given[name]
        limit = () if stop is None or not self.sql else (stop,)
        return Part(self.sql + (" LIMIT %s" if limit else ""), (*params, *limit))


#: `compose(member, now, shape, **given)`: rows of values.
Compose = Callable[..., QuerySet[Any, Any]]


class Composed:
    """A query of values of whoever reads, by role. `shape`: all that changes its text, besides the role and the day;
    `given`: ids, or lists of ids (see `among`), that change none."""

    def __init__(self, compose: Compose) -> None:
        self.compose = compose

    def rows(
        self, member: Membership, now: datetime, shape: Hashable = None, *, stop: int | None = None, **given: object
    ) -> list[Row]:
        """One query, or none."""
        return rows_of(self.part(member, now, shape, stop=stop, **given))

    def part(
        self, member: Membership, now: datetime, shape: Hashable = None, *, stop: int | None = None, **given: object
    ) -> Part:
        """What is sent, to be asked with others."""
        several = tuple((name, isinstance(value, list)) for name, value in sorted(given.items()))
        statement = _composed(self.compose, role_of(member), _mark_of(now), shape, several)
        return statement.part({**ids_of(member), "now": now, **given}, stop=stop)


def among(ids: list[int]) -> Func:
    """For a condition `pk__in=among(ids)`: one parameter, however many they are."""
    return Func(Value(ids), template="(SELECT unnest(%(expressions)s::bigint[]))", output_field=BigIntegerField())


@lru_cache(maxsize=KEPT)
def _composed(
    compose: Compose, role: Role, now: datetime, shape: Hashable, several: tuple[tuple[str, bool], ...]
) -> Statement:
    given: dict[str, object] = {
        name: [GIVEN + place] if is_list else GIVEN + place for place, (name, is_list) in enumerate(several)
    }
    with reading_nothing():
        member = stand_in(*role)
        marks = {**ids_of(member), "now": now, **given}
        return Statement.of(compose(member, now, shape, **given), marks)


def _mark_of(now: datetime) -> datetime:
    """The moment of that day that stands for now: a statement holds for a day."""
    return timezone.make_aware(datetime.combine(timezone.localdate(now), time(12, microsecond=MOMENT)))


def _numbers(marks: Mapping[str, object]) -> Iterator[int]:
    for mark in marks.values():
        yield from (each for each in (mark if isinstance(mark, list) else [mark]) if isinstance(each, int))
