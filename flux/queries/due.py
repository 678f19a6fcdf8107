"""The last day to send candidates, computed where lists are ordered: in the database, from the calendar kept here.

The calendar is `flux.deadlines`, the same as on a sheet: the database receives its working days, and counts among them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, DateField, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf, TruncDate

from flux.deadlines import is_working
from flux.models import Routing, Vacancy

#: How far the calendar goes, before and after today: a delay counts a few weeks.
BEFORE, AFTER = timedelta(days=1100), timedelta(days=400)


class NthWorkingDay(Func):
    """`NthWorkingDay(calendar, since, days)`: the `days`-th working day after `since`; null past the calendar."""

    template = "(%(calendar)s)[width_bucket(%(since)s, %(calendar)s) + %(days)s]"
    output_field = DateField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        (calendar, asked), (since, start), (days, count) = map(compiler.compile, self.source_expressions)
        sql = self.template % {"calendar": calendar, "since": since, "days": days}
        return sql, (*asked, *start, *asked, *count)


def calendar(today: date, *, local: bool) -> Value:
    """The working days around today, in order."""
    first, length = today - BEFORE, (BEFORE + AFTER).days
    days = [day for n in range(length) if is_working(day := first + timedelta(n), local=local)]
    return Value(days, ArrayField(DateField()))


def answer_due(*, today: date, vacancy: str = "pk") -> Subquery:
    """Of the outer vacancy, or of the one that the outer row names by `vacancy`: the last day to send candidates, as
    `flux.queries.returning.clock` tells it; null when it is routed to nobody, or when its convention settles no delay.
    """
    routings: QuerySet[Routing] = Routing.objects.filter(vacancy=OuterRef(vacancy), closed_at=None)
    delay = Case(
        When(clock_from__isnull=False, then=F("convention__new_candidates_days")),
        When(vacancy__kind=Vacancy.Kind.FIRST_LETTING, then=F("convention__first_letting_days")),
        default=F("convention__proposal_days"),
        output_field=IntegerField(),
    )
    counted = routings.annotate(
        since=Coalesce("clock_from", TruncDate("routed_at")), days=NullIf(delay, Value(0)) + F("clock_held")
    )
    until = Case(
        When(
            Q(convention__local_holidays=True),
            then=NthWorkingDay(calendar(today, local=True), F("since"), F("days")),
        ),
        default=NthWorkingDay(calendar(today, local=False), F("since"), F("days")),
        output_field=DateField(),
    )
    return Subquery(counted.annotate(until=until).order_by("pk").values("until")[:1], output_field=DateField())
