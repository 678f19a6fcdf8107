"""The February forecast (CCH, R441-5): what happened before, what is proposed, to whom it goes, and until when.

« Libérés » here are the units that the shares bear on: those of the flow and those subtracted from it. Units kept in
stock, technical vacancies and first lettings are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.utils import timezone

from flux.apportion import apportion
from flux.conversion.figures import equals, figure
from flux.models import FlowCount, Forecast, StockAssignment, Unit, Vacancy
from flux.models.forecast import bearing_during
from flux.queries.accounts import bearing
from flux.queries.conventions import known_of
from reservations.models import Landlord, LegalParameter, Membership, Organisation, ReservationHolder, Territory
from reservations.models.once_a_request import once_in_steps
from reservations.models.together import Steps, stepwise, together, whole
from reservations.queries.rights import Right, rights
from reservations.queries.rows import EachValue
from reservations.rounding import nearest

Exclusion = Vacancy.Exclusion


class WhyReads(StrEnum):
    """Why an organisation receives a forecast."""

    CONVENTION = "CONVENTION"
    STOCK_RIGHT = "STOCK_RIGHT"
    EPCI = "EPCI"
    PREFECTURE = "PREFECTURE"


#: Years that the proposal looks back on, at most.
LOOKED_BACK = 3


@stepwise
def due_days(exercises: Iterable[int]) -> Steps[dict[int, date | None]]:
    """The day before which the forecast of each exercise is sent; None when no such day is in force. One query.

    A legal parameter, month × 100 + day: that of the year's first day.
    """
    known = yield from _days_of_the_law.steps()
    return {year: _due_day(year, known) for year in exercises}


@once_in_steps
def _days_of_the_law() -> Steps[list[LegalParameter]]:
    asked = LegalParameter.objects.filter(code=LegalParameter.Code.FORECAST_DUE).order_by("-starts_on")
    return (yield from whole(asked))


def _due_day(year: int, known: Iterable[LegalParameter]) -> date | None:
    first = date(year, 1, 1)
    for parameter in known:
        if parameter.starts_on <= first and (parameter.ends_on is None or parameter.ends_on >= first):
            try:
                return date(year, *divmod(int(parameter.value), 100))
            except ValueError:  # 230: a slip of the administrator must not close every landlord's home
                return None
    return None


def due_on(exercise: int) -> date | None:
    """The same, for one exercise. One query."""
    return due_days([exercise])[exercise]


def is_late(on: date, due: date | None) -> bool:
    """Is a forecast sent that day, or still to send, late? The law says *before* the day: the day itself is late."""
    return due is not None and on >= due


@once_in_steps
def planned_flows(landlord: Landlord, exercise: int) -> Steps[dict[int, int]]:
    """Units that each forecast sent for an exercise expects in the flow, by département (id). One query."""
    sent = (
        Forecast.objects.filter(landlord=landlord, exercise=exercise)
        .exclude(sent_at=None)
        .annotate(subtracted=Sum("lines__units", default=0))
        .order_by("pk")
    )
    return {found.departement_id: found.expected - vars(found)["subtracted"] for found in (yield from whole(sent))}


def planned_flow(landlord: Landlord, departement: Territory, exercise: int) -> int | None:
    """The same in one département; None when none was sent. One query."""
    return planned_flows(landlord, exercise).get(departement.pk)


def departements_of(landlord: Landlord) -> list[Territory]:
    """The départements where a landlord has units: it owes a forecast in each. One query, as many seeks as communes."""
    communes = Territory.objects.filter(pk__in=EachValue(Unit, "commune", {"landlord": landlord.pk}))
    housing = Unit.objects.in_stock(timezone.localdate()).filter(landlord=landlord, commune=OuterRef("pk"))
    first = Subquery(housing.order_by().values("pk")[:1])  # an EXISTS would read all units of the landlord at once
    places = communes.alias(unit=first).filter(unit__isnull=False).order_by().values("departement")
    return list(Territory.objects.filter(pk__in=places).order_by("code"))


# --- what happened -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Year:
    """Units that fell vacant in one exercise, and those subtracted, by category (all five of them). `is_whole`: was
    what fell vacant recorded from its first month on?"""

    exercise: int
    fallen: int
    subtracted: Mapping[str, int]
    is_whole: bool = field(default=True, compare=False)

    @property
    def total_subtracted(self) -> int:
        return sum(self.subtracted.values())

    @property
    def net(self) -> int:
        return self.fallen - self.total_subtracted


def happened(landlord: Landlord, departement: Territory, exercises: Iterable[int], *, until: date) -> dict[int, Year]:
    """What fell vacant in each exercise, registered by a day; years without any are zeros. Two queries, of
    what is kept of each month (`FlowCount`), less what follows that day in its own."""
    years = list(exercises)
    fallen = dict.fromkeys(years, 0)
    subtracted = {year: dict.fromkeys(Exclusion.values, 0) for year in years}
    bearing_on = {"landlord": landlord, "kind__in": [Vacancy.Kind.IN_FLOW, Vacancy.Kind.EXCLUDED]}
    kept = FlowCount.objects.filter(**bearing_on, commune__departement=departement, month__year__in=years)
    later = Vacancy.objects.filter(
        **bearing_on,
        description__commune__departement=departement,
        registered_on__gt=until,
        registered_on__lt=date(until.year + until.month // 12, until.month % 12 + 1, 1),
        registered_on__year__in=years,
    )
    counted = kept.filter(month__lte=until).order_by().values_list("month__year", "exclusion").annotate(Sum("units"))
    less = later.order_by().values_list("registered_on__year", "exclusion").annotate(less=-Count("pk"))
    rows = counted.union(less, all=True).order_by()
    for year, exclusion, units in rows:
        fallen[year] += units
        if exclusion:
            subtracted[year][exclusion] += units
    recorded = known_of(landlord)
    return {year: Year(year, fallen[year], subtracted[year], recorded.is_begun(year)) for year in years}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A whole number that the form offers, and the exact average of the years it comes from."""

    figures: tuple[int, ...]
    units: int

    @property
    def formula(self) -> str:
        """« (58 + 61) / 2 = 59,5 », « 58 » for one year."""
        if len(self.figures) == 1:
            return figure(self.figures[0])
        mean = Fraction(sum(self.figures), len(self.figures))
        return f"({' + '.join(figure(each) for each in self.figures)}) / {len(self.figures)} {equals(mean)}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the form is filled with: the average of the years known. `running` is the year not over yet, when it is
    the only one known."""

    years: tuple[int, ...]
    running: bool
    expected: Proposed
    subtracted: Mapping[str, Proposed]


def proposal(exercise: int, known: Mapping[int, Year], *, today: date) -> Proposal | None:
    """The average of the last complete years that saw a vacancy, or of the running one; None when there is none. A year
    of which only the end is recorded is not complete (`whole_years`).

    Totals are rounded to the nearest; the categories share their total by largest remainder, so that they sum to it.
    """
    seen = [known[year] for year in sorted(known) if year < exercise and known[year].fallen]
    complete = [year for year in seen if year.exercise < today.year and year.is_whole]
    years = complete or [year for year in seen[-1:] if year.exercise >= today.year]
    if not years:
        return None
    count = len(years)
    total = sum(year.total_subtracted for year in years)
    by_category = {code: tuple(year.subtracted[code] for year in years) for code in Exclusion.values}
    weights = {code: sum(figures) for code, figures in by_category.items()}
    units = apportion(nearest(total, count), weights) if total else weights
    fallen = tuple(year.fallen for year in years)
    return Proposal(
        years=tuple(year.exercise for year in years),
        running=not complete,
        expected=Proposed(fallen, nearest(sum(fallen), count)),
        subtracted={code: Proposed(by_category[code], units[code]) for code in Exclusion.values},
    )


# --- to whom -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organisation the forecast goes to, and why."""

    organisation: Organisation
    reasons: tuple[WhyReads, ...]


@stepwise
def recipients(landlord: Landlord, departement: Territory, exercise: int, *, on: date | None) -> Steps[list[Recipient]]:
    """All holders with a right in the département (a convention that binds during the exercise, or a right in stock
    living on a day, at some moment of the exercise without a day), the EPCI where the landlord has units, and the
    préfecture; by name. Two queries.
    """
    first, last = date(exercise, 1, 1), date(exercise, 12, 31)
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=departement)

    def bound() -> Steps[list[Right]]:
        held = yield from rights.steps(landlord, since=first, until=last)
        return (yield from bearing.steps(held, communes))

    inside = Q(unit__commune__departement=departement) | Q(programme__commune__departement=departement)
    kept = StockAssignment.objects.living(on) if on else StockAssignment.objects.living_between(first, last)
    living = kept.filter(inside, right__landlord=landlord)
    holding = ReservationHolder.objects.filter(pk__in=living.order_by().values("right__holder"))
    in_stock = Organisation.objects.filter(pk__in=holding.order_by().values("organisation"))
    bearing_on = Unit.objects.in_base(on or first).filter(landlord=landlord)
    housed = communes.filter(pk__in=bearing_on.order_by().values("commune"))
    places = Q(territory__in=housed.values("epci")) | Q(territory__in=housed.values("ept"))
    epci = Organisation.objects.filter(places, kind=Organisation.Kind.EPCI)
    state = Organisation.objects.filter(kind=Organisation.Kind.STATE, territory=departement)
    there, *others = yield from together(
        bound(), *(whole(each.order_by("name", "siren")) for each in (in_stock, epci, state))
    )
    found: dict[Organisation, list[WhyReads]] = {}
    for reason, organisations in zip(
        (WhyReads.CONVENTION, WhyReads.STOCK_RIGHT, WhyReads.EPCI, WhyReads.PREFECTURE),
        ([right.convention.organisation for right in there], *others),
        strict=True,
    ):
        for organisation in organisations:
            reasons = found.setdefault(organisation, [])
            if reason not in reasons:
                reasons.append(reason)
    found.pop(landlord.organisation, None)
    return [
        Recipient(organisation, tuple(reasons))
        for organisation, reasons in sorted(found.items(), key=lambda pair: (pair[0].search_name, pair[0].siren))
    ]


def readers_since(forecast: Forecast) -> list[Organisation]:
    """Those to whom a sent forecast was not dispatched, and whose convention, signed since, lets them read it; by name.

    The same rule as `Forecast.objects.visible_to`. One query.
    """
    signed = bearing_during(Value(forecast.landlord_id), Value(forecast.departement_id), Value(forecast.exercise))
    return list(
        Organisation.objects.filter(pk__in=signed.order_by().values("organisation"))
        .exclude(pk__in=forecast.dispatches.order_by().values("organisation"))
        .order_by("name", "siren")
    )


# --- what a landlord still has to send -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """The forecast of one département and year, written or not. `late`: sent late, or not sent and past its day."""

    landlord: Landlord
    departement: Territory
    exercise: int
    due: date | None
    forecast: Forecast | None
    late: bool

    @property
    def is_sent(self) -> bool:
        return self.forecast is not None and self.forecast.sent_at is not None

    @property
    def subtracted(self) -> int:
        """Units to subtract, all categories together; 0 when nothing is written."""
        return sum(line.units for line in self.forecast.lines.all()) if self.forecast else 0

    @property
    def net(self) -> int:
        """The net flow expected; 0 when nothing is written."""
        return self.forecast.expected - self.subtracted if self.forecast else 0


def dues(landlord: Landlord, *, today: date) -> list[Due]:
    """Every forecast of a landlord: the running year and the next for each département, and all those written before.

    The latest year first. Four queries, whatever their number.
    """
    written = {
        (forecast.exercise, forecast.departement): forecast
        for forecast in Forecast.objects.filter(landlord=landlord)
        .select_related("departement")
        .prefetch_related("lines")
    }
    wanted = {(year, place) for place in departements_of(landlord) for year in (today.year, today.year + 1)}
    pairs = sorted(wanted | written.keys(), key=lambda pair: (-pair[0], pair[1].code))
    days = due_days({year for year, _ in pairs})
    return [_due((landlord, place, year), days[year], written.get((year, place)), today=today) for year, place in pairs]


def sent_to(member: Membership) -> QuerySet[Forecast]:
    """The forecasts that a member received, with what a list says of them."""
    seen = Forecast.objects.visible_to(member)
    return seen.select_related("landlord__organisation", "departement").prefetch_related("lines")


def received(forecasts: Iterable[Forecast], *, today: date) -> list[Due]:
    """Those of `sent_to` as lines, in their order. One query, whatever their number."""
    found = list(forecasts)
    days = due_days({forecast.exercise for forecast in found})
    return [
        _due(
            (forecast.landlord, forecast.departement, forecast.exercise),
            days[forecast.exercise],
            forecast,
            today=today,
        )
        for forecast in found
    ]


def _due(key: tuple[Landlord, Territory, int], due: date | None, forecast: Forecast | None, *, today: date) -> Due:
    on = timezone.localdate(forecast.sent_at) if forecast and forecast.sent_at else today
    return Due(*key, due, forecast, is_late(on, due))


@dataclass(frozen=True, slots=True)
class Reminder:
    """The forecasts of the year that are not sent yet, and the day before which they are due."""

    due: date
    departements: tuple[Territory, ...]


def to_remind(landlord: Landlord, *, today: date) -> Reminder | None:
    """What a landlord has to send, from 1 January to the day before which it is due; None otherwise.

    One query out of that season, three within.
    """
    due = due_on(today.year)
    if due is None or today >= due:
        return None
    sent = (
        Forecast.objects.filter(landlord=landlord, exercise=today.year)
        .exclude(sent_at=None)
        .order_by()
        .values_list("departement", flat=True)
    )
    already = set(sent)
    missing = tuple(place for place in departements_of(landlord) if place.pk not in already)
    return Reminder(due, missing) if missing else None
