"""From one year to the next: what is still due is given back, as each convention says."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Count, Sum

from flux.models import CarriedOver, FlowEntry, Ledger
from flux.queries.forecast import planned_flow
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.queries.rights import Right, rights

Stage = FlowEntry.Stage


@transaction.atomic
def carry_over(*, ledger: Ledger, on: date) -> list[CarriedOver]:
    """Open a ledger with what the year before left due to the holders whose convention, in force `on`, carries it over.

    What was left is due less received on the last day, with what that year itself had not finished giving back; a
    holder that was ahead carries its advance. It is given back by equal steps over as many units as credited the
    holder the year before, in proportion to the planned flow once the forecast is sent (routing specification,
    section 5), so that no one gets a burst of units in January.
    Called once, by the act that opens the ledger: units re-routed later in the old year move nothing here.
    """
    before = (
        Ledger.objects.ordinary()
        .select_for_update(of=("self",))
        .filter(landlord=ledger.landlord_id, departement=ledger.departement_id, exercise=ledger.exercise - 1)
        .order_by("pk")
        .first()
    )
    if before is None:
        return []
    left = {line.holder_id: line.due - UNIT * line.received for line in before.lines.order_by("pk")}
    credited: dict[int, int] = {}
    given: dict[int, int] = {}
    sums = before.entries.order_by().values_list("holder", "stage").annotate(Count("pk"), Sum("quantity"))
    for holder, stage, count, quantity in sums.filter(stage__in=FlowEntry.OWED):
        if stage == Stage.DUE:
            credited[holder] = count
        else:
            given[holder] = quantity
    for row in before.carried_over.order_by("pk"):
        left[row.holder_id] = left.get(row.holder_id, 0) + row.amount - given.get(row.holder_id, 0)
    planned = planned_flow(ledger.landlord, ledger.departement, ledger.exercise)
    carrying: dict[int, Right] = {}
    for right in rights(ledger.landlord, since=on, until=on):
        if right.convention.carry_over != Convention.CarryOver.NONE:
            carrying.setdefault(right.holder.pk, right)
    return CarriedOver.objects.bulk_create(
        CarriedOver(
            ledger=ledger,
            holder_id=holder,
            convention=right.convention,
            amount=amount,
            planned=_expected(credited[holder], planned, before.sequence),
        )
        for holder, right in sorted(carrying.items())
        if holder in credited and (amount := _within_cap(left.get(holder, 0), right.convention))
    )


def _within_cap(amount: int, convention: Convention) -> int:
    """What a convention lets through, of what was due or in advance."""
    if convention.carry_over_cap is None:
        return amount
    return max(-convention.carry_over_cap, min(convention.carry_over_cap, amount))


def _expected(credited: int, planned: int | None, before: int) -> int:
    """Units expected to credit a holder: as many as the year before, in proportion to the planned flow when known."""
    return max(1, -(-credited * planned // before)) if planned is not None and before else credited
