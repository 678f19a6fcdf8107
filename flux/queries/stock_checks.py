"""Do the rights kept in stock keep to the law, and which of them end soon?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from flux.models import Programme, StockAssignment, Unit
from reservations.models import Landlord, LegalParameter, ReservationHolder, StockRight, Territory
from reservations.models.convention import UNIT
from reservations.models.territory import within
from reservations.queries.checks.caps import Limits, limits, share_of_percent
from reservations.queries.checks.codes import Code, Level
from reservations.queries.checks.findings import Finding
from reservations.queries.checks.in_force import notice_days


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


def stock_findings(
    landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None
) -> dict[int, list[Finding]]:
    """What is to be said of the rights in stock of several landlords (by id) on a day.

    `territory` keeps the rights borne by its units only; without it those that no unit bears yet are read too.
    Six queries at most, whatever the number of landlords.
    """
    bounds = limits(on)
    found: dict[int, list[Finding]] = {landlord.pk: [] for landlord in landlords}
    _guarantees(landlords, bounds, on, territory, found)
    _ending(landlords, bounds, on, territory, found)
    return found


def _ending(
    landlords: Sequence[Landlord],
    bounds: Limits,
    on: date,
    territory: Territory | None,
    found: dict[int, list[Finding]],
) -> None:
    """Living rights whose end is near, in one finding a holder. A missing notice is told with the conventions'."""
    notice = notice_days(bounds)
    if notice is None:
        return
    rights = StockRight.objects.in_stock(on).filter(
        landlord__in=landlords,
        ends_on__lte=on + timedelta(days=min(notice, (date.max - on).days)),
    )
    if territory is not None:
        rights = rights.filter(Exists(borne_in(territory)))
    by_holder: dict[tuple[int, int], list[StockRight]] = defaultdict(list)
    for right in rights.select_related("holder__organisation").order_by("landlord", "holder", "ends_on", "pk"):
        by_holder[right.landlord_id, right.holder_id].append(right)
    for (landlord, _), ending in by_holder.items():
        found[landlord].append(
            RightsEnding(holder=ending[0].holder, rights=tuple(ending), notice=notice, territory=territory)
        )


def borne_in(territory: Territory) -> QuerySet[StockAssignment]:
    """For a subquery on rights: what units of the territory bear of them."""
    return StockAssignment.objects.filter(
        within(territory.pk, commune="unit__commune") | within(territory.pk, commune="programme__commune"),
        right=OuterRef("pk"),
    )


def _guarantees(
    landlords: Sequence[Landlord],
    bounds: Limits,
    on: date,
    territory: Territory | None,
    found: dict[int, list[Finding]],
) -> None:
    """Units of a programme reserved against a loan guarantee, over the cap. Known only where units bear the right."""
    ceiling = bounds.get(LegalParameter.Code.GUARANTEE_SHARE_MAX)
    if ceiling is None:
        return
    living = StockAssignment.objects.living(on).filter(
        right__landlord__in=landlords, right__ground=StockRight.Ground.LOAN_GUARANTEE
    )
    reserved: dict[int, int] = defaultdict(int)
    for programme, units in (
        *living.filter(unit__isnull=False).order_by().values_list("unit__programme").annotate(count=Count("pk")),
        *living.filter(programme__isnull=False).order_by().values_list("programme").annotate(count=Sum("units")),
    ):
        reserved[programme] += units
    if not reserved:
        return
    programmes = Programme.objects.filter(pk__in=reserved).select_related("commune")
    if territory is not None:
        programmes = programmes.filter(within(territory.pk, commune="commune"))
    sizes = dict(
        Unit.objects.in_stock(on)
        .filter(programme__in=list(reserved))
        .order_by()
        .values_list("programme")
        .annotate(count=Count("pk"))
    )
    limit = share_of_percent(ceiling)
    for programme in programmes.order_by("number", "pk"):
        kept, size = reserved[programme.pk], sizes.get(programme.pk, 0)
        if kept * UNIT > limit * size:
            found[programme.landlord_id].append(
                ProgrammeGuaranteed(programme=programme, reserved=kept, size=size, ceiling=limit)
            )
