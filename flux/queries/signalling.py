"""When a landlord had to tell a holder that a unit comes to it, and when it did (CCH, L441-1; arrêté of 10 March 2011,
article 1, 4°).

A unit is told by being routed: its holder then reads all of it. The delay runs from what opens the flow, under the
convention that the routing applied; of a unit that was given back, from that day. As long as it goes to nobody, the
shortest delay of those in force where it is holds: nobody knows yet whose it will be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone

from flux.models import Routing, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.queries.delays import opened_on, opening_day
from flux.queries.due import last_day_of
from reservations.deadlines import last_day
from reservations.models import Convention, Membership, Pause


@dataclass(frozen=True, slots=True)
class Signal:
    """A unit was to be told by the end of `due`, `days` of those of its convention (`unit`) after `since`, and was on
    `told_on`."""

    days: int
    unit: str
    since: date
    due: date
    told_on: date

    @property
    def late(self) -> bool:
        """Told once its last day was over."""
        return self.told_on > self.due


def signal_of(routing: Routing, others: Iterable[Routing]) -> Signal | None:
    """When the unit of a routing was told, beside when it had to be; None where no delay was agreed, or where it was
    not routed by the rule of the flow. `others`: the routings of its vacancy. No query when the convention is fetched.
    """
    vacancy, convention = routing.vacancy, routing.convention
    if convention is None or convention.signal_days is None or vacancy.kind != Vacancy.Kind.IN_FLOW or vacancy.is_past:
        return None
    back = [timezone.localdate(each.closed_at) for each in others if each.pk < routing.pk and each.closed_at]
    since = max([opened_on(vacancy, convention.opens_on), *back])
    due = last_day(since, convention.signal_days, convention.days)
    return Signal(convention.signal_days, convention.day_unit, since, due, timezone.localdate(routing.routed_at))


def told(*, today: date) -> QuerySet[Routing]:
    """Routings of the flow under a delay to tell, with the day of each (`told_on`) and its last day (`due`)."""
    earlier = Routing.objects.filter(vacancy=OuterRef("vacancy"), pk__lt=OuterRef("pk")).order_by("-pk")
    back = Subquery(earlier.annotate(on=TruncDate("closed_at")).values("on")[:1])
    opening = opening_day(convention="convention__", vacancy="vacancy__")
    return (
        Routing.objects.filter(
            convention__signal_days__isnull=False,
            vacancy__kind=Vacancy.Kind.IN_FLOW,
            vacancy__source=Vacancy.Source.HERE,
            vacancy__cancelled_at=None,
        )
        .annotate(told_on=TruncDate("routed_at"), since=Greatest(opening, back))
        .annotate(due=last_day_of(F("since"), F("convention__signal_days"), today=today, convention="convention__"))
    )


def told_late(*, today: date) -> QuerySet[Routing]:
    """Those told once their last day was over."""
    return told(today=today).filter(Q(told_on__gt=F("due")))


def with_signal_due(vacancies: VacancyQuerySet, *, today: date) -> VacancyQuerySet:
    """Annotate `signal_due`: the last day to tell a vacancy that goes to nobody, null where no delay is agreed; none
    runs under a convention suspended on its day."""
    back = Routing.objects.filter(vacancy=OuterRef("pk")).order_by("-pk")
    on = Coalesce(OuterRef("covered_on"), OuterRef("registered_on"))
    day = Coalesce(OuterRef(OuterRef("covered_on")), OuterRef(OuterRef("registered_on")))
    paused = Pause.objects.agreed().filter(convention=OuterRef("pk"), starts_on__lte=day, ends_on__gte=day)
    there = (
        Convention.objects.binding()
        .covering("commune")
        .filter(landlord=OuterRef("landlord"), starts_on__lte=on, ends_on__gte=on, signal_days__isnull=False)
        .exclude(Exists(paused))
        .annotate(since=Greatest(opening_day(convention="", outer=True), OuterRef("back_on")))
        .annotate(due=last_day_of(F("since"), F("signal_days"), today=today, convention=""))
    )
    back_on = Subquery(back.annotate(on=TruncDate("closed_at")).values("on")[:1])
    return vacancies.annotate(back_on=back_on).annotate(signal_due=Subquery(there.order_by("due").values("due")[:1]))


def to_tell(vacancies: VacancyQuerySet, *, today: date) -> VacancyQuerySet:
    """Of these, those of the flow that go to nobody yet and whose last day to be told is over."""
    waiting = vacancies.to_decide().filter(source=Vacancy.Source.HERE)
    return with_signal_due(waiting, today=today).filter(Q(signal_due__lt=today))


def late(vacancies: QuerySet[Vacancy], member: Membership, *, today: date) -> QuerySet[Vacancy]:
    """Of these, those that were told once the last day was over, and, to their landlord, those that still are not."""
    mine = theirs(told_late(today=today), member)
    asked = Q(Exists(mine.filter(vacancy=OuterRef("pk"))))
    if member.landlord is not None:
        waiting = to_tell(Vacancy.objects.filter(landlord=member.landlord), today=today)
        asked |= Q(pk__in=waiting.order_by().values("pk"))
    return vacancies.filter(asked)


def theirs(routings: QuerySet[Routing], member: Membership) -> QuerySet[Routing]:
    """Of these routings, those of a landlord's own units, or those that came to a holder or to whom acts for it."""
    if member.landlord is not None:
        return routings.filter(vacancy__landlord=member.landlord)
    return routings.filter(Q(holder__organisation=member.organisation_id) | Q(acting=member.organisation_id))


def late_and_told(vacancies: QuerySet[Vacancy], member: Membership, *, today: date) -> tuple[int, int]:
    """Of these vacancies, how many routings of this person's were told late, and under a delay at all. One query."""
    mine = theirs(told(today=today).filter(vacancy__in=vacancies.order_by().values("pk")), member)
    counted = mine.aggregate(late=Count("pk", filter=Q(told_on__gt=F("due"))), told=Count("pk"))
    return counted["late"], counted["told"]
