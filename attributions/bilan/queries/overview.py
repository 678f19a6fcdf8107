"""Balances of several landlords and years, a line each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from attributions.bilan.queries.balance import Flow, flows
from attributions.bilan.queries.gaps import Apart, Gap, lines_apart, sums_apart, widest
from attributions.bilan.queries.scope import reads, reads_transfers, sees_whole, territory_of
from flux.models import AccountMonth, FlowCount, Ledger
from flux.queries.account import AccountFigures
from flux.queries.transfers import transfers_in
from reservations.models import Landlord, Membership, Territory
from reservations.models.territory import lay_in


@dataclass(frozen=True, slots=True)
class Overview:
    """One balance in one line. `widest`: the holder furthest from its due in one of its accounts, the whole landlord
    over: commitments hold there, not on a part of the territory."""

    landlord: Landlord
    year: int
    flow: Flow
    figures: AccountFigures
    widest: Gap | None


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
    here: Q | None = None
    if territory is not None:
        counts = counts.filter(lay_in(territory.pk, commune="commune", year="month__year"))
        here = lay_in(territory.pk, commune="commune", year="ledger__exercise") | transfers_in(territory.pk)
    is_own = territory is not None and member is not None and territory_of(member) == territory
    if not (sees_whole(member) or is_own) and member is not None:
        counts = counts.filter(reads(member, landlord="landlord", year="month__year"))
        read = reads(member, landlord="ledger__landlord", year="ledger__exercise") | reads_transfers(member)
        here = read if here is None else here & read
    flow_of = flows(counts)
    of = {ledger.pk: (ledger.landlord_id, ledger.exercise) for ledger in ledgers}
    rows = sums_apart(AccountMonth.objects.filter(ledger__in=of), here)
    accounts_of: dict[tuple[int, int], AccountFigures] = {}
    for row in rows:
        if row.here is not None:
            accounts_of[of[row.ledger]] = accounts_of.get(of[row.ledger], AccountFigures()) + row.here
    found = _widest(rows, ledgers, landlords, on)
    return [
        Overview(
            landlords[landlord],
            year,
            flow_of.get((landlord, year), Flow()),
            accounts_of.get((landlord, year), AccountFigures()),
            found.get((landlord, year)),
        )
        for landlord, year in pairs
    ]


def _widest(
    rows: Collection[Apart], ledgers: Sequence[Ledger], landlords: Mapping[int, Landlord], on: date
) -> dict[tuple[int, int], Gap]:
    """By landlord (id) and year, the widest gap of a holder among some accounts, from their `sums_apart`. Two
    queries."""
    of = {ledger.pk: (ledger.landlord_id, ledger.exercise) for ledger in ledgers}
    by_balance: dict[tuple[int, int], list[Gap]] = {}
    for ledger, line in lines_apart(rows, ledgers, on=on):
        by_balance.setdefault(of[ledger], []).append(Gap(landlords[of[ledger][0]], line))
    found = {key: widest(gaps) for key, gaps in by_balance.items()}
    return {key: gap for key, gap in found.items() if gap is not None}
