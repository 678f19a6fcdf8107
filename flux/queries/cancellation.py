"""What cancelling a vacancy takes back, and which vacancy took its place."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from flux.models import FlowEntry, Ledger, Vacancy
from flux.queries.account import SUMS, AccountFigures
from reservations.models import Membership, ReservationHolder


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What one holder loses, or gets back, in one ledger: `due` in millionths of a unit, `received` in whole units."""

    ledger: Ledger
    holder: ReservationHolder
    due: int
    received: int


def taken_back(vacancy: Vacancy) -> list[TakenBack]:
    """What a cancellation would write now, by ledger, then by holder, the landlord last. Three queries at most."""
    rows = FlowEntry.objects.filter(vacancy=vacancy).order_by().values("ledger", "holder").annotate(**SUMS)
    read = [(row["ledger"], row["holder"], AccountFigures.of(row)) for row in rows]
    ledgers = Ledger.objects.select_related("landlord__organisation", "departement").in_bulk({row[0] for row in read})
    holders = ReservationHolder.objects.select_related("organisation").in_bulk({row[1] for row in read})
    found = [
        TakenBack(ledgers[ledger], holders[holder], -figures.due, -figures.received)
        for ledger, holder, figures in read
        if figures.due or figures.received
    ]
    return sorted(
        found,
        key=lambda each: (each.ledger.kind, each.ledger.pk, each.holder.is_not_reserved, each.due, str(each.holder)),
    )


@dataclass(frozen=True, slots=True)
class Kin:
    """The declarations of the same departure that a person may read: what this one `replaces`, and what replaced it."""

    replaces: Vacancy | None
    replaced_by: Vacancy | None


def kin(vacancy: Vacancy, member: Membership) -> Kin:
    """Read them. One query, none for a vacancy that neither replaces nor was replaced."""
    replaced = vacancy.cancellation == Vacancy.Cancellation.RECLASSIFIED or vacancy.closed_on is not None
    if vacancy.replaces_id is None and not replaced:
        return Kin(None, None)
    seen = Vacancy.declared.visible_to(member).filter(Q(pk=vacancy.replaces_id or 0) | Q(replaces=vacancy))
    found = list(seen.order_by("pk"))
    return Kin(
        next((each for each in found if each.pk == vacancy.replaces_id), None),
        next((each for each in found if each.replaces_id == vacancy.pk), None),
    )
