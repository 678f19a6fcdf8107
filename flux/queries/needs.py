"""What is read of needs.

* Declared needs: the flow they are set beside, what it allows of them, and who declared what.
* What a household may earn at most to be let a unit, read on a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q

from flux import financing
from flux.apportion import apportion
from flux.engine.needs import project
from flux.models import IncomeCeiling, Ledger, NeedsDeclaration, Unit, Vacancy
from flux.models.needs import STATED, Targets
from flux.models.unit import qpv_of, typology_of
from reservations.models import ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.rate import UnitFacts
from reservations.queries.rights import rights

#: Under so many counted vacancies in a year the stock says better than the flow what will fall vacant.
ENOUGH = 50

#: What is declared, by holder (id, as text): {dimension: {category: weight}}.
Mixes = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rights in force on a day would credit, were the flow of the last twelve months to come back.

    `usual`: by holder (id, as text) with a share of it, the landlord included: {dimension: {category: millionths}}.
    `units`: vacancies it was read from, or units of the stock when they are too few.
    """

    usual: Targets
    units: int
    from_stock: bool


def expected(ledger: Ledger, on: date) -> Expected:
    """Read it: what was counted in the landlord's flow of the département since a year, or its stock there. Five
    queries at most."""
    communes = {
        commune.pk: commune
        for commune in Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=ledger.departement_id)
    }
    counted = Vacancy.objects.filter(
        kind=Vacancy.Kind.IN_FLOW,
        ledger__isnull=False,
        landlord=ledger.landlord_id,
        commune__departement=ledger.departement_id,
        registered_on__gt=on - timedelta(days=365),
        registered_on__lte=on,
    )
    rows = _grouped(counted, "unit__")
    units = sum(row["count"] for row in rows)
    from_stock = units < ENOUGH
    if from_stock:
        stock = Unit.objects.in_base(on).filter(landlord=ledger.landlord_id, commune__departement=ledger.departement_id)
        rows = _grouped(stock, "")
        units = sum(row["count"] for row in rows)
    held = rights(ledger.landlord, since=on, until=on)
    tabled = any(right.rates for right in held)
    own = ReservationHolder.objects.get(
        organisation=ledger.landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    usual: Targets = {}
    shares_in: dict[int, dict[str, int]] = {}
    for row in rows:
        commune, categories = communes[row["commune"]], _categories(row["rooms"], row["financing_code"], row["in_qpv"])
        if tabled or commune.pk not in shares_in:
            covering = commune.covering_ids()
            facts = UnitFacts(covering, categories, year=on.year)
            shares: dict[str, int] = defaultdict(int)
            for right in held:
                if right.holds(covering, on):
                    shares[str(right.holder.pk)] += right.at(facts).share
            shares[str(own.pk)] = max(0, UNIT - sum(shares.values()))
            shares_in[commune.pk] = shares
        for key, share in shares_in[commune.pk].items():
            if share:
                for dimension, category in categories.items():
                    known = usual.setdefault(key, {}).setdefault(dimension, {})
                    known[category] = known.get(category, 0) + share * row["count"]
    return Expected(usual, units, from_stock)


#: What a unit is classed by, beside its commune: both a unit and a vacancy name their own.
NAMED = ("commune", "rooms", "financing_code", "in_qpv")


def _grouped(rows: Any, prefix: str) -> list[dict[str, Any]]:
    """How many units of each commune and kind. One query."""
    own = [name for name in NAMED if name == "commune" or not prefix]
    named = {name: F(f"{prefix}{name}") for name in NAMED if name not in own}
    return list(rows.order_by().values(*own, **named).annotate(count=Count("pk")).order_by(*NAMED))


def _categories(rooms: int, financing_code: str, in_qpv: bool | None) -> dict[str, str]:
    """The category of units in each dimension that can be stated."""
    return {"typology": typology_of(rooms), "financing": financing.group_of(financing_code), "qpv": qpv_of(in_qpv)}


def projected(found: Expected, mixes: Mixes) -> Targets:
    """The targets of every holder, in each dimension that one of them at least declares."""
    targets: Targets = {}
    for dimension in STATED:
        declared = {key: mix[dimension] for key, mix in mixes.items() if dimension in mix and key in found.usual}
        if declared:
            for key, row in project({key: by[dimension] for key, by in found.usual.items()}, declared).items():
                targets.setdefault(key, {})[dimension] = {name: part for name, part in row.items() if part}
    return targets


# --- as a page shows it --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NeedsRow:
    """One category: its share of the flow, of what is declared, of the target, in hundredths that sum to one hundred
    each. None: nothing is declared, or no target is in force, in this dimension."""

    category: str
    flow: int
    declared: int | None
    target: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One dimension of a holder."""

    dimension: str
    rows: tuple[NeedsRow, ...]

    @property
    def declares(self) -> bool:
        return any(row.declared is not None for row in self.rows)

    @property
    def targeted(self) -> bool:
        return any(row.target is not None for row in self.rows)


def compared(
    flow: Mapping[str, Mapping[str, int]],
    mix: Mapping[str, Mapping[str, int]],
    target: Mapping[str, Mapping[str, int]],
) -> list[Comparison]:
    """What the flow gives a holder, what it declares, what its target is, in each dimension."""
    return [
        Comparison(
            dimension,
            tuple(_rows(dimension, flow.get(dimension, {}), mix.get(dimension, {}), target.get(dimension, {}))),
        )
        for dimension in STATED
    ]


def _rows(
    dimension: str, flow: Mapping[str, int], mix: Mapping[str, int], target: Mapping[str, int]
) -> Iterator[NeedsRow]:
    parts = [_hundredths(each) for each in (flow, mix, target)]
    for category in (*STATED[dimension], ""):
        given, declared, aimed = (each.get(category, 0) for each in parts)
        if category or given or aimed:
            yield NeedsRow(category, given, declared if parts[1] else None, aimed if parts[2] else None)


def _hundredths(weights: Mapping[str, int]) -> dict[str, int]:
    return apportion(100, weights) if any(weights.values()) else {}


@dataclass(frozen=True, slots=True)
class Declared:
    """One act of the history, with what it declared in words."""

    declaration: NeedsDeclaration
    mix: tuple[Comparison, ...]


def history_of(ledger: Ledger, holder: ReservationHolder) -> list[Declared]:
    """What a holder declared in a ledger, the latest first. One query."""
    rows = NeedsDeclaration.objects.filter(ledger=ledger, holder=holder).select_related("declared_by").order_by("-pk")
    return [Declared(row, tuple(each for each in compared({}, row.mix, {}) if each.declares)) for row in rows]


Zone = IncomeCeiling.Zone

#: Départements of Île-de-France; Paris apart.
ILE_DE_FRANCE = ("77", "78", "91", "92", "93", "94", "95")

#: Communes that touch Paris (INSEE codes), of the same zone as Paris in the order of 29 July 1987.
AROUND_PARIS = {
    "92": ("92012", "92024", "92040", "92044", "92046", "92049", "92051", "92062", "92064", "92073", "92075"),
    "93": ("93001", "93006", "93045", "93048", "93055", "93061", "93066", "93070"),
    "94": ("94018", "94033", "94037", "94041", "94042", "94043", "94052", "94067", "94069", "94080"),
}

#: Sizes of household that the order states one by one; beyond, so much for each further person.
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
