"""Balances of several landlords and years, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from attributions.queries.balance import SUMS, Flow, figures_of, flows, reads, reads_transfers, sees_whole
from flux.models import AccountMonth, FlowCount, Ledger
from flux.queries.account import Figures, Line, furthest
from flux.queries.transfers import transfers_in
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.territory import within


@dataclass(frozen=True, slots=True)
class Overview:
    """One balance in one line. `widest`: the holder furthest from its due in one of its accounts, the whole landlord
    over: commitments hold there, not on a part of the territory."""

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
    widest = _widest(ledgers)
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


def _widest(ledgers: Sequence[Ledger]) -> dict[tuple[int, int], Line]:
    """By landlord (id) and year, the holder furthest from its due among some accounts. Two queries."""
    of = {ledger.pk: (ledger.landlord_id, ledger.exercise) for ledger in ledgers}
    by_balance: dict[tuple[int, int], list[Line]] = {}
    for ledger, line in lines_apart(AccountMonth.objects.filter(ledger__in=of)):
        by_balance.setdefault(of[ledger], []).append(line)
    found = {key: furthest(lines) for key, lines in by_balance.items()}
    return {key: line for key, line in found.items() if line is not None}


def lines_apart(months: QuerySet[AccountMonth]) -> list[tuple[int, Line]]:
    """(ledger id, line) of each holder in each account of some months, whoever is due most first. Two queries."""
    rows = list(months.order_by().values("ledger", "holder").annotate(**SUMS))
    holders = ReservationHolder.objects.select_related("organisation").in_bulk({row["holder"] for row in rows})
    lines = [(row["ledger"], Line(holders[row["holder"]], (), figures_of(row))) for row in rows]
    return sorted(lines, key=lambda each: (-each[1].figures.due, each[1].holder.pk))
