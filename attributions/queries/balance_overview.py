"""Balances of several landlords and years, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from attributions.queries.balance import SUMS, Flow, figures_of, flows, reads, reads_transfers, sees_whole
from flux.models import AccountMonth, FlowCount, Ledger
from flux.queries.account import Figures, Line
from flux.queries.transfers import transfers_in
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.territory import within


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


def overview(
    pairs: Sequence[tuple[int, int]], territory: Territory | None, on: date, *, member: Membership | None = None
) -> list[Overview]:
    """Several balances, a line each, in the order given, limited as `balance`. Six queries, whatever their number."""
    landlords = Landlord.objects.select_related("organisation").in_bulk({landlord for landlord, _ in pairs})
    years = {year for _, year in pairs}
    books = Ledger.objects.ordinary().filter(landlord__in=landlords, exercise__in=years)
    books = books.visible_to(member) if member else books
    ledgers = list(books.order_by("pk"))
    counts = FlowCount.objects.filter(landlord__in=landlords, month__year__in=years)
    months = AccountMonth.objects.filter(ledger__in=[ledger.pk for ledger in ledgers])
    if territory is not None:
        counts = counts.filter(within(territory.pk, commune="commune"))
        months = months.filter(within(territory.pk, commune="commune") | transfers_in(territory.pk))
    if not sees_whole(member) and member is not None:
        counts = counts.filter(reads(member, landlord="landlord", year="month__year"))
        months = months.filter(
            reads(member, landlord="ledger__landlord", year="ledger__exercise") | reads_transfers(member)
        )
    flow_of = flows(counts)
    accounts_of = {
        (row["ledger__landlord"], row["ledger__exercise"]): figures_of(row)
        for row in months.order_by().values("ledger__landlord", "ledger__exercise").annotate(**SUMS)
    }
    widest = _widest(ledgers, on)
    return [
        Overview(
            landlords[landlord],
            year,
            flow_of.get((landlord, year), Flow()),
            accounts_of.get((landlord, year), Figures()),
            widest.get((landlord, year)),
        )
        for landlord, year in pairs
    ]


def _widest(ledgers: Sequence[Ledger], on: date) -> dict[tuple[int, int], Line]:
    """By landlord (id) and year, the line furthest from its due among some accounts. Two queries."""
    rows = list(
        AccountMonth.objects.filter(ledger__in=[ledger.pk for ledger in ledgers])
        .order_by()
        .values("ledger", "holder")
        .annotate(**SUMS)
    )
    holders = ReservationHolder.objects.select_related("organisation").in_bulk({row["holder"] for row in rows})
    lines = [(row["ledger"], Line(holders[row["holder"]], (), figures_of(row), on)) for row in rows]
    lines.sort(key=lambda each: (each[1].holder.is_not_reserved, -each[1].figures.due, each[1].holder.pk))
    of = {ledger.pk: (ledger.landlord_id, ledger.exercise) for ledger in ledgers}
    found: dict[tuple[int, int], Line] = {}
    for ledger, line in lines:
        key = of[ledger]
        if key not in found or abs(line.figures.gap) > abs(found[key].figures.gap):
            found[key] = line
    return found
