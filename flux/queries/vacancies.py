"""What is read of vacancies.

* Vacancies as lists show them: where each went.
* When a landlord had to state a holder that a unit comes to it, and when it did (CCH, L441-1; arrêté of 10 March 2011,
  article 1, 4°).
* A unit is notified by being routed: its holder then reads all of it. The delay runs from what opens the flow, under
  the convention that the routing applied; of a unit that was given back, from that day. As long as it goes to nobody,
  the shortest delay of those in force where it is holds: nobody knows yet whose it will be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone

from flux.delegating import revoked
from flux.models import ExpectedHolder, Recommendation, Return, Routing, Unit, Vacancy
from flux.models.vacancy import OPEN, VacancyQuerySet
from flux.queries.deadlines import last_day_of, opened_on, opening_day
from flux.queries.first_letting import outcome_stands
from flux.queries.recommendations import RankingPlace, places
from flux.queries.returns import Clock, clock, since_works
from reservations.deadlines import last_day
from reservations.models import Convention, Membership, Organisation, Pause, ReservationHolder
from reservations.models.together import Steps, read_whole, stepwise


@dataclass(frozen=True, slots=True)
class Signal:
    """A unit was to be notified by the end of `due`, `days` of those of its convention (`unit`) after `since`, and was
    on `told_on`."""

    days: int
    unit: str
    since: date
    due: date
    told_on: date

    @property
    def late(self) -> bool:
        """Reported once its last day was over."""
        return self.told_on > self.due


def signal_of(routing: Routing, others: Iterable[Routing]) -> Signal | None:
    """When the unit of a routing was notified, beside when it had to be; None where no delay was agreed, or where it
    was not routed by the rule of the flow. `others`: the routings of its vacancy. No query when the convention is
    fetched."""
    vacancy, convention = routing.vacancy, routing.convention
    if convention is None or convention.signal_days is None or vacancy.kind != Vacancy.Kind.IN_FLOW or vacancy.is_past:
        return None
    back = [timezone.localdate(each.closed_at) for each in others if each.pk < routing.pk and each.closed_at]
    since = max([opened_on(vacancy, convention.opens_on), *back])
    due = last_day(since, convention.signal_days, convention.days)
    return Signal(convention.signal_days, convention.day_unit, since, due, timezone.localdate(routing.routed_at))


def signalled(*, today: date) -> QuerySet[Routing]:
    """Routings of the flow under a delay to state, with the day of each (`told_on`) and its last day (`due`)."""
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


def signalled_late(*, today: date) -> QuerySet[Routing]:
    """Those notified once their last day was over."""
    return signalled(today=today).filter(Q(told_on__gt=F("due")))


def with_signal_due(vacancies: VacancyQuerySet, *, today: date) -> VacancyQuerySet:
    """Annotate `signal_due`: the last day to state a vacancy that goes to nobody, null where no delay is agreed; none
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
    """Of these, those of the flow that go to nobody yet and whose last day to be notified is over."""
    waiting = vacancies.to_decide().filter(source=Vacancy.Source.HERE)
    return with_signal_due(waiting, today=today).filter(Q(signal_due__lt=today))


def late(vacancies: QuerySet[Vacancy], member: Membership, *, today: date) -> QuerySet[Vacancy]:
    """Of these, those that were notified once the last day was over, and, to their landlord, those that still are
    not."""
    mine = theirs(signalled_late(today=today), member)
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


def late_and_signalled(vacancies: QuerySet[Vacancy], member: Membership, *, today: date) -> tuple[int, int]:
    """Of these vacancies, how many routings of this person's were notified late, and under a delay at all. One
    query."""
    mine = theirs(signalled(today=today).filter(vacancy__in=vacancies.order_by().values("pk")), member)
    counted = mine.aggregate(late=Count("pk", filter=Q(told_on__gt=F("due"))), signalled=Count("pk"))
    return counted["late"], counted["signalled"]


#: Of a recommendation, the places of the ranking and what they were made from: most of what is read.
PLACES_READ = ("ranking", "situation", "plan")


def routed_now() -> Exists:
    """Condition on vacancies: an open routing, whatever became of those before. What a list of routed units shows, and
    what a figure that leads to it counts: an account counts a unit again after a return that uses a turn."""
    return Exists(Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None))


@dataclass(frozen=True, slots=True)
class VacancyRow:
    """One line. `file_open`: may the reader know the address? `ours`: the reader's own places in the ranking, when
    the unit was recommended to somebody else. `is_out`: its last return took it out of the flow. `returns`: who gave it
    back before. `clock`: what its holder has to do, for those who open the file, until the unit is allocated; `signal`:
    when it was notified, and had to be. `acting`: who proposes in the place of the holder, or did until it was
    allocated; not a delegate that is one no longer (a file, read `for_many`, states it as it was routed)."""

    vacancy: Vacancy
    file_open: bool
    recommendation: Recommendation | None
    routing: Routing | None
    returns: tuple[Return, ...] = ()
    clock: Clock | None = None
    signal: Signal | None = None
    ours: tuple[RankingPlace, ...] = ()
    is_out: bool = False
    acting: Organisation | None = None

    @property
    def since(self) -> datetime:
        """Since when it stands so."""
        if self.vacancy.cancelled_at is not None:
            return self.vacancy.cancelled_at
        if self.routing is not None:
            return self.routing.routed_at
        if self.is_out:
            return self.returns[-1].returned_at
        return self.recommendation.recorded_at if self.recommendation else self.vacancy.registered_at

    @property
    def expected(self) -> ExpectedHolder | None:
        """Where it would go, while it waits for other departures to be known."""
        return expected(self.vacancy) if self.recommendation is None and not self.is_cancelled else None

    @property
    def is_cancelled(self) -> bool:
        """Cancelled since: on the page of its unit only."""
        return self.vacancy.is_cancelled

    @property
    def destination(self) -> ReservationHolder | None:
        """Who has it, or who waits for it to be confirmed."""
        if self.routing:
            return self.routing.holder
        gone = self.is_out or self.is_cancelled
        return self.recommendation.holder if self.recommendation and not gone else None

    @property
    def overridden(self) -> bool:
        """True when a person chose another destination than the rule's, or changed it since."""
        return bool(self.routing and self.routing.motive)


def expected(vacancy: Vacancy) -> ExpectedHolder | None:
    """The forecast of a vacancy `with_destinations` that is not decided; None when it has none. No query."""
    found: ExpectedHolder | None = getattr(vacancy, "expected", None)
    return found


def _done(vacancies: QuerySet[Vacancy]) -> Exists | Case:
    """Condition: an outcome stands, which is looked for where the reader opens the file (`with_file_access`)."""
    if "file_open" not in vacancies.query.annotations:
        return outcome_stands()
    return Case(When(file_open=True, then=outcome_stands()), default=Value(False))


def with_destinations(vacancies: QuerySet[Vacancy], *, rankings: bool = True) -> QuerySet[Vacancy]:
    """Fetch with each vacancy its unit, its forecast, its recommendations, its routings and its returns: three queries
    in all. A list that shows no place of the ranking does without `rankings`, which are most of what is read."""
    recommendations = Recommendation.objects.select_related("holder__organisation", "ledger").order_by("attempt")
    if not rankings:
        recommendations = recommendations.defer(*PLACES_READ)
    over = Case(When(revoked(timezone.localdate()), then=Value(value=True)), default=Value(value=False))
    routings = Routing.objects.annotate(delegate_over=over).select_related(
        "holder__organisation", "routed_by", "convention", "acting", "given_back__returned_by"
    )
    return (
        vacancies.annotate(is_done=_done(vacancies))
        .select_related(
            "unit__commune",
            "unit__programme",
            "unit__landlord__organisation",
            "registered_by",
            "expected__holder__organisation",
        )
        .prefetch_related(Prefetch("recommendations", recommendations), Prefetch("routings", routings.order_by("pk")))
    )


#: Where lists of a vacancy that is read `for_many` are, by the name of their relation.
MANY = {"recommendations": "read_recommendations", "routings": "read_routings"}


def for_many(vacancies: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
    """The same, without the places of the ranking, for thousands of lines: what many vacancies share (their
    commune, their landlord, their holder, their convention) is read once for all those that are read together; and what
    Django would make a query set of, for each of them, are plain lists (`MANY`)."""
    recommendations = Recommendation.objects.defer(*PLACES_READ).order_by("attempt")
    routings = Routing.objects.select_related("given_back").order_by("pk")
    return (
        vacancies.annotate(is_done=_done(vacancies))
        .select_related("unit", "expected")
        .prefetch_related(
            "unit__commune",
            "unit__landlord__organisation",
            "expected__holder__organisation",
            Prefetch("recommendations", recommendations, to_attr=MANY["recommendations"]),
            f"{MANY['recommendations']}__holder__organisation",
            Prefetch("routings", routings, to_attr=MANY["routings"]),
            *(f"{MANY['routings']}__{path}" for path in ("holder__organisation", "convention", "acting")),
            f"{MANY['routings']}__given_back__returned_by",
        )
    )


def _prefetched(vacancy: Vacancy) -> Vacancy:
    """One that was read `for_many` is read as any other: its lists are what Django would have kept."""
    if MANY["routings"] in vars(vacancy):
        kept = {name: getattr(vacancy, listed) for name, listed in MANY.items()}
        vars(vacancy).setdefault("_prefetched_objects_cache", {}).update(kept)
    return vacancy


@stepwise
def read_destinations(vacancies: QuerySet[Vacancy], *, rankings: bool = True) -> Steps[list[Vacancy]]:
    """Vacancies `with_destinations`, in their order. Two steps."""
    return (yield from read_whole(with_destinations(vacancies, rankings=rankings)))


def rows(vacancies: Iterable[Vacancy], *, member: Membership, today: date, rankings: bool = True) -> list[VacancyRow]:
    """Lines for a reader, from vacancies `with_destinations` and `with_file_access`. No query beside theirs; one for a
    holder, whose own places are read in the `rankings`."""
    reads_places = rankings and member.is_holder
    own = {each.pk for each in member.organisation.held} if reads_places else set()
    return [_row(_prefetched(each), own, done=vars(each)["is_done"], today=today) for each in vacancies]


def declared_over(unit: Unit, notice_on: date, available_on: date) -> Vacancy | None:
    """The vacancy of this unit whose dates meet these: why it cannot be declared twice."""
    return Vacancy.objects.filter(unit=unit, notice_on__lte=available_on, available_on__gte=notice_on).first()


def going_on(*, on: date) -> QuerySet[Vacancy]:
    """The departures that a new declaration of their unit would double, on a day: not free yet, or open. One of a unit
    at most: its latest."""
    later = Vacancy.objects.filter(unit=OuterRef("unit"), available_on__gt=OuterRef("available_on"))
    return Vacancy.objects.filter(~Exists(later), Q(available_on__gte=on) | OPEN).order_by("pk")


def with_declared(units: QuerySet[Unit], *, on: date) -> QuerySet[Unit]:
    """Annotate `declared`: the id of its departure that is going on, None when there is none."""
    return units.annotate(declared=Subquery(going_on(on=on).filter(unit=OuterRef("pk")).values("pk")[:1]))


def latest_routing(vacancy: Vacancy) -> tuple[Recommendation | None, Routing | None]:
    """What was recommended last, and the routing that is open now, of a vacancy `with_destinations`. No query."""
    recommendation = max(vacancy.recommendations.all(), key=lambda recommendation: recommendation.attempt, default=None)
    return recommendation, next((routing for routing in vacancy.routings.all() if routing.closed_at is None), None)


def returns(vacancy: Vacancy) -> tuple[Return, ...]:
    """The returns of a vacancy `with_destinations`, in order. No query."""
    return tuple(routing.given_back for routing in vacancy.routings.all() if hasattr(routing, "given_back"))


def returned_by(vacancy: Vacancy) -> frozenset[int]:
    """Ids of the holders who gave a vacancy `with_destinations` back; not the landlord, when a commune gave back what
    it proposed for on its part. No query."""
    given_back = since_works(vacancy.routings.all())
    return frozenset(given.routing.holder_id for given in given_back if not given.routing.on_landlords_part)


def left_the_flow(vacancy: Vacancy) -> bool:
    """Did the last return of a vacancy `with_destinations` take it out of the flow? No query."""
    return _left(*latest_routing(vacancy), vacancy.routings.all())


def _left(recommendation: Recommendation | None, routing: Routing | None, routings: Iterable[Routing]) -> bool:
    if routing is not None or recommendation is None:
        return False
    return any(closed.recommendation_id == recommendation.pk for closed in routings)


def _row(vacancy: Vacancy, own: Collection[int], *, done: bool, today: date) -> VacancyRow:
    recommendation, routing = latest_routing(vacancy)
    routings = vacancy.routings.all()
    asked = signal = None
    if routing is not None and vacancy.file_open:
        asked = None if done else clock(routing, vacancy.kind, today=today)
        signal = signal_of(routing, routings)
    out = _left(recommendation, routing, routings)
    acting = routing.acting if routing is not None and (done or not vars(routing).get("delegate_over")) else None
    row = VacancyRow(
        vacancy, vacancy.file_open, recommendation, routing, returns(vacancy), asked, signal, is_out=out, acting=acting
    )
    if not own or recommendation is None or row.is_cancelled or (row.destination and row.destination.pk in own):
        return row
    return replace(row, ours=tuple(places(recommendation, own, returned_by(vacancy))))
