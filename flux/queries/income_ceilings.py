"""What a household may earn at most to be let a unit, read on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from flux.models import IncomeCeiling, Unit

Zone = IncomeCeiling.Zone

#: Départements of Île-de-France; Paris apart.
ILE_DE_FRANCE = ("77", "78", "91", "92", "93", "94", "95")

#: Communes that touch Paris (INSEE codes), of the same zone as Paris in the order of 29 July 1987.
AROUND_PARIS = {
    "92": ("92012", "92024", "92040", "92044", "92046", "92049", "92051", "92062", "92064", "92073", "92075"),
    "93": ("93001", "93006", "93045", "93048", "93055", "93061", "93066", "93070"),
    "94": ("94018", "94033", "94037", "94041", "94042", "94043", "94052", "94067", "94069", "94080"),
}

#: Sizes of household that the order tells one by one; beyond, so much for each further person.
SIZES = 6


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The table of a unit: (persons, euros a year), from 1 to 6, then `extra` for each further person.

    `rows` is empty when nothing is known of its financing, or of its zone. `stale`: the order in force on `on` is not
    recorded, these are the figures of a year before.
    """

    financing: str
    zone: str
    on: date
    starts_on: date | None
    rows: list[tuple[int, int]]
    extra: int | None

    @property
    def stale(self) -> bool:
        return self.starts_on is not None and self.starts_on.year < self.on.year

    def most(self, category: int) -> int | None:
        """The most, in euros a year, that a household of this category may earn; None when it is not recorded.

        The order ranks households by persons, and one category higher a lone parent, a young couple, or a household
        with a disabled person: who calls says the category. Beyond the sixth, so much for each further one.
        """
        amount = dict(self.rows).get(min(max(category, 1), SIZES))
        if amount is None or category <= SIZES:
            return amount
        return None if self.extra is None else amount + self.extra * (category - SIZES)


def zone_at(code: str) -> str:
    """The zone of the order, from the INSEE code of a commune; "" overseas, where another order holds."""
    if code.startswith("75") or code in AROUND_PARIS.get(code[:2], ()):
        return Zone.PARIS
    if code.startswith("97"):
        return ""
    return Zone.ILE_DE_FRANCE if code[:2] in ILE_DE_FRANCE else Zone.ELSEWHERE


def ceilings_for(unit: Unit, *, on: date) -> Ceilings:
    """The ceilings in force on a day for a unit whose commune is fetched, by number of persons. One query."""
    place = unit.financing_group, zone_at(unit.commune.code)
    return ceilings_at([place], on=on)[place]


def ceilings_at(places: Iterable[tuple[str, str]], *, on: date) -> dict[tuple[str, str], Ceilings]:
    """The ceilings in force on a day of each of these financings and zones. One query, whatever their number."""
    wanted = set(places)
    found: dict[tuple[str, str], list[IncomeCeiling]] = {place: [] for place in wanted}
    in_force = IncomeCeiling.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        financing__in={financing for financing, _ in wanted},
        zone__in={zone for _, zone in wanted},
        starts_on__lte=on,
    )
    for row in in_force.order_by("household"):
        if (row.financing, row.zone) in found:
            found[row.financing, row.zone].append(row)
    return {
        (financing, zone): Ceilings(
            financing=financing,
            zone=str(Zone(zone).label) if zone else "",
            on=on,
            starts_on=min((row.starts_on for row in rows), default=None),
            rows=[(row.household, row.amount) for row in rows],
            extra=next((row.extra for row in rows if row.household == SIZES), None),
        )
        for (financing, zone), rows in found.items()
    }
