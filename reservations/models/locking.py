"""The one order in which acts lock what they share (docs/locks.md).

Two acts that take the same rows in the same order never wait for each other in a circle. The order is by what is
locked: an act that holds a row of one line of `ORDER` takes afterwards rows of that line and of those below only.
Several rows of one table are taken in the order of columns that are the same in every installation, and not by id: the
account of 2025 may have been opened after that of 2026.
"""

from __future__ import annotations

from django.db.models import Model, QuerySet

#: What is locked, first to last: the table, the order of its rows, and whether the lock leaves their key alone (rows
#: that name them may then be written meanwhile).
ORDER: dict[str, tuple[tuple[str, ...], bool]] = {
    "reservations.FileImport": (("pk",), True),
    "flux.StockTransfer": (("pk",), True),
    "reservations.Landlord": (("pk",), True),
    "attributions.CommitteeSession": (("pk",), True),
    "attributions.AnnualBalance": (("landlord_id", "departement_id", "exercise"), False),
    "reservations.Convention": (("pk",), False),
    "flux.Unit": (("pk",), True),
    "reservations.StockRight": (("pk",), True),
    "flux.StockAssignment": (("pk",), True),
    "flux.Programme": (("pk",), True),
    # The oldest year first: what moves it moves those that carry it. First lettings come before the yearly percentages,
    # which may count them.
    "flux.Ledger": (("landlord_id", "departement_id", "exercise", "kind"), False),
    "flux.FlowCount": (("month", "kind", "exclusion"), True),
    "flux.Vacancy": (("pk",), True),
    "flux.Routing": (("pk",), False),
    "attributions.Lease": (("pk",), False),
    "attributions.Application": (("pk",), True),
}


def in_order[M: Model](rows: QuerySet[M], *, skip_locked: bool = False) -> QuerySet[M]:
    """These rows, locked as they are read, in the one order. The only way to lock a row of a table of `ORDER`.

    Raises KeyError for a table that has no place in it: it is given one, and its line in docs/locks.md.
    """
    columns, leaves_key = ORDER[rows.model._meta.label]
    return rows.select_for_update(of=("self",), no_key=leaves_key, skip_locked=skip_locked).order_by(*columns)
