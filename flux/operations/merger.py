"""Units of a commune that became a part of another: they are in this one from that day on (docs/decisions/0038)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Max

from flux.models import Programme, Unit
from flux.operations.description import change_unit
from reservations.models import Territory, TerritoryLink, User
from reservations.models.acting import atomic


def follow_mergers(*, today: date, by: User | None = None) -> int:
    """Describe them so, one transaction a unit: how many there were. Asking again changes nothing; what was counted in
    the former commune stays there.

    Two units of one address, once their communes are one, are told apart by their ordinal. A programme moves with its
    last unit.
    """
    merged = TerritoryLink.objects.on(today).filter(kind=TerritoryLink.Kind.MERGED).order_by("since", "pk")
    moved = 0
    for link in merged.select_related("territory", "container"):
        for unit in Unit.objects.filter(commune=link.territory).select_related("landlord").order_by("pk"):
            moved += _move(unit, link, today=today, by=by)
        _move_programmes(link.territory, link.container)
    return moved


@atomic
def _move(unit: Unit, link: TerritoryLink, *, today: date, by: User | None) -> bool:
    twins = Unit.objects.filter(
        landlord=unit.landlord,
        commune=link.container,
        street_number=unit.street_number,
        street_index=unit.street_index,
        street_type=unit.street_type,
        street_name=unit.street_name,
    )
    if twins.filter(ordinal=unit.ordinal).exists():
        unit.ordinal = 1 + twins.aggregate(last=Max("ordinal"))["last"]
        unit.save(update_fields=["ordinal"])
    since = max(link.since, *_days(unit))
    change_unit(
        unit=unit,
        since=since,
        said={"commune_id": link.container_id},
        source=f"{link.territory} réunie à {link.container} ({link.source or 'code officiel géographique'})",
        by=by,
        today=today,
    )
    return True


def _days(unit: Unit) -> Iterable[date]:
    return unit.descriptions.order_by().values_list("since", flat=True)


def _move_programmes(former: Territory, current: Territory) -> None:
    """Those whose units are all in the new commune; one of the same name there keeps the old."""
    for programme in Programme.objects.filter(commune=former).order_by("pk"):
        twin = Programme.objects.filter(landlord=programme.landlord_id, name=programme.name, commune=current)
        if not programme.units.filter(commune=former).exists() and not twin.exists():
            programme.commune = current
            programme.save(update_fields=["commune"])
