"""What Équiflux knows that a conversion rests on: the mapping of docs/conversion.md, before its words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from flux.conversion import facts
from flux.conversion.life import later
from flux.models import Conversion, Forecast, StockAssignment, Unit, Vacancy
from flux.models.stock_assignment import StockAssignmentQuerySet
from flux.queries.conventions import known_of
from reservations.models import Landlord, LegalParameter, Membership, Quota, ReservationHolder, StockRight, Territory
from reservations.models.convention import Convention, percent_of
from reservations.models.territory import CONTAINERS, within

#: First and last day on which a unit bears a title.
type Period = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose rights, where, for how long: what a conversion is about before any figure."""

    landlord: Landlord
    holder: ReservationHolder
    perimeter: Territory
    starts_on: date
    ends_on: date


class Origin(StrEnum):
    """Where a figure of the mapping comes from."""

    UNITS = "UNITS"
    VACANCIES = "VACANCIES"
    TITLES = "TITLES"
    TITLE = "TITLE"
    PERIMETER = "PERIMETER"
    FORECAST = "FORECAST"
    CONVENTIONS = "CONVENTIONS"


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a figure, and of which days or year it is."""

    origin: Origin
    since: date | None = None
    on: date | None = None
    exercise: int | None = None


@dataclass(frozen=True, slots=True)
class TitleName:
    """What states a title from the others; `period`, when several rows are about it."""

    pk: int
    reference: str
    period: Period | None = None


def facts_for(wish: Wish, *, on: date) -> dict[str, Any]:
    """The mapping that the database gives, every figure with its `Source` and every title with its `TitleName`:
    `flux.pages.conversion` has their words. A fixed number of queries.

    Base: units of the perimeter that the flow bears on that day (`in_base`), by commune, those kept in stock when the
    term begins out of it. Rights: the titles of the holder alive then, their units within the perimeter that are still
    in the stock (single-use rights: those not used up yet). Rotation and exclusions: the year before `on`, or the
    twelve months before it when that year was not recorded whole; the exclusions of a département come from the
    forecast that was sent for it, when there is one. Others: shares that bear on all of it.
    """
    units = dict(
        Unit.objects.in_base(on, within_any=wish.perimeter.pk)
        .filter(landlord=wish.landlord)
        .order_by("commune")
        .values_list("commune")
        .annotate(count=Count("pk"))
    )
    places = {place.pk: place for place in Territory.objects.filter(pk__in=units).order_by("code")}
    kept = _kept(wish, on)
    first, last = _year_observed(wish, on)
    vacated = _vacated(wish, first, last)
    observed = Source(Origin.VACANCIES, since=first, on=last)
    base = [_place(place, units[pk], kept[pk], on) for pk, place in places.items()]
    return {
        "format": 1,
        "landlord": {"name": wish.landlord.organisation.name, "siren": wish.landlord.organisation.siren},
        "holder": {"name": str(wish.holder), "contingent": _contingent(wish.holder)},
        "perimeter": {"kind": wish.perimeter.kind, "code": wish.perimeter.code, "name": wish.perimeter.name},
        "term": {"starts_on": wish.starts_on.isoformat(), "ends_on": wish.ends_on.isoformat()},
        "base": base,
        "rights": _rights(wish, on),
        "weights_in": "UNITS",
        "rotation": [
            {
                "territory": row["territory"],
                "weight": row["units"] - sum(out["units"] for out in row["out"]),
                "vacancies": vacated[row["territory"]],
                "source": observed,
            }
            for row in base
        ],
        "exclusions": _exclusions(wish, first, last, observed),
        "others": _others(wish),
        "parameters": _parameters(wish.starts_on),
    }


def _contingent(holder: ReservationHolder) -> str:
    return ReservationHolder.Contingent(holder.contingent).name


def _bearers(wish: Wish, on: date) -> StockAssignmentQuerySet:
    """What bears the landlord's titles within the perimeter: units still in the stock that day, and programmes, with
    how many of their units still are (`still`, None where none was ever recorded)."""
    stock = Unit.objects.in_stock(on).order_by()
    here = within(wish.perimeter.pk, commune="commune", on=on)
    there = within(wish.perimeter.pk, commune="programme__commune", on=on)
    recorded = Unit.objects.filter(programme=OuterRef("programme")).order_by()
    still = Count("pk", filter=Q(pk__in=stock.values("pk")))
    inside = Q(unit__in=stock.filter(here).values("pk")) | there
    found = StockAssignment.objects.filter(inside, right__landlord=wish.landlord)
    numbers = recorded.values("programme").annotate(still=still).values("still")
    return found.annotate(still=Subquery(numbers)).select_related("right", "unit", "programme")


def _borne(bearer: StockAssignment) -> int:
    """How many units bear it, of `_bearers`: of a programme, at most as many as are still in the stock."""
    still: int | None = vars(bearer)["still"]
    return bearer.units if still is None else min(bearer.units, still)


def _kept(wish: Wish, on: date) -> dict[int, Counter[str]]:
    """{commune: {ground: units}} of the titles that stay in stock for good, when the term begins: of the units that the
    flow bears on, those outside being out of it already."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    base = Unit.objects.in_base(on).filter(landlord=wish.landlord).order_by().values("pk")
    living = _bearers(wish, on).living(wish.starts_on).filter(right__ground__in=StockRight.KEPT)
    for bearer in living.filter(Q(unit=None) | Q(unit__in=base)).order_by("pk"):
        found[_commune(bearer)][bearer.right.ground] += _borne(bearer)
    return found


def _commune(bearer: StockAssignment) -> int:
    if bearer.unit is not None:
        return bearer.unit.commune_id
    assert bearer.programme is not None
    return bearer.programme.commune_id


def _place(place: Territory, units: int, kept: Counter[str], on: date) -> dict[str, Any]:
    return {
        "territory": place.code,
        "name": place.name,
        "units": units,
        "source": Source(Origin.UNITS, on=on),
        "out": [
            {"reason": ground, "units": kept[ground], "source": Source(Origin.TITLES)}
            for ground in StockRight.KEPT
            if kept[ground]
        ],
    }


def _rights(wish: Wish, on: date) -> list[dict[str, Any]]:
    titles = list(
        StockRight.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=wish.starts_on),
            landlord=wish.landlord,
            holder=wish.holder,
            converted_in=None,
            starts_on__lte=wish.ends_on,
        )
        .exclude(ground__in=StockRight.KEPT)
        .order_by("starts_on", "pk")
    )
    units: dict[int, Counter[Period]] = defaultdict(Counter)
    elsewhere = set()
    running = Q(ends_on=None) | Q(ends_on__gte=wish.starts_on), Q(right__in=titles, starts_on__lte=wish.ends_on)
    here = {bearer.pk: _borne(bearer) for bearer in _bearers(wish, on).filter(*running)}
    for bearer in (
        StockAssignment.objects.filter(*running).with_taken(on).select_related("right", "unit").order_by("pk")
    ):
        if bearer.pk in here:
            used = bearer.taken if bearer.right.use == StockRight.Use.SINGLE else 0
            units[bearer.right_id][bearer.starts_on, bearer.ends_on] += max(here[bearer.pk] - used, 0)
        elif bearer.unit is not None and bearer.unit.is_gone(on):
            units[bearer.right_id][bearer.starts_on, bearer.ends_on] += 0  # the title is borne by nothing more there
        else:
            elsewhere.add(bearer.right_id)
    return [
        row
        for title in titles
        if title.pk in units or title.pk not in elsewhere
        for row in _rows(title, units.get(title.pk, {}), elsewhere=title.pk in elsewhere)
    ]


def _rows(title: StockRight, units: Mapping[Period, int], *, elsewhere: bool) -> list[dict[str, Any]]:
    """One row for each period on which units bear the title: a unit detached early, or late come, counts that long.

    The first names the title (`id`), that signing ends once.
    """
    periods = sorted(units, key=lambda period: (period[0], period[1] or date.max)) or [(title.starts_on, title.ends_on)]
    rows = [_right(title, period, units.get(period, 0), elsewhere=elsewhere) for period in periods]
    if len(rows) > 1:
        for row, period in zip(rows, periods, strict=True):
            row["reference"] = TitleName(title.pk, title.reference, period)
        named = next((row for row in rows if row["units"]), rows[0])
        for row in rows:
            if row is not named:
                del row["id"]
    return rows


def _right(title: StockRight, period: Period, units: int, *, elsewhere: bool) -> dict[str, Any]:
    start, end = period
    row: dict[str, Any] = {
        "id": title.pk,
        "reference": TitleName(title.pk, title.reference),
        "ground": title.ground,
        "use": title.use,
        "units": units,
        "starts_on": start.isoformat(),
        "source": Source(Origin.PERIMETER if elsewhere else Origin.TITLE),
    }
    whole = end == title.ends_on
    if whole and title.loan_ends_on and title.extension_years is not None and _follows_its_loan(title):
        return row | {"loan_ends_on": title.loan_ends_on.isoformat(), "extension_years": title.extension_years}
    return row | {"ends_on": end.isoformat()} if end else row


def _follows_its_loan(title: StockRight) -> bool:
    """Does it end when the law says after its loan, and not before, as its own title may say?"""
    assert title.loan_ends_on is not None
    assert title.extension_years is not None
    return title.ends_on == later(title.loan_ends_on, title.extension_years)


def _year_observed(wish: Wish, on: date) -> tuple[date, date]:
    """The last year that was recorded whole (`whole_years`) and in which something was here; else the twelve months
    before `on`."""
    year = (date(on.year - 1, 1, 1), date(on.year - 1, 12, 31))
    if known_of(wish.landlord).is_begun(on.year - 1) and _vacancies(wish, *year).exists():
        return year
    return later(on, -1), on - timedelta(days=1)


def _vacancies(wish: Wish, first: date, last: date) -> QuerySet[Vacancy]:
    """Units to let again that were recorded then: first lettings, works and titles kept in stock do not count."""
    return Vacancy.objects.filter(
        within(wish.perimeter.pk, commune="unit__commune", on=last),
        Q(kind__in=(Vacancy.Kind.IN_FLOW, Vacancy.Kind.EXCLUDED))
        | Q(kind=Vacancy.Kind.STOCK) & ~Q(stock_right__ground__in=StockRight.KEPT),
        landlord=wish.landlord,
        registered_on__range=(first, last),
    )


def _vacated(wish: Wish, first: date, last: date) -> Counter[str]:
    rows = _vacancies(wish, first, last).order_by("unit__commune__code").values_list("unit__commune__code")
    return Counter(dict(rows.annotate(count=Count("pk"))))


def _exclusions(wish: Wish, first: date, last: date, observed: Source) -> list[dict[str, Any]]:
    """Every category, so that each may be changed: from the forecast of the département, else as recorded."""
    sent = Forecast.objects.filter(landlord=wish.landlord, departement=wish.perimeter).exclude(sent_at=None)
    forecast = sent.filter(exercise__range=(first.year, wish.starts_on.year)).order_by("-exercise").first()
    if forecast is not None:
        counts = dict(forecast.lines.order_by("category").values_list("category", "units"))
        source = Source(Origin.FORECAST, exercise=forecast.exercise)
    else:
        recorded = _vacancies(wish, first, last).filter(kind=Vacancy.Kind.EXCLUDED).order_by("exclusion")
        counts, source = dict(recorded.values_list("exclusion").annotate(count=Count("pk"))), observed
    return [{"category": category, "units": counts.get(category, 0), "source": source} for category in facts.EXCLUSIONS]


def _others(wish: Wish) -> list[dict[str, Any]]:
    """Shares of other contingents in force when the term begins that bear on the whole perimeter."""
    covering = {wish.perimeter.pk, *(getattr(wish.perimeter, f"{container}_id") for container in CONTAINERS)}
    quotas = (
        Quota.objects.filter(
            convention__in=Convention.objects.in_force(wish.starts_on).filter(
                landlord=wish.landlord, perimeter__in=covering - {None}
            )
        )
        .exclude(holder=wish.holder)
        .select_related("holder__organisation")
        .order_by("rank", "pk")
    )
    shares: Counter[ReservationHolder] = Counter()
    for quota in quotas:
        shares[quota.holder] += quota.share
    names = Counter(str(holder) for holder in shares)
    return [
        {
            "name": f"{holder}, {holder.organisation.name}" if names[str(holder)] > 1 else str(holder),
            "contingent": _contingent(holder),
            "share": f"{percent_of(share).normalize():f}",
            "source": Source(Origin.CONVENTIONS, on=wish.starts_on),
        }
        for holder, share in shares.items()
    ]


def _parameters(on: date) -> dict[str, Any]:
    """The law when the term begins, each figure with its source."""
    rows = LegalParameter.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on), code__in=facts.PARAMETERS, starts_on__lte=on
    ).order_by("code")
    return {row.code: {"value": f"{row.value.normalize():f}", "source": row.source} for row in rows}


def annexed_conversions(convention: Convention) -> list[Conversion]:
    """The worksheets taken into this version, one a contingent, in the order of the contingents. One query.

    Frozen with it: what is read here is what was signed (`Conversion.worksheet`, docs/conversion.md).
    """
    taken = Conversion.objects.filter(convention=convention).select_related("holder__organisation", "perimeter")
    return list(taken.order_by("holder__organisation__name", "-holder__contingent", "pk"))


def opened_by(member: Membership, conversions: list[Conversion]) -> set[int]:
    """Those of these conversions whose worksheet the person may open, by their key. One query.

    A convention is read by more people than the worksheets that it annexes (`Conversion.visible_to`).
    """
    ours = Conversion.objects.visible_to(member).filter(pk__in=[conversion.pk for conversion in conversions])
    return set(ours.values_list("pk", flat=True))
