"""A ledger read from the database into the engine's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Q, Sum

from flux.engine.allotment import Carry
from flux.engine.counters import Counters
from flux.models import CarriedOver, FlowEntry, Ledger, LedgerLine, NeedsDeclaration
from flux.queries.departures import Chosen
from flux.situation.ledger import DIMENSIONS, LANDLORD_RANK, LedgerSituation, opened
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.once import Once
from reservations.models.once_a_request import once_a_request
from reservations.queries.rights import Right, rights


def rights_in(ledger: Ledger) -> list[Right]:
    """The rights that bear on some unit of a ledger at some moment of its year. One query."""
    return rights(ledger.landlord, since=date(ledger.exercise, 1, 1), until=date(ledger.exercise, 12, 31))


_lines = Once(
    lambda ledger: LedgerLine.objects.filter(ledger=ledger).select_related("holder__organisation").order_by("pk"),
    ledger=-1,
)


def load(ledger: Ledger, held: list[Right] | None = None, chosen: Chosen | None = None) -> LedgerSituation:
    """Read a ledger into the engine's terms; `held`, when its rights are read already (`rights_in`), and what was
    `chosen` there. One query, the ledger being locked; one more for each of these two that is not given, one until the
    landlord has a line, two when an earlier year left something to give, and one when units a year are promised."""
    if held is None:
        held = rights_in(ledger)
    lines = list(_lines(ledger=ledger.pk))
    own = _own(ledger, lines)
    holders = {str(holder.pk): holder for holder in _each_once(own, held, lines)}
    landlord = str(own.pk)
    ranks = _ranks(held)
    counters = Counters(unit=UNIT, landlord=landlord, dimensions=DIMENSIONS)
    known = {str(line.holder_id): line for line in lines}
    for key, holder in holders.items():
        rank = LANDLORD_RANK if key == landlord else ranks.get(key, LANDLORD_RANK - 1)
        counters.holders[key] = opened(holder, rank)
        if line := known.get(key):
            counters.holders[key].due = line.due
            counters.holders[key].received = line.received
            counters.holders[key].last_served = line.last_served
            counters.holders[key].profile = line.profile
    in_units = in_yearly_units(held)
    needs = chosen.needs if chosen else NeedsDeclaration.objects.targets(ledger)
    carries = _carries(ledger) if chosen is None or chosen.carries else {}
    credited = _credited(ledger, in_units)
    return LedgerSituation(ledger, counters, holders, held, landlord, carries, needs=needs, credited=credited)


def _own(ledger: Ledger, lines: Iterable[LedgerLine]) -> ReservationHolder:
    """The landlord's own row: that of its line; before it has one, by a query."""
    organisation, own = ledger.landlord.organisation_id, ReservationHolder.Contingent.NOT_RESERVED
    for line in lines:
        if (line.holder.organisation_id, line.holder.contingent) == (organisation, own):
            return line.holder
    return ReservationHolder.objects.select_related("organisation").get(organisation=organisation, contingent=own)


def in_yearly_units(held: Iterable[Right]) -> dict[str, int]:
    """The holders to whom units a year are promised, nothing being credited yet."""
    return {str(right.holder.pk): 0 for right in held if right.yearly_units is not None}


def _credited(ledger: Ledger, in_units: Mapping[str, int]) -> dict[str, int]:
    """What shares credited to each of these holders, what was settled of before a signature included: not what earlier
    years left, nor what was passed on."""
    if not in_units:
        return {}
    own = Q(ledger=ledger)
    if ledger.kind == Ledger.Kind.ONE_TURN:  # the units of the year are those of the yearly account
        beside = {"landlord": ledger.landlord_id, "departement": ledger.departement_id, "exercise": ledger.exercise}
        own = Q(ledger__in=Ledger.objects.ordinary().filter(**beside))
    shared = Q(stage=FlowEntry.Stage.DUE) | Q(settled__isnull=False)
    entries = FlowEntry.objects.filter(own, shared, holder__in=list(in_units))
    sums = entries.order_by().values_list("holder").annotate(Sum("quantity"))
    return dict(in_units) | {str(holder): quantity for holder, quantity in sums}


@once_a_request
def carried_into(ledger: Ledger) -> list[CarriedOver]:
    """What earlier years left in this account, in order. One query."""
    return list(ledger.carried_over.order_by("pk"))


def _carries(ledger: Ledger) -> dict[str, Carry]:
    """What is left to give back of the years before, by holder."""
    rows = carried_into(ledger)
    if not rows:
        return {}
    given = dict(
        FlowEntry.objects.filter(ledger=ledger, stage=FlowEntry.Stage.CARRIED)
        .order_by()
        .values_list("holder")
        .annotate(Sum("quantity"))
    )
    return spread(rows, given)


def spread(rows: Iterable[CarriedOver], given: Mapping[int, int]) -> dict[str, Carry]:
    """What is left to give back to each holder, `given` (by holder, in millionths) being given already.

    Rows are exact sums: a correction adds to what was carried first. The steps of those that go the way of what is
    left add up, so that it lasts no longer than each of them would.
    """
    by_holder: dict[int, list[CarriedOver]] = {}
    for row in rows:
        by_holder.setdefault(row.holder_id, []).append(row)
    carries = {}
    for holder, theirs in by_holder.items():
        remaining = sum(row.amount for row in theirs) - given.get(holder, 0)
        same_way = [row for row in theirs if (row.amount > 0) == (remaining > 0)]
        carries[str(holder)] = Carry(remaining, sum(-(-abs(row.amount) // row.planned) for row in same_way))
    return carries


def _each_once(
    own: ReservationHolder, held: Iterable[Right], lines: Iterable[LedgerLine]
) -> Iterable[ReservationHolder]:
    return {h.pk: h for h in (own, *(r.holder for r in held), *(line.holder for line in lines))}.values()


def _ranks(held: Iterable[Right]) -> Mapping[str, int]:
    """The smallest rank of each holder among its rights."""
    ranks: dict[str, int] = {}
    for right in held:
        key = str(right.holder.pk)
        ranks[key] = min(right.rank, ranks.get(key, right.rank))
    return ranks
