"""What a year left due and no later account carries: found by the night, carried by a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flux.models import CarriedOver, Ledger
from flux.operations.carry_over import carry_from_before, not_carried
from flux.queries.audit import Check, Difference
from flux.queries.uncarried import to_read
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal


def lost_dues(today: date) -> Iterator[Difference]:
    """What the accounts of this year and of the last do not carry of the latest year before them, holder by holder;
    and those of every year that came after a year without a unit. Eight queries, and eight for each account that may
    lack something: hardly any in a sound house."""
    pairs = to_read(today)
    read = Ledger.objects.select_related("landlord", "departement").in_bulk({pk for pair in pairs for pk in pair})
    for after, before in pairs:
        carried = (
            CarriedOver.objects.filter(ledger=after, opening=None, absorption=None)
            .order_by()
            .values_list("holder", "amount")
        )
        given: dict[int, int] = {}
        for holder, amount in carried:
            given[holder] = given.get(holder, 0) + amount
        for row in not_carried(before=read[before], ledger=read[after]):
            found = given.get(row.holder_id, 0)
            yield Difference(
                after, Check.LOST, {"carried": found + row.amount}, {"carried": found}, holder=row.holder_id
            )


@atomic
def carry_lost(*, ledger: int, by: User, on: date) -> list[CarriedOver]:
    """Carry over what this account (id) does not carry yet of the latest year before it. It gives it back by steps, as
    what January carries. `on`: the day of the act.

    Raises Refusal: nothing is missing any more.
    """
    about = Ledger.objects.ordinary().select_related("landlord", "departement").get(pk=ledger)
    rows = carry_from_before(ledger=about, on=on)
    if not rows:
        raise Refusal("Ce compte reprend déjà tout ce que l’année d’avant laisse. Rechargez la page.")
    details = {str(row.holder): [0, row.amount] for row in rows}
    record(about, HistoryEntry.Act.RECORDED, by=by, why="Report manquant, trouvé par un contrôle.", details=details)
    return rows
