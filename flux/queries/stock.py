"""What is read of the stock.

* The inventory of rights: titles and where they stand, unit by unit (level 1), and its synthesis (level 2).
* Do the rights kept in stock keep to the law, and which of them end soon?
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from flux.models import Programme, Return, StockAssignment, Unit, Vacancy
from reservations.models import (
    Convention,
    HistoryEntry,
    Landlord,
    LegalParameter,
    Membership,
    ReservationHolder,
    StockRight,
    Territory,
)
from reservations.models.convention import UNIT
from reservations.models.legal_parameter import figures_on
from reservations.models.territory import within
from reservations.models.together import Steps, queried, read_whole, stepwise, together
from reservations.queries.checks.caps import Limits, share_of_percent
from reservations.queries.checks.findings import Finding
from reservations.queries.checks.in_force import notice_days
from reservations.queries.checks.quotas import Code, Level


class RightState(StrEnum):
    """Where a title stands on a day."""

    LIVING = "en-cours"
    TO_COME = "a-venir"
    USED = "utilise"
    ENDED = "termine"
    CONVERTED = "converti"


@dataclass(frozen=True, slots=True)
class TitleRow:
    """A title on a day. `units` bear it; `taken` vacancies used it. `days_left`: None without end, or not living."""

    right: StockRight
    state: RightState
    units: int
    taken: int
    days_left: int | None
    soon: bool


def with_state(rights: QuerySet[StockRight], *, on: date) -> QuerySet[StockRight]:
    """Annotate `units` that bear each (those detached since are not counted), `taken` vacancies, and `standing`."""
    standing_on = Q(ends_on=None) | Q(ends_on__gte=on) | Q(ends_on=F("right__ends_on"))
    mine = StockAssignment.objects.filter(standing_on, right=OuterRef("pk")).order_by().values("right")
    living = StockAssignment.objects.living(on).filter(right=OuterRef("pk"))
    given_back = Return.objects.filter(routing__vacancy=OuterRef("pk"), counted=False)
    used = Vacancy.objects.filter(~Exists(given_back), stock_right=OuterRef("pk")).order_by().values("stock_right")
    converted = Q(converted_in__status__in=Convention.BINDING, converted_in__starts_on__lte=on)
    return rights.annotate(
        units=Coalesce(Subquery(mine.annotate(sum=Sum("units")).values("sum")), 0),
        taken=Coalesce(Subquery(used.annotate(count=Count("pk")).values("count")), 0),
    ).annotate(
        state=Case(
            When(converted, then=Value(RightState.CONVERTED.value)),
            When(ends_on__lt=on, then=Value(RightState.ENDED.value)),
            When(starts_on__gt=on, then=Value(RightState.TO_COME.value)),
            When(~Exists(living), use=StockRight.Use.SINGLE, taken__gt=0, then=Value(RightState.USED.value)),
            default=Value(RightState.LIVING.value),
        )
    )


def in_order(rights: QuerySet[StockRight]) -> QuerySet[StockRight]:
    """Of titles `with_standing`: what lives first, what ends first before the rest."""
    return rights.select_related("holder__organisation", "landlord__organisation", "converted_in").order_by(
        Case(*(When(state=each.value, then=Value(place)) for place, each in enumerate(RightState))),
        F("ends_on").asc(nulls_last=True),
        "reference",
        "pk",
    )


def title_rows(rights: Iterable[StockRight], *, on: date, warning: int | None) -> list[TitleRow]:
    """Of titles `with_standing`. No query."""
    return [title_row(right, on=on, warning=warning) for right in rights]


def title_row(right: StockRight, *, on: date, warning: int | None) -> TitleRow:
    """The row of a title `with_standing`. `warning`: days before its end from which a title is stated to end soon."""
    state = RightState(right.state)  # type: ignore[attr-defined]  # annotated by `with_standing`
    living = state == RightState.LIVING
    left = (right.ends_on - on).days if right.ends_on is not None and living else None
    return TitleRow(
        right,
        state,
        right.units,  # type: ignore[attr-defined]
        right.taken,  # type: ignore[attr-defined]
        left,
        left is not None and warning is not None and left <= warning,
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """Of titles: how many live, on how many units, and how many of them end soon."""

    titles: int
    living: int
    units: int
    ending: int


def overview(rights: QuerySet[StockRight], *, on: date, warning: int | None) -> Overview:
    """Count titles `with_standing`, in one query."""
    living = Q(state=RightState.LIVING.value)
    soon = living & Q(ends_on__lte=on + timedelta(days=warning)) if warning is not None else Q(pk__in=[])
    counts = rights.order_by().aggregate(
        titles=Count("pk"),
        living=Count("pk", filter=living),
        held=Coalesce(Sum("units", filter=living), 0),
        ending=Count("pk", filter=soon),
    )
    return Overview(counts["titles"], counts["living"], counts["held"], counts["ending"])


# --- level 1: unit by unit


@dataclass(frozen=True, slots=True)
class BearerRow:
    """What bears a title, and where that stands on a day."""

    assignment: StockAssignment
    state: RightState
    days_left: int | None


def bearers(rights: QuerySet[StockRight], *, on: date) -> QuerySet[StockAssignment]:
    """What bears these titles, unit by unit; ordered. Whose titles these are is for `StockRight.visible_to`."""
    return (
        StockAssignment.objects.filter(right__in=rights.order_by().values("pk"))
        .with_taken(on)
        .select_related(
            "right__holder__organisation",
            "right__landlord__organisation",
            "right__converted_in",
            "unit__commune",
            "unit__programme",
            "programme__commune",
        )
        .order_by("right__holder__organisation__name", "right__starts_on", "right", "unit__reference", "pk")
    )


def bearer_row(assignment: StockAssignment, *, on: date) -> BearerRow:
    """The row of one of the `bearers`. No query."""
    state = _state_on(assignment, on)
    last = assignment.ends_on
    left = (last - on).days if last is not None and state == RightState.LIVING else None
    return BearerRow(assignment, state, left)


def bearer_rows(assignments: Iterable[StockAssignment], *, on: date) -> list[BearerRow]:
    """Rows of `bearers`. No query."""
    return [bearer_row(each, on=on) for each in assignments]


def _state_on(assignment: StockAssignment, on: date) -> RightState:
    right = assignment.right
    flow = right.converted_in
    if flow is not None and flow.status in Convention.BINDING and flow.starts_on <= on:
        return RightState.CONVERTED
    if any(end is not None and end < on for end in (assignment.ends_on, right.ends_on)):
        return RightState.ENDED
    if assignment.starts_on > on:
        return RightState.TO_COME
    single = right.use == StockRight.Use.SINGLE
    return RightState.USED if single and assignment.taken >= assignment.units else RightState.LIVING


# --- level 2: the synthesis


@dataclass(slots=True)
class SynthesisLine:
    """Living rights of one holder on one ground, in one commune and financing ("": not known; None: their units are
    not named): their units, titles and last years, in units."""

    landlord: str
    siren: str
    holder: ReservationHolder
    ground: str
    commune: str
    code: str
    financing: str | None
    units: int = 0
    titles: set[int] = field(default_factory=set)
    ends: Counter[int | None] = field(default_factory=Counter)


def synthesis_of(member: Membership) -> QuerySet[StockAssignment]:
    """Level 2: a landlord its own, a holder its own lines, the State and the EPCI those of their territory too."""
    if member.is_landlord:
        return StockAssignment.objects.filter(right__landlord__organisation=member.organisation_id)
    seen = Q(right__holder__organisation=member.organisation_id)
    if member.is_overseer and member.organisation.territory_id:
        place = member.organisation.territory_id
        seen |= within(place, commune="unit__commune") | within(place, commune="programme__commune")
    return StockAssignment.objects.filter(seen)


def synthesis(assignments: QuerySet[StockAssignment], *, on: date) -> list[SynthesisLine]:
    """Add up what lives on a day, by landlord, holder, ground, commune and financing. One query."""
    living = StockAssignment.objects.living(on).filter(pk__in=assignments.order_by().values("pk"))
    lines: dict[tuple[object, ...], SynthesisLine] = {}
    for assignment in (
        living.with_taken(on)
        .select_related(
            "right__holder__organisation", "right__landlord__organisation", "unit__commune", "programme__commune"
        )
        .order_by("pk")
    ):
        line = _line_of(assignment)
        key = (line.siren, line.holder.pk, line.ground, line.code, line.financing)
        line = lines.setdefault(key, line)
        single = assignment.right.use == StockRight.Use.SINGLE
        units = assignment.units - assignment.taken if single else assignment.units
        line.units += units
        line.titles.add(assignment.right_id)
        line.ends[assignment.ends_on.year if assignment.ends_on else None] += units
    return sorted(lines.values(), key=_place_of)


def _place_of(line: SynthesisLine) -> tuple[object, ...]:
    """Units that are not named after the others, those whose financing is not known last."""
    financing = line.financing == "", line.financing is None, line.financing or ""
    return line.landlord, str(line.holder), line.ground, line.commune, line.code, *financing


def _line_of(assignment: StockAssignment) -> SynthesisLine:
    unit, right = assignment.unit, assignment.right
    bearer = unit or assignment.programme
    assert bearer is not None  # constraint `stock_assignment_bearer`
    organisation = right.landlord.organisation
    return SynthesisLine(
        landlord=organisation.name,
        siren=organisation.siren,
        holder=right.holder,
        ground=str(right.get_ground_display()),
        commune=bearer.commune.name,
        code=bearer.commune.code,
        financing=None if unit is None else unit.financing_group,
    )


# --- the story of a title


def story(right: StockRight) -> QuerySet[HistoryEntry]:
    """Who did what to a title, when and why; the latest first."""
    return HistoryEntry.objects.about(right).select_related("by").order_by("-pk")


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsEnding(Finding):
    """Rights of one holder that end within the `notice` days, the first of them first; in one territory, or all."""

    name: ClassVar[Code] = Code.RIGHT_ENDING
    level: ClassVar[Level] = Level.WARNING

    holder: ReservationHolder
    rights: tuple[StockRight, ...]
    notice: int
    territory: Territory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeGuaranteed(Finding):
    """More homes of a programme are reserved against a loan guarantee than `ceiling`, a share of its `size`, allows."""

    name: ClassVar[Code] = Code.GUARANTEE_SHARE
    level: ClassVar[Level] = Level.WARNING

    programme: Programme
    reserved: int
    size: int
    ceiling: int


@stepwise
def stock_findings(
    landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None
) -> Steps[dict[int, list[Finding]]]:
    """What is to be stated of the rights in stock of several landlords (by id) on a day.

    `territory` keeps the rights borne by its units only; without it those that no unit bears yet are read too.
    Three queries at most, whatever the number of landlords.
    """
    bounds = yield from figures_on.steps(on)
    found: dict[int, list[Finding]] = {landlord.pk: [] for landlord in landlords}
    for each in (yield from together(*(read(landlords, bounds, on, territory) for read in (_guarantees, _ending)))):
        for landlord, finding in each:
            found[landlord].append(finding)
    return found


def _ending(
    landlords: Sequence[Landlord], bounds: Limits, on: date, territory: Territory | None
) -> Steps[list[tuple[int, Finding]]]:
    """Living rights whose end is near, in one finding a holder, beside the landlord (id). A missing notice is shown
    with the conventions'."""
    notice = notice_days(bounds)
    if notice is None:
        return []
    rights = StockRight.objects.in_stock(on).filter(
        landlord__in=landlords,
        ends_on__lte=on + timedelta(days=min(notice, (date.max - on).days)),
    )
    if territory is not None:
        rights = rights.filter(Exists(borne_in(territory)))
    by_holder: dict[tuple[int, int], list[StockRight]] = defaultdict(list)
    ordered = rights.select_related("holder__organisation").order_by("landlord", "holder", "ends_on", "pk")
    for right in (yield from read_whole(ordered)):
        by_holder[right.landlord_id, right.holder_id].append(right)
    return [
        (landlord, RightsEnding(holder=ending[0].holder, rights=tuple(ending), notice=notice, territory=territory))
        for (landlord, _), ending in by_holder.items()
    ]


def borne_in(territory: Territory) -> QuerySet[StockAssignment]:
    """For a subquery on rights: what units of the territory bear of them."""
    return StockAssignment.objects.filter(
        within(territory.pk, commune="unit__commune") | within(territory.pk, commune="programme__commune"),
        right=OuterRef("pk"),
    )


def _guarantees(
    landlords: Sequence[Landlord], bounds: Limits, on: date, territory: Territory | None
) -> Steps[list[tuple[int, Finding]]]:
    """Units of a programme reserved against a loan guarantee, over the cap, beside the landlord (id). Known only where
    units bear the right."""
    ceiling = bounds.get(LegalParameter.Code.GUARANTEE_SHARE_MAX)
    if ceiling is None:
        return []
    living = StockAssignment.objects.living(on).filter(
        right__landlord__in=landlords, right__ground=StockRight.Ground.LOAN_GUARANTEE
    )
    reserved: dict[int, int] = defaultdict(int)
    by_unit, by_number = yield [
        living.filter(unit__isnull=False).order_by().values_list("unit__programme").annotate(count=Count("pk")),
        living.filter(programme__isnull=False).order_by().values_list("programme").annotate(count=Sum("units")),
    ]
    for programme, units in (*by_unit, *by_number):
        reserved[programme] += units
    if not reserved:
        return []
    programmes = Programme.objects.filter(pk__in=reserved).select_related("commune")
    if territory is not None:
        programmes = programmes.filter(within(territory.pk, commune="commune"))
    housed = Unit.objects.in_stock(on).filter(programme__in=list(reserved)).order_by()
    (counted,), there = yield from together(
        queried(housed.values_list("programme").annotate(count=Count("pk"))),
        read_whole(programmes.order_by("number", "pk")),
    )
    sizes, limit, found = dict(counted), share_of_percent(ceiling), list[tuple[int, Finding]]()
    for programme in there:
        kept, size = reserved[programme.pk], sizes.get(programme.pk, 0)
        if kept * UNIT > limit * size:
            guaranteed = ProgrammeGuaranteed(programme=programme, reserved=kept, size=size, ceiling=limit)
            found.append((programme.landlord_id, guaranteed))
    return found
