"""Balances of several landlords and years, a line each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from attributions.bilan.moved import Fallen
from attributions.bilan.queries.balance import Flow, account_figures, flows
from attributions.bilan.queries.gaps import Apart, Gap, Without, lines_apart, sums_apart, widest
from attributions.bilan.queries.scope import reads, reads_transfers, sees_whole, territory_of
from attributions.bilan.queries.since import Since, since
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
    """Several balances, a line each, in the order given, limited as `balance`. Seven queries, whatever their number,
    and those of what was recorded after a seal."""
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
    after = since(landlords, years)
    for each in _lying(after.fallen, counts):
        flow_of.setdefault((each.landlord, each.year), Flow()).leave_out([each])
    of = {ledger.pk: (ledger.landlord_id, ledger.exercise) for ledger in ledgers}
    months = AccountMonth.objects.filter(ledger__in=of)
    rows = sums_apart(months, here, without=_left_out(after, of, months if here is None else months.filter(here)))
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


def _lying(fallen: Collection[Fallen], counts: QuerySet[FlowCount]) -> list[Fallen]:
    """Those that are in some counts. One query at most."""
    if not fallen:
        return []
    read = set(counts.order_by().values_list("landlord", "month__year", "commune").distinct())
    return [each for each in fallen if (each.landlord, each.year, each.commune) in read]


def _left_out(after: Since, ledgers: Collection[int], here: QuerySet[AccountMonth]) -> list[Without]:
    """What some accounts (ids) leave out, to be read as sealed, and whether it lies in some of their months. One query
    at most."""
    came = list(after.accounts(ledgers))
    among = here.filter(ledger__in={each.ledger for each, _ in came}) if came else here.none()
    read = set(among.order_by().values_list("ledger", "commune").distinct())
    return [
        Without(each.ledger, each.holder, account_figures(figures), (each.ledger, each.commune) in read)
        for each, figures in came
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
