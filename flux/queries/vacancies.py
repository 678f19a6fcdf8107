"""Vacancies as lists show them: where each went."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from flux.models import ExpectedHolder, Recommendation, Return, Routing, Unit, Vacancy
from flux.models.vacancy import OPEN
from flux.queries.outcome import outcomes
from flux.queries.ranking import RankingPlace, places
from flux.queries.returning import Clock, clock, since_works
from flux.queries.signalling import Signal, signal_of
from reservations.models import Membership, ReservationHolder

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
    back before. `clock`: what its holder has to
    do, for those who open the file, until the unit is allocated; `signal`: when it was told, and had to be."""

    vacancy: Vacancy
    file_open: bool
    recommendation: Recommendation | None
    routing: Routing | None
    returns: tuple[Return, ...] = ()
    clock: Clock | None = None
    signal: Signal | None = None
    ours: tuple[RankingPlace, ...] = ()
    is_out: bool = False

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


def with_destinations(vacancies: QuerySet[Vacancy], *, rankings: bool = True) -> QuerySet[Vacancy]:
    """Fetch with each vacancy its unit, its forecast, its recommendations, its routings and its returns: three queries
    in all. A list that shows no place of the ranking does without `rankings`, which are most of what is read."""
    recommendations = Recommendation.objects.select_related("holder__organisation", "ledger").order_by("attempt")
    if not rankings:
        recommendations = recommendations.defer(*PLACES_READ)
    routings = Routing.objects.select_related(
        "holder__organisation", "routed_by", "convention", "acting", "given_back__returned_by"
    )
    return vacancies.select_related(
        "unit__commune",
        "unit__programme",
        "unit__landlord__organisation",
        "registered_by",
        "expected__holder__organisation",
    ).prefetch_related(Prefetch("recommendations", recommendations), Prefetch("routings", routings.order_by("pk")))


def for_many(vacancies: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
    """The same, without the places of the ranking, for thousands of lines: what many vacancies share (their
    commune, their landlord, their holder, their convention) is read once for all those that are read together."""
    recommendations = Recommendation.objects.defer(*PLACES_READ).order_by("attempt")
    routings = Routing.objects.select_related("given_back").order_by("pk")
    return vacancies.select_related("unit", "expected").prefetch_related(
        "unit__commune",
        "unit__landlord__organisation",
        "expected__holder__organisation",
        Prefetch("recommendations", recommendations),
        "recommendations__holder__organisation",
        Prefetch("routings", routings),
        "routings__holder__organisation",
        "routings__convention",
        "routings__acting",
        "routings__given_back__returned_by",
    )


def rows(vacancies: Iterable[Vacancy], *, member: Membership, today: date, rankings: bool = True) -> list[VacancyRow]:
    """Lines for a reader, from vacancies `with_destinations` and `with_file_access`. One query, two for a holder, whose
    own places are read in the `rankings`."""
    reads_places = rankings and member.is_holder
    own = set(member.organisation.contingents.values_list("pk", flat=True)) if reads_places else set()
    read = list(vacancies)
    done = outcomes(vacancy for vacancy in read if vacancy.file_open and standing(vacancy)[1])
    return [_row(vacancy, own, done=vacancy.pk in done, today=today) for vacancy in read]


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


def standing(vacancy: Vacancy) -> tuple[Recommendation | None, Routing | None]:
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
    return _left(*standing(vacancy), vacancy.routings.all())


def _left(recommendation: Recommendation | None, routing: Routing | None, routings: Iterable[Routing]) -> bool:
    if routing is not None or recommendation is None:
        return False
    return any(closed.recommendation_id == recommendation.pk for closed in routings)


def _row(vacancy: Vacancy, own: Collection[int], *, done: bool, today: date) -> VacancyRow:
    recommendation, routing = standing(vacancy)
    routings = vacancy.routings.all()
    asked = signal = None
    if routing is not None and vacancy.file_open:
        asked = None if done else clock(routing, vacancy.kind, today=today)
        signal = signal_of(routing, routings)
    out = _left(recommendation, routing, routings)
    row = VacancyRow(vacancy, vacancy.file_open, recommendation, routing, returns(vacancy), asked, signal, is_out=out)
    if not own or recommendation is None or row.is_cancelled or (row.destination and row.destination.pk in own):
        return row
    return replace(row, ours=tuple(places(recommendation, own, returned_by(vacancy))))
