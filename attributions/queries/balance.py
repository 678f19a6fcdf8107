"""The annual balance, first form (CCH, R441-5-1): what fell vacant, what left the flow, what each holder was due.

Read by the screen, the CSV file and the command. A vacancy belongs to the exercise of the day it was registered,
and its entries to that exercise's ledger, whenever they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from flux.models import FlowEntry, Ledger, Vacancy
from flux.queries.account import AWAITING, DUE, ROUTED, Figures, Line, accounts, bearing, lines, sums, total
from reservations.models import Landlord, Membership, Territory
from reservations.models.convention import UNIT
from reservations.models.territory import within
from reservations.queries.rights import rights

Kind = Vacancy.Kind


@dataclass(frozen=True, slots=True)
class Flow:
    """Units that fell vacant, by class. `by_exclusion` has the five legal categories, those without units too."""

    by_kind: dict[str, int] = field(default_factory=dict)
    by_exclusion: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Vacancy.Exclusion.values, 0))

    @property
    def vacated(self) -> int:
        return sum(self.by_kind.values())

    @property
    def excluded(self) -> int:
        return self.by_kind.get(Kind.EXCLUDED, 0)

    @property
    def stock(self) -> int:
        return self.by_kind.get(Kind.STOCK, 0)

    @property
    def technical(self) -> int:
        return self.by_kind.get(Kind.TECHNICAL, 0)

    @property
    def first_lettings(self) -> int:
        return self.by_kind.get(Kind.FIRST_LETTING, 0)

    @property
    def others(self) -> int:
        """Recorded, and not routed for the time being: technical vacancies and first lettings."""
        return self.technical + self.first_lettings

    @property
    def net(self) -> int:
        """Units of the flow: what is left once all the others are taken away."""
        return self.by_kind.get(Kind.IN_FLOW, 0)

    @property
    def exclusions(self) -> list[tuple[str, str, int]]:
        """(code, words, units) of the five legal categories, in the order of the article."""
        return [(choice.value, str(choice.label), self.by_exclusion[choice]) for choice in Vacancy.Exclusion]


@dataclass(frozen=True, slots=True)
class Balance:
    """One landlord, one year, the whole or one territory: as many units as there are, never a percentage alone."""

    landlord: Landlord
    year: int
    territory: Territory | None
    flow: Flow
    lines: tuple[Line, ...]

    @property
    def total(self) -> Figures:
        return total(line.figures for line in self.lines)

    @property
    def waiting(self) -> int:
        """Units of the flow that no recommendation has reached yet: due to nobody so far."""
        return self.flow.net - self.total.due // UNIT

    @property
    def widest(self) -> Line | None:
        return max(self.lines, key=lambda line: abs(line.figures.gap), default=None)


def balance(landlord: Landlord, year: int, territory: Territory | None = None) -> Balance:
    """Read a balance. Five queries, whatever the number of holders (four for the whole)."""
    vacancies = Vacancy.objects.filter(unit__landlord=landlord, registered_on__year=year)
    entries = FlowEntry.objects.filter(ledger__landlord=landlord, ledger__exercise=year)
    held = rights(landlord, since=date(year, 1, 1), until=date(year, 12, 31))
    if territory is not None:
        vacancies = vacancies.filter(within(territory.pk, commune="unit__commune"))
        entries = entries.filter(within(territory.pk, commune="vacancy__unit__commune"))
        held = bearing(held, Territory.objects.communes_within(territory))
    flow = flows(vacancies).get((landlord.pk, year), Flow())
    return Balance(landlord, year, territory, flow, lines(landlord, held, sums(entries)))


def flows(vacancies: QuerySet[Vacancy]) -> dict[tuple[int, int], Flow]:
    """The flow of each (landlord id, year) among some vacancies. One query."""
    found: dict[tuple[int, int], Flow] = {}
    rows = (
        vacancies.order_by()
        .values_list("unit__landlord", "registered_on__year", "kind", "exclusion")
        .annotate(units=Count("pk"))
    )
    for landlord, year, kind, exclusion, count in rows:
        flow = found.setdefault((landlord, year), Flow())
        flow.by_kind[kind] = flow.by_kind.get(kind, 0) + count
        if exclusion:
            flow.by_exclusion[exclusion] += count
    return found


def balances_of(member: Membership) -> list[tuple[int, int]]:
    """(landlord id, year) of the balances that the person may read, the latest first.

    Counts are common: those of the ledgers it sees, and of the vacancies it sees listed. Two queries.
    """
    ledgers = Ledger.objects.visible_to(member).order_by().values_list("landlord", "exercise").distinct()
    vacancies = (
        Vacancy.objects.visible_to(member).order_by().values_list("unit__landlord", "registered_on__year").distinct()
    )
    return sorted({*ledgers, *vacancies}, key=lambda pair: (-pair[1], pair[0]))


def territory_of(member: Membership) -> Territory | None:
    """Where the balances that the person reads are limited to, unless it asks otherwise: the EPCI and the State."""
    return member.organisation.territory if member.is_overseer else None


def territories(landlord: Landlord, year: int) -> list[Territory]:
    """The places that a balance may be limited to: communes where a unit fell vacant, and what contains them."""
    links = (
        Territory.objects.filter(
            pk__in=Vacancy.objects.filter(unit__landlord=landlord, registered_on__year=year)
            .order_by()
            .values("unit__commune")
        )
        .order_by()
        .values_list("pk", "departement", "epci", "ept")
    )
    order = [Territory.Kind.DEPARTEMENT, Territory.Kind.EPCI, Territory.Kind.EPT, *Territory.COMMUNAL]
    found = Territory.objects.filter(pk__in={pk for row in links for pk in row if pk is not None})
    return sorted(found, key=lambda place: (order.index(Territory.Kind(place.kind)), place.search_name, place.code))


@dataclass(frozen=True, slots=True)
class Overview:
    """One balance in one line. `widest`: the line of its accounts furthest from its due, the whole landlord over:
    commitments hold there, not on a part of the territory."""

    landlord: Landlord
    year: int
    flow: Flow
    figures: Figures
    widest: Line | None

    @property
    def reach(self) -> int:
        """How far its accounts are from what is due, at the furthest; in millionths of a unit."""
        return abs(self.widest.figures.gap) if self.widest else 0


def overview(pairs: Sequence[tuple[int, int]], territory: Territory | None, on: date) -> list[Overview]:
    """Several balances, a line each, in the order given. Six queries, whatever their number."""
    landlords = Landlord.objects.select_related("organisation").in_bulk({landlord for landlord, _ in pairs})
    years = {year for _, year in pairs}
    of_pairs = Q(unit__landlord__in=landlords, registered_on__year__in=years)
    entries = FlowEntry.objects.filter(ledger__landlord__in=landlords, ledger__exercise__in=years)
    vacancies = Vacancy.objects.filter(of_pairs)
    if territory is not None:
        vacancies = vacancies.filter(within(territory.pk, commune="unit__commune"))
        entries = entries.filter(within(territory.pk, commune="vacancy__unit__commune"))
    flow_of = flows(vacancies)
    figures_of = {
        (landlord, year): Figures(due, routed, awaiting)
        for landlord, year, due, routed, awaiting in entries.order_by()
        .values_list("ledger__landlord", "ledger__exercise")
        .annotate(due=DUE, routed=ROUTED, awaiting=AWAITING)
    }
    ledgers = list(Ledger.objects.filter(landlord__in=landlords, exercise__in=years).order_by("pk"))
    lines_of = accounts(ledgers, on)
    widest: dict[tuple[int, int], Line] = {}
    for ledger in ledgers:
        key = ledger.landlord_id, ledger.exercise
        for line in lines_of[ledger.pk]:
            if key not in widest or abs(line.figures.gap) > abs(widest[key].figures.gap):
                widest[key] = line
    return [
        Overview(
            landlords[landlord],
            year,
            flow_of.get((landlord, year), Flow()),
            figures_of.get((landlord, year), Figures()),
            widest.get((landlord, year)),
        )
        for landlord, year in pairs
    ]
