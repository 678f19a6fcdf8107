"""The last day of a delay, computed where lists are ordered: in the database, from the calendar kept here.

The calendar is `reservations.deadlines`, the same as on a sheet: the database receives which days count, and counts
among them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import (
    Case,
    DateField,
    Expression,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import NullIf

from flux.models import Routing, Vacancy
from flux.queries.delays import proposing_day
from reservations.deadlines import CALENDAR, CLEAR, ENDS_WORKED, WORKING, Days

#: How far the calendar goes, before and after today: a delay counts a few weeks.
BEFORE, AFTER = timedelta(days=1100), timedelta(days=400)


class Calendar(Func):
    """The days around today that count, in order: made once a statement, and only when a row asks for them."""

    template = (
        "(SELECT array_agg(d.first + i ORDER BY i) FROM (SELECT %(expressions)s) d(first, flags), "
        "generate_series(0, length(d.flags) - 1) i WHERE get_bit(d.flags, i) = 1)"
    )

    def __init__(self, first: date, flags: str) -> None:
        super().__init__(_Cast(Value(first), "date"), _Cast(Value(flags), "varbit"), output_field=DateField())


class _Cast(Func):
    template = "%(expressions)s::%(kind)s"

    def __init__(self, value: Value, kind: str) -> None:
        super().__init__(value, kind=kind, output_field=DateField())


class Nth(Func):
    """`Nth(calendar, since, count)`: the `count`-th day of a calendar after `since`; null past it."""

    output_field = DateField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        (calendar, asked), (since, start), (count, number) = map(compiler.compile, self.source_expressions)
        return f"({calendar})[width_bucket({since}, {calendar}) + {count}]", (*asked, *start, *asked, *number)


class Later(Func):
    """`Later(since, count)`: so many days later."""

    template, arg_joiner, output_field = "(%(expressions)s)", " + ", DateField()


@lru_cache(maxsize=16)
def _flags(first: date, days: Days, *, ends: bool) -> str:
    """Which days count from the first one on; `ends`: those on which a delay may end."""
    holds = days.may_end_on if ends else days.counts
    return "".join("1" if holds(first + timedelta(n)) else "0" for n in range((BEFORE + AFTER).days))


def last_day_of(since: Any, count: Any, *, today: date, convention: str) -> Case:
    """As `reservations.deadlines.last_day`, `convention` being the path to the one that says how days are counted."""
    first = today - BEFORE

    def counted(since: Any, count: Any, days: Days, *, ends: bool = False) -> Expression:
        return Nth(Calendar(first, _flags(first, days, ends=ends)), since, count)

    def worked(day: Any, days: Days) -> Expression:
        return counted(Later(day, Value(-1)), Value(1), days, ends=True)

    def when(units: Any, then: Any, **said: bool) -> When:
        terms = {f"{convention}{name}": value for name, value in said.items()}
        return When(Q(**{f"{convention}day_unit__in": units}, **terms), then=then)

    more = Case(When(**{f"{convention}day_unit": CLEAR}, then=Value(1)), default=Value(0))
    clear = Later(count, more)
    branches = []
    for suspended in (False, True):
        any_day = Days(CALENDAR, august=not suspended)
        for local in (False, True):
            said = {"august_suspended": suspended, "local_holidays": local}
            worked_days = Days(WORKING, local=local, august=not suspended)
            end = counted(since, clear, any_day) if suspended else Later(since, clear)
            branches.append(when([WORKING], counted(since, count, worked_days), **said))
            branches.append(when(ENDS_WORKED, worked(end, Days(CLEAR, local=local, august=not suspended)), **said))
        end = counted(since, count, any_day) if suspended else Later(since, count)
        branches.append(when([CALENDAR], end, august_suspended=suspended))
    return Case(*branches, output_field=DateField())


def answer_due(*, today: date) -> Subquery:
    """Of the outer vacancy: the last day to send candidates, as `flux.queries.returning.clock` tells it; null when it
    is routed to nobody, or when its convention settles no delay."""
    routings: QuerySet[Any] = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)
    dated = with_answer_due(routings, today=today)
    return Subquery(dated.order_by("pk").values("due")[:1], output_field=DateField())


def with_answer_due[Rows: QuerySet[Any]](routings: Rows, *, today: date) -> Rows:
    """Annotate the same day on open routings themselves, `due`."""
    delay = Case(
        When(clock_from__isnull=False, then=F("convention__new_candidates_days")),
        When(vacancy__kind=Vacancy.Kind.FIRST_LETTING, then=F("convention__first_letting_days")),
        default=F("convention__proposal_days"),
        output_field=IntegerField(),
    )
    counted = routings.alias(opened=proposing_day(), days=NullIf(delay, Value(0)) + F("clock_held"))
    until = last_day_of(F("opened"), F("days"), today=today, convention="convention__")
    annotated: Rows = counted.annotate(due=until)
    return annotated
