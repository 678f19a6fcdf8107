"""What was settled of the units that preceded the signature of a convention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet

from flux.models import Ledger, SettledDue
from reservations.models import Convention, ReservationHolder


def settled_of(convention: Convention) -> list[SettledDue]:
    """What a convention settled for its holders. One query."""
    rows = _read().filter(convention=convention, entry__quantity__gt=0)
    return list(rows)


def settled_in(ledger: Ledger, *, on: date) -> list[SettledDue]:
    """What was settled by a day in one account, for each holder. One query."""
    return list(_read().filter(entry__ledger=ledger, entry__on__lte=on, entry__quantity__gt=0))


def settled_for(ledger: Ledger, holder: ReservationHolder, *, on: date) -> Sequence[SettledDue]:
    """The same in the line of one holder, what nobody reserves included, which gave it. One query."""
    return list(_read().filter(entry__ledger=ledger, entry__holder=holder, entry__on__lte=on))


def _read() -> QuerySet[SettledDue]:
    return SettledDue.objects.select_related(
        "convention__organisation",
        "convention__perimeter",
        "entry__holder__organisation",
        "entry__ledger__landlord__organisation",
        "entry__ledger__departement",
    ).order_by("pk")
