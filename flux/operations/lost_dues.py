"""What a year left due and no later account carries: found by the night, carried by a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from flux.models import CarriedOver, Ledger
from flux.operations.carry_over import carry_over, not_carried
from flux.queries.audit import Check, Difference
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal


def lost_dues(today: date) -> Iterator[Difference]:
    """What the accounts of this year and of the last do not carry of the latest year before them, holder by holder;
    and those of every year that came after a year without a unit. Seven queries an account."""
    opened = Ledger.objects.ordinary().select_related("landlord", "departement").order_by("pk")
    for ledger in opened.filter(exercise__lte=today.year).iterator():
        before = latest_before(ledger)
        if before is None or (ledger.exercise < today.year - 1 and before.exercise == ledger.exercise - 1):
            continue
        for row in not_carried(before=before, ledger=ledger):
            carried = sum(
                CarriedOver.objects.filter(ledger=ledger, holder=row.holder_id, opening=None)
                .order_by()
                .values_list("amount", flat=True)
            )
            expected, found = {"carried": carried + row.amount}, {"carried": carried}
            yield Difference(ledger.pk, Check.LOST, expected, found, holder=row.holder_id)


def latest_before(ledger: Ledger) -> Ledger | None:
    """The account of the latest year before, of the same landlord and département; None for the first."""
    same = Q(landlord=ledger.landlord_id, departement=ledger.departement_id, exercise__lt=ledger.exercise)
    found = Ledger.objects.ordinary().select_related("landlord", "departement").filter(same)
    return found.order_by("-exercise").first()


@atomic
def carry_lost(*, ledger: int, by: User) -> list[CarriedOver]:
    """Carry over what this account (id) does not carry yet of the latest year before it. It gives it back by steps, as
    what January carries.

    Raises Refusal: nothing is missing any more.
    """
    about = Ledger.objects.ordinary().select_related("landlord", "departement").get(pk=ledger)
    before = latest_before(about)
    wanted = [ledger, *([before.pk] if before else [])]
    held = in_order(Ledger.objects.filter(pk__in=wanted)).select_related("landlord", "departement").in_bulk()
    older, newer = (held[before.pk] if before else None), held[ledger]
    rows = carry_over(before=older, ledger=newer) if older else []
    if not rows:
        raise Refusal("Ce compte reprend déjà tout ce que l’année d’avant laisse. Rechargez la page.")
    details = {str(row.holder): [0, row.amount] for row in rows}
    record(newer, HistoryEntry.Act.RECORDED, by=by, why="Report manquant, trouvé par un contrôle.", details=details)
    return rows
