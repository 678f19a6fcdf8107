"""What happened: vacancies day by day, routed as they came, and this morning's queue."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from attributions.demonstration.cast import Cast
from attributions.households.operations.lease import record_outside_lease
from attributions.households.operations.withdrawals import record_outside_answer
from flux.models import Ledger, Recommendation, Routing, StockAssignment, Unit, Vacancy
from flux.operations.departures import decide_now
from flux.operations.needs import declare_needs
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.operations.vacancy import declare_vacancy
from reservations.models import Landlord, ReservationHolder, StockRight, User

Kind = Vacancy.Kind

#: Shares of the classes of vacancies, in thousandths: what a landlord of this size sees in a year.
CLASSES = (
    (862, Kind.IN_FLOW, ""),
    (60, Kind.EXCLUDED, Vacancy.Exclusion.INTERNAL_TRANSFER),
    (30, Kind.EXCLUDED, Vacancy.Exclusion.URBAN_RENEWAL),
    (6, Kind.EXCLUDED, Vacancy.Exclusion.DEGRADED_CONDO),
    (6, Kind.EXCLUDED, Vacancy.Exclusion.UNFIT_HOUSING),
    (6, Kind.EXCLUDED, Vacancy.Exclusion.SALE_REHOUSING),
    (30, Kind.TECHNICAL, ""),
)

#: One override in so many routings, with what the person wrote.
OVERRIDE_EVERY = 47
MOTIVES = (
    (Routing.Motive.ADAPTED_UNIT, "Douche de plain-pied et ascenseur : ménage à mobilité réduite déjà désigné."),
    (Routing.Motive.URGENT_REHOUSING, "Relogement d’une famille après un sinistre, à la demande des services."),
    (Routing.Motive.HOLDER_AGREEMENT, "Échange convenu entre les deux réservataires lors du point trimestriel."),
    (Routing.Motive.BUILDING_BALANCE, "Trois entrées du même contingent dans la cage d’escalier depuis l’été."),
)


#: Months of the year in which the first landlord has a departure decided before its turn, once: no habit.
ASKED = (3, 6, 9)


@dataclass(frozen=True, slots=True)
class Departure:
    """One unit that will fall vacant: when its notice is registered, when it is free, how it is classed."""

    day: date
    unit: Unit
    kind: str
    exclusion: str


def departures(landlord: Landlord, year: int, *, rotation: float) -> Iterator[Departure]:
    """The year's departures, drawn with a fixed seed; `rotation` is the share of the stock that leaves."""
    draw = random.Random(f"{landlord.acronym}-{year}")  # noqa: S311 - a story, not a secret
    units = list(
        Unit.objects.filter(landlord=landlord)
        .exclude(pk__in=StockAssignment.objects.filter(unit__isnull=False).values("unit"))
        .exclude(construction_year=year)  # not let yet
        .select_related("landlord", "commune", "programme")
        .order_by("reference")
    )
    draw.shuffle(units)
    half = len(units) // 2
    pool = units[:half] if year % 2 else units[half:]  # nobody moves out twice in a row
    first = date(year, 1, 1)
    days = [day for day in (first + timedelta(n) for n in range(365)) if day.weekday() < 5]
    for unit in pool[: round(len(units) * rotation)]:
        at = draw.randrange(1000)
        for width, kind, exclusion in CLASSES:
            if at < width:
                yield Departure(draw.choice(days), unit, kind, exclusion)
                break
            at -= width


def count_rows() -> None:
    """Let the planner know how large the tables have grown: the story is one transaction, that nothing else can see."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def live_a_day(leaving: list[Departure], day: date, clerk: User, *, automatic: bool) -> list[Vacancy]:
    """Declare what leaves in the morning, decide what is firm, and follow or override at noon. What fell vacant that
    day, and what was decided without having fallen vacant then."""
    morning, noon = at(day, 9), at(day, 12)
    empty = set(Vacancy.objects.filter(unit__in=[each.unit for each in leaving], is_let=False).values_list("unit"))
    fallen = [_declare(each, clerk, now=morning) for each in leaving if (each.unit.pk,) not in empty]
    behind = Vacancy.objects.to_reach(day).filter(unit__landlord__organisation__memberships__user=clerk)
    ledgers = list(behind.order_by("ledger").values_list("ledger", flat=True).distinct())
    for ledger in ledgers:
        assert ledger is not None, "a vacancy of the flow has its ledger, by a constraint"
        route_waiting_vacancies(ledger_id=ledger, now=morning)
    fresh = (
        Recommendation.objects.filter(ledger__in=ledgers, recorded_at=morning)
        .select_related("vacancy", "holder__organisation")
        .order_by("ledger", "sequence")
    )
    follow, known = [], {vacancy.pk for vacancy in fallen}
    for recommendation in fresh:
        if recommendation.vacancy_id not in known:
            fallen.append(recommendation.vacancy)
        if recommendation.sequence % OVERRIDE_EVERY == 0:
            _send_elsewhere(recommendation, clerk, now=noon)
        else:
            follow.append(recommendation.vacancy_id)
    if follow and not automatic:
        confirm_recommendations(vacancies=follow, by=clerk, now=noon)
    return fallen


def ask_for_the_last(landlord: Landlord, clerk: User, *, now: datetime) -> Vacancy | None:
    """A family cannot wait: the departure registered last is decided before another, and holders read why. None when no
    two wait."""
    waiting = list(Vacancy.objects.waiting().filter(unit__landlord=landlord, expected__isnull=False))
    if len(waiting) < 2:
        return None
    decide_now(vacancy=waiting[-1], motive="Famille à reloger après un dégât des eaux.", by=clerk, now=now)
    return waiting[-1]


def _declare(departure: Departure, clerk: User, *, now: datetime) -> Vacancy:
    return declare_vacancy(
        unit=departure.unit,
        kind=departure.kind,
        exclusion=departure.exclusion,
        notice_on=departure.day,
        available_on=departure.day + _notice(departure),
        by=clerk,
        confirmed=True,  # a drawn year may free a unit twice in a fortnight
        now=now,
    )


def _notice(departure: Departure) -> timedelta:
    """One month for a tenant that the law lets go sooner, two to move to another home of the landlord, else three."""
    draw = random.Random(f"{departure.unit.reference}, {departure.day}")  # noqa: S311 - a story, not a secret
    return timedelta(draw.choices((31, 61, 92), (40, 15, 45))[0])


def _send_elsewhere(recommendation: Recommendation, clerk: User, *, now: datetime) -> None:
    """To the second of the ranking, with a motive: the counters follow and the rule corrects itself."""
    second = recommendation.ranking[1]["id"]
    motive, text = MOTIVES[recommendation.sequence // OVERRIDE_EVERY % len(MOTIVES)]
    route_elsewhere(
        vacancy=recommendation.vacancy,
        holder=ReservationHolder.objects.select_related("organisation").get(pk=second),
        motive=motive,
        motive_text=text,
        by=clerk,
        now=now,
    )


#: Candidates, then a lease, follow the routing by so many days; for one unit in four, people are looked for longer.
TO_CANDIDATES, TO_LEASE, TO_LATE_LEASE = timedelta(12), timedelta(40), timedelta(80)


def follow_outside(routings: QuerySet[Routing], clerk: User, *, since: date, until: date) -> None:
    """From a day to the eve of another, units whose candidates are followed in another tool: those are received, then a
    lease is signed, with what that tool says of the household; one file in ten says nothing of the income."""
    open_ones = list(
        routings.filter(vacancy__kind=Kind.IN_FLOW, closed_at=None)
        .filter(routed_at__gte=at(since - TO_LATE_LEASE, 0), routed_at__lt=at(until - TO_CANDIDATES, 0))
        .select_related("vacancy")
        .order_by("pk")
    )
    for routing in open_ones:
        routed_on = timezone.localdate(routing.routed_at)
        if since <= (received_on := routed_on + TO_CANDIDATES) < until:
            record_outside_answer(vacancy=routing.vacancy, on=received_on, by=clerk, now=at(received_on, 16))
        if since <= (signed_on := routed_on + (TO_LEASE if routing.pk % 4 else TO_LATE_LEASE)) < until:
            _sign_outside(routing, signed_on, clerk)


def _sign_outside(routing: Routing, signed_on: date, clerk: User) -> None:
    draw = random.Random(f"bail-{routing.pk}")  # noqa: S311 - a story, not a secret
    facts: dict[str, object] = {"has_priority": draw.random() < 0.3, "persons": draw.randrange(1, 5)}
    if draw.random() < 0.9:
        facts["income_quartile"] = draw.choices((1, 2, 3, 4), (30, 30, 24, 16))[0]
    record_outside_lease(vacancy=routing.vacancy, signed_on=signed_on, facts=facts, by=clerk, now=at(signed_on, 17))


def keep_some_in_stock(cast: Cast, *, since: date) -> None:
    """Six units of internal security stay in stock (CCH, R441-5)."""
    agents = cast.holder(cast.state, ReservationHolder.Contingent.STATE_AGENTS)
    manager = cast.person("direction@robine-habitat.example")
    for unit in Unit.objects.filter(landlord=cast.robine).select_related("landlord").order_by("-reference")[:6]:
        keep_in_stock(unit=unit, holder=agents, ground=StockRight.Ground.INTERNAL_SECURITY, starts_on=since, by=manager)


def empty_one_in_stock(cast: Cast, *, now: datetime) -> None:
    """One of them falls vacant this morning: it goes straight to its holder."""
    kept = Unit.objects.filter(landlord=cast.robine, stock_assignments__isnull=False)
    unit = kept.select_related("landlord", "commune", "programme").order_by("reference")[0]
    clerk = cast.person("attribution@robine-habitat.example")
    _declare(Departure(timezone.localdate(now), unit, Kind.IN_FLOW, ""), clerk, now=now)


def say_what_the_city_needs(cast: Cast, *, now: datetime) -> None:
    """The city has families on its list: it asks the first landlord for larger units, from the next vacancy on."""
    year = timezone.localdate(now).year
    ledger = Ledger.objects.ordinary().filter(landlord=cast.robine, exercise=year).order_by("departement__code").first()
    if ledger is not None:  # the first days of January
        declare_needs(
            ledger=ledger,
            holder=cast.holder(cast.city, ReservationHolder.Contingent.AUTHORITY),
            mix={"typology": {"T2": 10, "T3": 30, "T4": 40, "T5": 20}},
            note="La moitié des demandes de la ville sont celles de familles.",
            by=cast.person("logement@narbonne.example"),
            now=now,
        )


def fill_the_queue(cast: Cast, *, now: datetime, size: int = 13) -> int:
    """This morning at the second landlord's: units registered now, for the worker to route and a person to confirm."""
    clerk = cast.person("attribution@corbieres-logis.example")
    today = timezone.localdate(now)
    gone = Vacancy.objects.filter(unit__landlord=cast.corbieres).values("unit")
    units = list(
        Unit.objects.filter(landlord=cast.corbieres)
        .exclude(pk__in=gone)
        .select_related("landlord", "commune", "programme")
        .order_by("reference")
    )
    random.Random("ce matin").shuffle(units)  # noqa: S311 - a story, not a secret
    for unit in units[:size]:
        _declare(Departure(today, unit, Kind.IN_FLOW, ""), clerk, now=now)
    return size


def at(day: date, hour: int) -> datetime:
    """That hour of that day, in Paris."""
    return timezone.make_aware(datetime.combine(day, time(hour)))
