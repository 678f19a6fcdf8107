"""What is read of deadlines.

* From which day a delay of a convention runs for a vacancy.
* The last day of a delay, computed where lists are ordered: in the database, from the calendar kept here.
* The calendar is `reservations.deadlines`, the same as on a sheet: the database receives which days count, and counts
  among them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import (
    Case,
    DateField,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, NullIf, TruncDate
from django.utils import timezone

from flux.models import Routing, Vacancy
from reservations.deadlines import CALENDAR, CLEAR, ENDS_WORKED, WORKING, Days
from reservations.models import Convention

Opening = Convention.Opening


def opened_on(vacancy: Vacancy, opening: str) -> date:
    """The day on which a vacancy enters the flow, as a convention says it: no delay runs before."""
    if opening == Opening.NOTICE:
        return vacancy.notice_on
    if opening == Opening.WORKS:
        return vacancy.works_end_on or vacancy.available_on
    return vacancy.available_on


def opening_day(*, convention: str, vacancy: str = "", outer: bool = False) -> Case:
    """The same where the database counts, the paths leading to the vacancy and to the convention (« vacancy__ »);
    `outer`: the vacancy is the row of the outer query."""
    ref = OuterRef if outer else F
    return Case(
        When(**{f"{convention}opens_on": Opening.NOTICE}, then=ref(f"{vacancy}notice_on")),
        When(
            **{f"{convention}opens_on": Opening.WORKS},
            then=Coalesce(ref(f"{vacancy}works_end_on"), ref(f"{vacancy}available_on")),
        ),
        default=ref(f"{vacancy}available_on"),
        output_field=DateField(),
    )


def proposing_from(routing: Routing) -> date:
    """The day that opens the delay to propose: that from which it runs anew, or that of the routing, never before the
    flow is open. No query under « congé reçu »: a notice is received before its unit is routed."""
    if routing.clock_from is not None:
        return routing.clock_from
    routed_on = timezone.localdate(routing.routed_at)
    if routing.convention is None or routing.convention.opens_on == Opening.NOTICE:
        return routed_on
    return max(routed_on, opened_on(routing.vacancy, routing.convention.opens_on))


def proposing_day() -> Coalesce:
    """The same where the database counts, of the outer routing."""
    opening = opening_day(convention="convention__", vacancy="vacancy__")
    return Coalesce("clock_from", Greatest(TruncDate("routed_at"), opening))


#: How far the calendar goes, before and after today: a delay counts a few weeks. Bits go by four.
BEFORE, AFTER = timedelta(days=1100), timedelta(days=400)


#: The days that count, in order: from a first one, and a bit for each.
_CALENDAR = (
    "(SELECT array_agg(d.first + i ORDER BY i) FROM (SELECT %s::date, %s::varbit) d(first, flags), "
    "generate_series(0, length(d.flags) - 1) i WHERE get_bit(d.flags, i) = 1)"
)
#: Every calendar is written once, and made once a statement when a row asks for it; what a delay is counted from is
#: computed once a row: `OFFSET 0` keeps PostgreSQL from writing it again wherever it is named.
_LAST_DAY = f"""(SELECT CASE
    WHEN y.unit = '{WORKING}' THEN y.worked[width_bucket(y.since, y.worked) + y.count]
    WHEN y.unit = '{CALENDAR}' THEN y.reached
    WHEN y.unit IN ('{ENDS_WORKED[0]}', '{ENDS_WORKED[1]}') THEN y.worked[width_bucket(y.reached - 1, y.worked) + 1]
END FROM (
    SELECT x.unit, x.since, x.count, x.worked, CASE
        WHEN x.suspended THEN x.held[width_bucket(x.since, x.held) + x.clear] ELSE x.since + x.clear
    END AS reached FROM (
        SELECT w.*, w.count + CASE WHEN w.unit = '{CLEAR}' THEN 1 ELSE 0 END AS clear, CASE
            WHEN w.suspended THEN {_CALENDAR}
        END AS held, CASE
            WHEN w.suspended AND w.local THEN {_CALENDAR} WHEN w.suspended THEN {_CALENDAR}
            WHEN w.local THEN {_CALENDAR} ELSE {_CALENDAR}
        END AS worked FROM (
            SELECT (%s)::date, (%s)::integer, %s, %s, %s OFFSET 0
        ) w (since, count, unit, suspended, local) OFFSET 0
    ) x OFFSET 0
) y)"""  # noqa: S608 - our own codes
#: In the order of the statement.
_CALENDARS = (
    Days(CALENDAR, august=False),
    *(Days(WORKING, local=local, august=august) for august in (False, True) for local in (True, False)),
)


class LastDay(Func):
    """`LastDay(since, count, unit, suspended, local)`, with the calendar from its `first` day on; null past its end."""

    output_field = DateField()

    def __init__(self, *read: Any, first: date) -> None:
        super().__init__(*read, first=first)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        compiled = [compiler.compile(each) for each in self.source_expressions]
        first = self.extra["first"]
        days = [part for each in _CALENDARS for part in (first, _flags(first, each))]
        read, given = zip(*compiled, strict=True)
        marks = "%s", "%s"
        sql = _LAST_DAY % (*marks * len(_CALENDARS), *read)
        return sql, (*days, *(value for values in given for value in values))


@lru_cache(maxsize=16)
def _flags(first: date, days: Days) -> str:
    """Which days count from the first one on, as PostgreSQL reads bits."""
    number = (BEFORE + AFTER).days
    bits = "".join("1" if days.counts(first + timedelta(n)) else "0" for n in range(number))
    return f"x{int(bits, 2):0{number // 4}x}"


def last_day_of(since: Any, count: Any, *, today: date, convention: str) -> LastDay:
    """As `reservations.deadlines.last_day`, `convention` being the path to the one that says how days are counted."""
    rows = (F(f"{convention}{name}") for name in ("day_unit", "august_suspended", "local_holidays"))
    return LastDay(since, count, *rows, first=today - BEFORE)


def answer_due(*, today: date) -> Subquery:
    """Of the outer vacancy: the last day to send candidates, as `flux.queries.returns.clock` states it; null when it
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
